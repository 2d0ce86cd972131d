# The guests side by side: what boots a program in each.
#
#   rumprun    the program baked with today's kernel
#   ring3      the same in ring 3, apart from the kernel
#   linux      Debian's cloud kernel; the program in its initramfs
#   trivial    no program: what QEMU and its firmware take by themselves
package Bench::Guests;
use strict;
use warnings;
use JSON::PP;
use Bench::Qemu;

# MiB, where the amount is not what is measured: enough for every guest.
use constant MEMORY => 256;

our @kinds = qw(rumprun ring3 linux trivial);

# net: a Bench::Net; out: the folder with images; tmp: for what one run writes.
sub new {
    my ($class, %o) = @_;
    return bless {%o, count => 0}, $class;
}

# Boots a program, [name, argument...], in a guest of a kind.
#
#   config         rumprun: the configuration it is baked with, or hw_virtio
#   ports          the network is there, and these ports are asked
#   disk, mount    an ISO image, and where to mount it
#   memory, machine, cpus      as for Bench::Qemu
sub boot {
    my ($self, $kind, $program, %o) = @_;
    my $log = "$self->{tmp}/kernel." . $self->{count}++ . '.log';
    my $of = $self->can("of_$kind") or die "bench: no guest '$kind'\n";
    return Bench::Qemu->start(
        memory => MEMORY,
        (map { defined $o{$_} ? ($_ => $o{$_}) : () }
              qw(memory machine cpus disk)),
        ($o{ports} ? (netdev => $self->{net}->netdev(@{$o{ports}})) : ()),
        log => $log,
        $of->($self, $program, %o)
    );
}

sub of_trivial {
    my ($self) = @_;
    return (kernel => "$self->{out}/trivial");
}

# The document of core/PROTOCOL.md, 4.
sub of_rumprun {
    my ($self, $program, %o) = @_;
    my ($name) = @$program;
    my $net = $self->{net};
    my %document = (cmdline => [map { "$_" } @$program]);
    $document{net} = [{
        if => 'vioif0', type => 'inet', method => 'static',
        addr => $net->{guest}, mask => '24',
        ($net->{gateway} ? (gw => $net->{gateway}) : ())
    }] if $o{ports};
    $document{blk} = [{
        source => 'dev', path => 'ld0', fstype => 'blk',
        mountpoint => $o{mount}
    }] if $o{disk};
    my $path = "$self->{tmp}/document.json";
    open(my $f, '>', $path) or die "$path: $!\n";
    print $f encode_json(\%document);
    close $f or die "$path: $!\n";
    my $config = $o{config} || 'hw_virtio';
    return (kernel => "$self->{out}/$name.$config.bin", initrd => $path);
}

sub of_ring3 {
    my ($self, $program, %o) = @_;
    return $self->of_rumprun($program, %o, config => 'hw_virtio_ring3');
}

# A program that needs neither network nor disk nor arguments is init itself:
# nothing else would be of use to it.
sub of_linux {
    my ($self, $program, %o) = @_;
    my $net = $self->{net};
    my $bare = "@$program" eq 'hello' && !$o{ports} && !$o{disk};
    my $append = 'console=ttyS0 quiet panic=-1 rdinit=/init';
    if (!$bare) {
        $append .= ' ADDR=' . $net->prefixed if $o{ports};
        $append .= " GATEWAY=$net->{gateway}" if $o{ports} && $net->{gateway};
        $append .= " DISK=$o{mount}" if $o{disk} && !$o{in_initramfs};
        my ($name, @args) = @$program;
        $append .= " -- /bin/$name @args";
    }
    return (
        kernel => "$self->{out}/linux/vmlinuz",
        initrd => "$self->{out}/linux/" . ($bare ? 'hello' : 'full') . '.cpio',
        append => $append
    );
}

1;
