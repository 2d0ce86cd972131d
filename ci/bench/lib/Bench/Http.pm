# Asking the servers in the guests.
package Bench::Http;
use strict;
use warnings;
use Exporter 'import';
use Errno qw(EINPROGRESS);
use FindBin;
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Bench::Qemu;

our @EXPORT_OK = qw(await_page load);

# Between two questions, while nobody answers yet, the guest shall get so many CPU
# seconds, or at least these seconds by the clock: each question costs it something,
# and on a busy host there would be too many of them.
use constant {PAUSE_CPU => 0.004, PAUSE_WALL => 0.05, GLANCE => 0.001};
# What a question may take before it is asked anew: QEMU's user network takes
# connections before there is a guest, and only asks it again after seconds.
use constant PATIENCE => 0.05;

# One GET; the status line, or '' if there is no answer in time.
sub ask {
    my ($address, $port) = @_;
    my $s = IO::Socket::INET->new(
        PeerAddr => $address, PeerPort => $port, Proto => 'tcp', Blocking => 0
    ) or return '';
    my $end = Bench::Qemu::now() + PATIENCE;
    IO::Select->new($s)->can_write(PATIENCE) or return '';
    return '' unless defined $s->peername;
    syswrite $s, "GET / HTTP/1.1\r\nHost: guest\r\nConnection: close\r\n\r\n"
      or return '';
    my $text = '';
    while ($text !~ /\r\n/) {
        my $left = $end - Bench::Qemu::now();
        return '' if $left <= 0 || !IO::Select->new($s)->can_read($left);
        sysread($s, $text, 65536, length $text) or return '';
    }
    return $text =~ /^([^\r]*)/ ? $1 : '';
}

sub pause {
    my ($guest) = @_;
    my $from = $guest->cost;
    my $past;
    do {
        select undef, undef, undef, GLANCE;
        $past = Bench::Qemu::between($from, $guest->cost);
    } until $past->{cpu} >= PAUSE_CPU || $past->{wall} >= PAUSE_WALL;
}

# Asks until the first page comes; the guest's cost until then.
sub await_page {
    my ($guest, $address, $port, $seconds) = @_;
    my $end = Bench::Qemu::now() + $seconds;
    while (Bench::Qemu::now() < $end) {
        my $status = ask($address, $port);
        if ($status =~ /^HTTP\/1\.1 200 /) {
            return $guest->cost;
        }
        $guest->fail("answered: $status") if $status;
        $guest->alive or $guest->fail('ended before it answered');
        pause($guest);
    }
    $guest->fail("no page within $seconds s");
}

# wrk against the guest: requests, their wall seconds, percentiles of the latency
# in seconds, and the CPU seconds that QEMU took for them.  A request that failed is
# a failed run: it would have cost less.
#
#   connections, seconds, close (a new connection for each request), path
sub load {
    my ($guest, $address, $port, %o) = @_;
    my @command = ('wrk', '-t1', "-c$o{connections}", "-d$o{seconds}s",
        '--timeout', '20s', ($o{close} ? ('-H', 'Connection: close') : ()),
        '-s', "$FindBin::Bin/wrk.lua",
        "http://$address:$port" . ($o{path} || '/'));
    my $before = $guest->cost;
    open(my $wrk, '-|', @command) or die "wrk: $!\n";
    my $text = do { local $/; <$wrk> };
    close $wrk;
    my $cost = Bench::Qemu::between($before, $guest->cost);
    $guest->fail("wrk ended with status $?: $text") if $?;
    my ($json) = $text =~ /^(\{.*\})$/m
      or $guest->fail("wrk said no figures: $text");
    my $r = decode_json($json);
    $guest->fail("$r->{errors} of $r->{requests} requests failed: $json")
      if $r->{errors};
    $guest->fail('no request was answered') unless $r->{requests};
    return {%$r, cpu => $cost->{cpu}};
}

1;
