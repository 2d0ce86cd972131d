# A guest in QEMU, and what it costs.
#
# All guests get the same machine, devices and back-ends; only the kernel, its
# initial RAM disk and its command line differ.
package Bench::Qemu;
use strict;
use warnings;
use File::Basename qw(dirname);
use IO::Select;
use lib dirname(__FILE__) . '/../../../../core/test';
use Kvm qw(kvm_usable);
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(CLOCK_MONOTONIC);

use constant QEMU => $ENV{BENCH_QEMU} || 'qemu-system-x86_64';
# A guest that takes no more than this in so many seconds sleeps.
use constant {IDLE_CPU => 0.02, IDLE_WALL => 10};
our $mac = '52:54:00:12:34:56';

sub now { return Time::HiRes::clock_gettime(CLOCK_MONOTONIC) }

# CPU seconds, user and system, of all threads of a process, also of those that
# have ended: its CPU clock, to the nanosecond where /proc/PID/stat has ticks of 10
# ms.  The clock's number is what clock_getcpuclockid(3) gives.
sub cpu_seconds {
    my ($pid) = @_;
    use integer;
    my $clock = (~$pid << 3) | 2;
    no integer;
    return Time::HiRes::clock_gettime($clock);
}

sub accelerator {
    return $ENV{BENCH_ACCEL} || (kvm_usable() ? 'kvm' : 'tcg');
}

sub machine_arguments {
    my ($machine) = @_;
    return ('-machine', $machine) if $machine ne 'microvm';
    return ('-machine',
        'microvm,acpi=off,pic=on,pit=on,rtc=on,pcie=off,isa-serial=on,' .
          'auto-kernel-cmdline=off',
        '-global', 'virtio-mmio.force-legacy=false');
}

# The command that boots a guest.
#
#   kernel, initrd, append    what it is
#   memory                    MiB
#   machine, cpus             pc and 1 if not given
#   netdev                    QEMU's -netdev without its id, if it has a network
#   disk                      an image, read-only
#   log                       file for the debug console
sub command {
    my (%o) = @_;
    my $accel = accelerator();
    # A comma within an option's value is doubled.
    my $file = sub { $_[0] =~ s/,/,,/gr };
    return (
        QEMU, machine_arguments($o{machine} || 'pc'),
        '-accel', $accel, '-cpu', $accel eq 'kvm' ? 'host,arch-capabilities=off' : 'max',
        '-smp', $o{cpus} || 1, '-m', "$o{memory}M", '-nodefaults',
        '-no-user-config', '-no-reboot', '-display', 'none',
        '-kernel', $o{kernel},
        ($o{initrd} ? ('-initrd', $file->($o{initrd})) : ()),
        (defined $o{append} ? ('-append', $o{append}) : ()),
        '-chardev', 'stdio,id=com1,signal=off', '-serial', 'chardev:com1',
        '-chardev', 'file,id=log,path=' . $file->($o{log}),
        '-device', 'isa-debugcon,iobase=0xe9,chardev=log',
        '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
        ($o{disk} ? (
            '-blockdev', 'driver=raw,node-name=ld0,read-only=on,' .
              'file.driver=file,file.filename=' . $file->($o{disk}),
            '-device', 'virtio-blk-pci,disable-legacy=on,drive=ld0,serial=ld0'
        ) : ()),
        ($o{netdev} ? (
            '-netdev', "$o{netdev},id=net0",
            '-device', "virtio-net-pci,disable-legacy=on,romfile=,netdev=net0,mac=$mac"
        ) : ())
    );
}

# Starts QEMU; the clock of the guest's life begins right before.
sub start {
    my ($class, %o) = @_;
    my @command = command(%o);
    my $self = bless {
        console => '', shown => '', log => $o{log}, command => "@command",
    }, $class;
    pipe(my $out, my $shows) or die "pipe: $!\n";
    pipe(my $typed, my $in) or die "pipe: $!\n";
    $self->{begin} = now();
    my $pid = fork;
    die "fork: $!\n" unless defined $pid;
    if (!$pid) {
        open(STDIN, '<&', $typed);
        open(STDOUT, '>&', $shows);
        open(STDERR, '>&', $shows);
        exec {$command[0]} @command or
          print STDERR "$command[0]: $!\n";
        POSIX::_exit(127);
    }
    close $_ for $typed, $shows;
    @$self{qw(pid out in)} = ($pid, $out, $in);
    return $self;
}

# What the guest has cost so far.
sub cost {
    my ($self) = @_;
    return {cpu => cpu_seconds($self->{pid}), wall => now() - $self->{begin}};
}

# The cost between two calls of cost().
sub between {
    my ($before, $after) = @_;
    return {map { $_ => $after->{$_} - $before->{$_} } qw(cpu wall)};
}

# Waits until the console shows the pattern, and returns what the guest has cost
# until then and, as {match}, the pattern's first group; undef after so many seconds.
# What is shown up to there is seen only once.  Dies if the guest ends before.
sub seen {
    my ($self, $pattern, $seconds) = @_;
    my $end = now() + $seconds;
    my $select = IO::Select->new($self->{out});
    for (;;) {
        if ($self->{console} =~ /$pattern/) {
            my ($match, $until) = ($1, $+[0]);
            my $cost = $self->cost;
            $self->{shown} .= substr $self->{console}, 0, $until, '';
            return {%$cost, match => $match};
        }
        my $left = $end - now();
        return if $left <= 0;
        next unless $select->can_read($left);
        my $n = sysread $self->{out}, $self->{console}, 65536,
          length $self->{console};
        $self->fail("ended before it showed: $pattern") unless $n;
    }
}

# The same, but dies after so many seconds.
sub expect {
    my ($self, $pattern, $seconds) = @_;
    return $self->seen($pattern, $seconds)
      // $self->fail("not seen within $seconds s: $pattern");
}

# Whether nothing more is to be hoped for: the guest has taken so many CPU seconds,
# or none for a while.  On a busy host this says what wall time cannot.
sub hopeless {
    my ($self, $cpu) = @_;
    my $cost = $self->cost;
    my $mark = $self->{mark} //= $cost;
    $self->{mark} = $cost if $cost->{cpu} - $mark->{cpu} > IDLE_CPU;
    return $cost->{cpu} > $cpu
      || $cost->{wall} - $self->{mark}{wall} > IDLE_WALL;
}

# On the guest's keyboard: its serial port.
sub type {
    my ($self, $text) = @_;
    local $SIG{PIPE} = 'IGNORE';
    syswrite($self->{in}, $text) or $self->fail('takes no input');
}

# Takes what the console has, without waiting; true if the guest still runs.
sub alive {
    my ($self) = @_;
    while (IO::Select->new($self->{out})->can_read(0)) {
        sysread($self->{out}, $self->{console}, 65536,
            length $self->{console}) or return 0;
    }
    return 1;
}

sub stop {
    my ($self) = @_;
    return unless $self->{pid};
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    delete $self->{pid};
    close $_ for @$self{qw(out in)};
}

# Dies with the reason, the console's last lines and the kernel's.
sub fail {
    my ($self, $why) = @_;
    $self->stop;
    my $log = '';
    if (open(my $f, '<', $self->{log})) {
        local $/;
        $log = <$f>;
    }
    my $text = $self->{shown} . $self->{console};
    my $tail = join '', map { "    $_\n" }
      grep { defined } (split /\r?\n/, "$text\n$log")[-15 .. -1];
    die "$why\n  console:\n$tail  command: $self->{command}\n";
}

sub DESTROY { local $?; $_[0]->stop }

1;
