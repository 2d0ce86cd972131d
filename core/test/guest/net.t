#!/usr/bin/perl
# Over the virtual network: a guest that serves, a guest that calls.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use IO::Select;
use IO::Socket::INET;
use Socket qw(SO_RCVBUF);
use Test::More;

# ---- the guest calls a server on the host ----

my $tcp = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die;
my $port = $tcp->sockport;
my $udp = IO::Socket::INET->new(Proto => 'udp', LocalAddr => "127.0.0.1:$port") or die;
my $closed = do {
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
    $s->sockport;
};

sub talk {
    my ($c) = @_;
    binmode $c;
    while (defined(my $line = <$c>)) {
        if ($line =~ /^upper (.*)\n/) {
            print $c uc($1) . "      \n";
        } elsif ($line =~ /^stream (\d+)/) {
            my $data = join '', map { chr($_ * 3 & 255) } 0 .. 9999;
            print $c $data for 1 .. $1 / 10000;
        } elsif ($line =~ /^count (\d+)/) {
            my ($n, $buf) = ($1, '');
            read($c, $buf, $n);
            print $c length($buf) . "\n";
        }
        $c->flush;
    }
}

my $server = fork;
if (!$server) {
    my $answers = fork;
    if (!$answers) {
        while (defined(my $from = $udp->recv(my $data, 2000))) {
            $udp->send("got $data", 0, $from);
        }
        exit;
    }
    $SIG{TERM} = sub { kill 'TERM', $answers; exit };
    while (my $c = $tcp->accept) { talk($c); close $c }
    exit;
}
differential(
    'client',
    args        => ['10.0.2.2', $port, $closed],
    native_args => ['127.0.0.1', $port, $closed],
    opts        => ['-I', 'if0,vioif', '-W', 'if0,inet,dhcp']
);
kill 'TERM', $server;
waitpid $server, 0;

# ---- the guest serves ----

sub free_port {
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
    return $s->sockport;
}

sub curl {
    my ($url, @more) = @_;
    my $r = run(['curl', '-s', '--max-time', '60', '--retry', '30', '--retry-delay', '1',
        '--retry-connrefused', '--retry-all-errors', @more, $url]);
    return $r->{out};
}

for my $case (['hw_virtio', 'pc'], ['hw_virtio', 'q35'], ['hw_microvm', 'microvm']) {
    my ($config, $machine) = @$case;
    my $p = free_port();
    my $pid = fork;
    if (!$pid) {
        my $r = guest('httpd', config => $config, machine => $machine,
            opts => ['--publish', "127.0.0.1:$p:80"]);
        open(my $o, '>', scratch() . '/httpd.end') or die;
        print $o "$r->{status}\n$r->{out}$r->{err}";
        close $o;
        POSIX::_exit(0);
    }
    my $page = join '', map { chr(65 + $_ % 26) } 0 .. 611;
    is(curl("http://127.0.0.1:$p/"), $page, "$machine: page");
    my $big = curl("http://127.0.0.1:$p/5000000");
    is(length $big, 5000000, "$machine: 5 MB");
    is($big, substr(('abcdefghijklmnopqrstuvwxyz' x 192308), 0, 5000000),
        "$machine: byte for byte");
    is(curl("http://127.0.0.1:$p/echo", '--data-binary', 'x' x 12000), 'x' x 12000,
        "$machine: posted");
    my @many = map { "http://127.0.0.1:$p/$_" } 1 .. 200;
    my $all = run(['curl', '-s', '--max-time', '60', @many]);
    is(length $all->{out}, 200 * 201 / 2, "$machine: 200 requests on one connection");
    curl("http://127.0.0.1:$p/quit", '--retry', 0);
    waitpid $pid, 0;
    my $end = slurp(scratch() . '/httpd.end');
    like($end, qr/^0\nlistening\nquit\n$/, "$machine: clean end") or diag($end);
}

# ---- name servers of all interfaces, in their order ----

my @static = ('-I', 's,if0', '-W', 's,inet,static,10.0.7.15/24,10.0.7.2');
my @dhcp = ('-I', 'd,if1', '-W', 'd,inet,dhcp');
for my $case ([@static, @dhcp], [@dhcp, @static]) {
    my $r = guest('show_file', args => ['/etc/resolv.conf'], opts => $case);
    my @want = ("nameserver 10.0.7.3\n", "nameserver 10.0.2.3\n");
    @want = reverse @want if $case->[1] eq 'd,if1';
    is($r->{out}, join('', @want), "name servers, $case->[1] first");
}

# ---- nobody answers for the address, or for the gateway's ----

my $far = scratch() . '/far.json';
open(my $c, '>', $far) or die;
print $c '{"net": [{"if": "if0", "type": "inet", "method": "static",
    "addr": "10.0.2.15", "mask": "24", "gw": "10.0.2.99"}]}';
close $c;
for my $case (['10.0.2.99', '-W', 'd,inet,dhcp'], ['1.2.3.4', '--config', $far]) {
    my ($ip, @how) = @$case;
    my $r = guest('dial', args => [$ip, 80], opts => ['-I', 'd,if0', @how]);
    is($r->{out}, "connect: Host is unreachable\nsoon: 1\n",
        "no neighbour on the way to $ip");
}

# ---- what a program has sent arrives, though it has ended ----

# A server for one connection: reads with a pause first, or not at all; how much came.
sub sink {
    my ($reads) = @_;
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
    # Little, so that much stays in the guest.
    $s->sockopt(SO_RCVBUF, 4096);
    my $pid = open(my $from, '-|') // die;
    return ($s->sockport, $from, $pid) if $pid;
    my $c = $s->accept;
    my $n = 0;
    sleep($reads ? 1 : 600);
    while (my $k = sysread($c, my $buf, 65536)) {
        $n += $k;
    }
    print "$n\n";
    POSIX::_exit(0);
}

my @static_net = ('-I', 's,if0', '-W', 's,inet,static,10.0.2.15/24,10.0.2.2');
for my $n (1, 100_000, 3_000_000) {
    my ($p, $from) = sink(1);
    my $r = guest('last_words', args => ['tcp', '10.0.2.2', $p, $n], opts => \@static_net);
    is("$r->{status} $r->{err}", '0 ', "$n bytes, and the end");
    is(<$from>, "$n\n", "$n bytes arrived");
}

# Its neighbour's address is not known yet.
my $words = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die;
guest('last_words', args => ['udp', '10.0.2.2', $words->sockport, 1000], opts => \@static_net);
my $datagram = '';
$words->recv($datagram, 2000) if IO::Select->new($words)->can_read(60);
is(length $datagram, 1000, 'a datagram, and the end');

# Nobody takes it: the guest does not wait for ever, and says so.
my ($p, $from, $pid) = sink(0);
my $r = guest('last_words', args => ['tcp', '10.0.2.2', $p, 3_000_000], opts => \@static_net);
kill 'TERM', $pid;
is($r->{status}, 0, 'bytes that nobody takes: status');
like($r->{err}, qr/^rumprun: \d+ bytes that programs sent were not taken .*; connections: 1$/,
    'bytes that nobody takes: said');

done_testing();
