#!/usr/bin/perl
# Over a tap device, where checksums and the cutting of segments are left to the
# device, as QEMU's user network does not: both ways, byte for byte.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use IO::Socket::IP;
use Socket qw(SHUT_WR);
use Tap;
use Test::More;

my %there = (IPv4 => '10.78.0.2', IPv6 => 'fd78::2');
tap_namespace('10.78.0.1/24', 'fd78::1/64 nodad');

# Numbers that differ, so that nothing can be in another's place.
my $data = join '', map { pack 'N', $_ * 2654435761 & 0xffffffff } 1 .. 1_500_000;

sub connected {
    my ($address) = @_;
    for (1 .. 600) {
        my $s = IO::Socket::IP->new(PeerHost => $address, PeerPort => 7);
        return $s if $s;
        select undef, undef, undef, 0.1;
    }
    die "no connection to $address\n";
}

# What comes back for the data.
sub mirrored {
    my ($s) = @_;
    my $back = '';
    print $s $data;
    $s->flush;
    shutdown $s, SHUT_WR;
    while (sysread $s, $back, 1 << 20, length $back) { }
    return $back;
}

# What the tap device has seen of the guest's frames, and of ours.
sub counts {
    return map { [split] } `ip -s link show rr0` =~ /^\s+(\d+\s+\d+)\s+0/mg;
}

my @both = ('-W', "if0,inet,static,$there{IPv4}/24", '-W', "if0,inet6,static,$there{IPv6}/64");
my $guest = fork;
if (!$guest) {
    my $r = guest('mirror', args => [2], opts => [@tap, @both]);
    print STDERR $r->{err} if $r->{status};
    POSIX::_exit($r->{status});
}
for my $version (qw(IPv4 IPv6)) {
    my $s = connected($there{$version});
    my @before = counts();
    ok(mirrored($s) eq $data, "$version: all comes back as it was");
    my @after = counts();
    for my $way ([0, 'from'], [1, 'to']) {
        my ($bytes, $frames) =
          map { $after[$way->[0]][$_] - $before[$way->[0]][$_] } 0, 1;
        cmp_ok($bytes, '>', 2 * 1514 * $frames,
            "$version: segments are joined on the way $way->[1] the guest");
    }
}
waitpid $guest, 0;
is($?, 0, 'clean end');

# We forward nothing: SYNs to other networks are lost.
spew('/proc/sys/net/ipv4/ip_forward', '0');
socket(my $frames, 17, 3, 0x0008) or die "AF_PACKET: $!\n"; # SOCK_RAW, ETH_P_IP
my $r = guest('dial', args => ['10.80.0.9', 9, 2], opts => [@tap, '-W',
        "if0,inet,static,$there{IPv4}/24,10.78.0.1"]);
like($r->{out}, qr/^connect: .*timed out/m, 'connect to nobody');
my $syns = 0;
while (defined recv $frames, my $frame, 2048, 0x40) { # MSG_DONTWAIT
    my ($protocol, $port, $flags) = unpack 'x23 C x12 n x9 C', $frame;
    $syns++ if $protocol == 6 && $port == 9 && $flags == 2;
}
is($syns, 3, 'TCP_SYNCNT: so many SYNs after the first');
done_testing();
