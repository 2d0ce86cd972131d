#!/usr/bin/perl
# Many short connections, from fewer ports than there are connections; then a flood of
# SYNs from addresses that nobody has.  All that ask are served, and memory is
# what it was.
#
#	CONNECTIONS=50000  how many
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../core/test/guest";
use Guest;
use Socket;
use Tap;
use Test::More;

my $connections = $ENV{CONNECTIONS} // 50_000;

my ($here, $there) = qw(10.78.0.1 10.78.0.2);
tap_namespace("$here/24");
# The same port comes again while the guest has its last connection in TIME-WAIT.
my ($first_port, $ports) = (40_000, 2000);
spew('/proc/sys/net/ipv4/ip_local_port_range', "$first_port " . ($first_port + $ports - 1));

my $guest = fork;
if (!$guest) {
    my $r = guest('httpd', memory => 32, limit => 3600, opts => [
        @tap, '-W', "if0,inet,static,$there/24,$here"
    ]);
    print STDERR $r->{err};
    POSIX::_exit($r->{status} || $r->{err} ne '');
}

# What the guest answers; undef if it did not.
sub ask {
    my ($path) = @_;
    socket(my $s, AF_INET, SOCK_STREAM, 0) or die;
    connect($s, pack_sockaddr_in(80, inet_aton($there))) or return;
    syswrite $s, "GET $path HTTP/1.0\r\n\r\n" or return;
    my $answer = '';
    while (1) {
        my $n = sysread $s, $answer, 65536, length $answer;
        return unless defined $n;
        last unless $n;
    }
    return $answer =~ /\r\n\r\n(.*)/s ? $1 : undef;
}

# Pages in use, and connections by state (include/net/tcp_states.h of Linux).
sub pages {
    my %p = (ask('/proc/rumprun/pages') // '') =~ /^(\w+) (\d+)$/mg;
    return $p{total} - $p{free};
}
sub in_state {
    my ($state) = @_;
    return scalar(() = (ask('/proc/net/tcp') // '') =~ /^\s*\d+: \S+ \S+ $state /mg);
}

for (1 .. 600) {
    last if defined ask('/');
    select undef, undef, undef, 0.1;
}

sub many {
    my ($n) = @_;
    my $failed = 0;
    for (1 .. $n) {
        $failed++ if length(ask('/') // '') != 612;
    }
    return $failed;
}

# ---- short connections ----

is(many(2 * $ports), 0, 'each port twice: all served');
my $before = pages();
is(many($connections), 0, "$connections connections: all served");
my $waiting = in_state('06');
cmp_ok($waiting, '>', 0, 'some are in TIME-WAIT');
cmp_ok($waiting, '<=', $ports, 'one for each port at most');
# A few slabs that are partly used.
cmp_ok(pages(), '<=', $before + 64, 'and they leave nothing') or diag("before: $before");

# ---- a flood ----

sub checksum {
    my $sum = unpack '%32n*', $_[0];
    $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
    return ~$sum & 0xffff;
}

# RFC 9293, 3.1, behind the header of RFC 791, 3.1.
sub syn {
    my ($from) = @_;
    my ($src, $dst) = (inet_aton($from), inet_aton($there));
    my @tcp = (1024 + rand 60_000, 80, rand 2**32, 0, 5 << 12 | 2, 65535);
    my $tcp = pack 'nnNNnnnn', @tcp, 0, 0;
    my $sum = checksum($src . $dst . pack('nn', 6, length $tcp) . $tcp);
    my $ip = pack 'nnnnnna4a4', 0x4500, 20 + length $tcp, 0, 0, 64 << 8 | 6, 0, $src, $dst;
    return $ip . pack 'nnNNnnnn', @tcp, $sum, 0;
}

my $flood = fork;
if (!$flood) {
    socket(my $raw, AF_INET, SOCK_RAW, 255) or die "raw socket: $!"; # IPPROTO_RAW
    my $to = pack_sockaddr_in(0, inet_aton($there));
    # As fast as it can, it would fill the device's queue, and test nothing else.
    while (1) {
        send $raw, syn(join '.', 172, 16 + int rand 16, int rand 256, 1 + int rand 254), 0, $to
          for 1 .. 20;
        select undef, undef, undef, 0.02;
    }
}
my $half_open = 0;
for (1 .. 6000) {
    $half_open = in_state('03');
    last if $half_open >= 1000;
    select undef, undef, undef, 0.01;
}
cmp_ok($half_open, '>=', 1000, 'a flood of SYNs: connections half open');
is(many(500), 0, 'all that ask are served meanwhile');
cmp_ok(in_state('03'), '<=', 1024, 'no more half open than the backlog');
# Each has a socket and a pcb, less than a page together.
cmp_ok(pages(), '<=', $before + 1024 + 64, 'and memory for no more')
  or diag("before: $before");
kill 'KILL', $flood;
waitpid $flood, 0;
is(many(100), 0, 'all is well afterwards');
ask('/quit');
waitpid $guest, 0;
is($?, 0, 'clean end, and nothing on standard error');
done_testing();
