# The network between the guests and the host.
#
# As root: a tap device in a network namespace of the bench's own, which goes when
# the bench ends.  Otherwise QEMU's user network, with ports of 127.0.0.1 that lead
# into the guest.
package Bench::Net;
use strict;
use warnings;
use Bench::Qemu;
use IO::Socket::INET;

use constant TAP => 'bench0';

# The kind: tap or user.
sub new {
    my ($class, $kind) = @_;
    my $self = bless {kind => $kind, ports => {}}, $class;
    $self->{guest} = $kind eq 'tap' ? '10.77.0.2' : '10.0.2.15';
    $self->{gateway} = $kind eq 'tap' ? '' : '10.0.2.2';
    make_tap($self->{guest}) if $kind eq 'tap';
    return $self;
}

# Root in a container may not do what root does.
sub default_kind {
    return $> == 0 && -w '/dev/net/tun'
      && system('unshare --net true 2>/dev/null') == 0 ? 'tap' : 'user';
}

# Runs this program again in a namespace, with the network's name in the
# environment so that it happens once.
sub enter_namespace {
    return if $ENV{BENCH_NAMESPACE};
    $ENV{BENCH_NAMESPACE} = 1;
    exec 'unshare', '--net', $^X, $0, @ARGV;
    die "bench: unshare, for a network namespace: $!\n";
}

sub make_tap {
    my ($guest) = @_;
    my $mac = $Bench::Qemu::mac;
    for my $command (
        'link set lo up',
        'tuntap add dev ' . TAP . ' mode tap',
        'addr add 10.77.0.1/24 dev ' . TAP,
        'link set ' . TAP . ' up',
        # Nobody waits for an address to be asked for once a second.
        "neigh replace $guest lladdr $mac nud permanent dev " . TAP,
    ) {
        system("ip $command") == 0
          or die "bench: no tap device: 'ip $command' failed; NET=user does" .
          " without\n";
    }
}

# The address with its prefix, for the guest.
sub prefixed { return "$_[0]{guest}/24" }

# QEMU's -netdev for a guest in which these ports are asked (80, or '9/udp').
sub netdev {
    my ($self, @ports) = @_;
    return 'tap,ifname=' . TAP . ',script=no,downscript=no'
      if $self->{kind} eq 'tap';
    my $netdev = 'user';
    for my $port (@ports) {
        my ($number, $protocol) = $port =~ m{^(\d+)(?:/(udp))?$};
        $protocol ||= 'tcp';
        my $free = free_port($protocol);
        $self->{ports}{$port} = $free;
        $netdev .= ",hostfwd=$protocol:127.0.0.1:$free-:$number";
    }
    return $netdev;
}

sub free_port {
    my ($protocol) = @_;
    my $s = IO::Socket::INET->new(
        Proto     => $protocol,
        LocalAddr => '127.0.0.1',
        ($protocol eq 'tcp' ? (Listen => 1) : ())
    ) or die "bench: no free port: $!\n";
    return $s->sockport;
}

# Where the host reaches a port of the guest: address, port.
sub reach {
    my ($self, $port) = @_;
    return ('127.0.0.1', $self->{ports}{$port}) if $self->{kind} eq 'user';
    return ($self->{guest}, $port =~ s{/.*}{}r);
}

1;
