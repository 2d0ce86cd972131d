# A debugger's side of QEMU's gdb stub, for tests that hold processors back (GDB
# manual, Remote Protocol).  Processors are threads there, counted from 1.
package Gdb;
use strict;
use warnings;
use Guest;
use IO::Handle;
use IO::Socket::INET;

sub free_port {
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
      or die "no free port: $!\n";
    return $s->sockport;
}

# Connect to a guest that is being started, by `-p -D PORT'.
sub new {
    my ($class, $port, $image) = @_;
    my $self = bless {in => '', image => $image}, $class;

    until ($self->{socket} = IO::Socket::INET->new(
            PeerAddr => '127.0.0.1', PeerPort => $port)) {
        select(undef, undef, undef, 0.02);
    }
    return $self;
}

sub tell {
    my ($self, $text) = @_;
    my $sum = 0;
    $sum += ord for split //, $text;
    $self->{socket}->printf('+$%s#%02x', $text, $sum & 0xff);
}

# The next packet from it.
sub answer {
    my ($self) = @_;
    my $packet;
    until (($packet) = $self->{in} =~ /\$([^#]*)#../s) {
        sysread($self->{socket}, $self->{in}, 4096, length $self->{in})
          or die "the guest has ended\n";
    }
    $self->{in} =~ s/^[^#]*#..//s;
    return $packet;
}

sub ask {
    my ($self, $text) = @_;
    $self->tell($text);
    return $self->answer;
}

# Those given, or all, go on until one comes to this function of the kernel;
# what then is told (T05thread:...).
sub run_to {
    my ($self, $function, @who) = @_;
    my ($at) = qx(nm $self->{image}) =~ /^0*([0-9a-f]+) [Tt] \Q$function\E$/m
      or die "no $function in $self->{image}\n";
    die "no breakpoint\n" if $self->ask("Z1,$at,1") ne 'OK';
    $self->go(@who);
    my $stop = $self->answer;
    $self->ask("z1,$at,1");
    return $stop;
}

sub go {
    my ($self, @who) = @_;
    $self->tell(@who ? join(';', 'vCont', map { "c:$_" } @who) : 'c');
}

1;
