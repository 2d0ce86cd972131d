#!/usr/bin/perl
# nginx at work: big files in little memory, many connections at once, many
# requests one after the other; and no page of memory lost by any of it.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Digest::SHA qw(sha256_hex);
use IO::Select;
use IO::Socket::INET;
use Nginx;
use PortTest;
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my $requests = $ENV{REQUESTS} || 100_000;

# Bytes that repeat nowhere near, so that no block can stand for another.
sub noise {
    my ($size) = @_;
    my ($text, $n) = ('', 0);
    $text .= Digest::SHA::sha512($n++) while length $text < 65536;
    my $all = '';
    my $i = 0;
    $all .= pack('N', $i++) . substr $text, $i % 60000, 4092
      while length $all < $size;
    return substr $all, 0, $size;
}

# A log line for each request would be most of the work.  On a busy machine all
# connections may take longer to make than nginx waits for the question.
my $dir = site('access_log /dev/stdout' =>
    'access_log off; client_header_timeout 300s;');
my %size = (
    empty => 0,
    one   => 1,
    page  => 4096,
    odd   => 65537,
    mega  => 1 << 20,
    big   => 50 << 20,
);
write_file("$dir/www/$_.bin", noise($size{$_})) for keys %size;
my %sum = map { $_ => sha256_hex(slurp("$dir/www/$_.bin")) } keys %size;

# nginx and, beside it, a program that tells how much memory is free.
my (%o, $memory_port);
if (!$native) {
    my $tell = "$scratch/freepages";
    command("$target-gcc", '-O2', '-o', $tell, "$FindBin::Bin/freepages.c")
      and command('rumprun-bake', $config, "$scratch/load.bin", $tell,
        "$build/src/nginx/objs/nginx") or die "no image\n";
    write_file("$scratch/load.json", '{"rc": [' .
        '{"bin": "freepages", "runmode": "&"},' .
        '{"bin": "nginx", "argv": ["nginx", "-c", "/data/conf/nginx.conf"]}' .
        ']}');
    $memory_port = free_port();
    %o = (
        image   => "$scratch/load.bin",
        memory  => 32,
        ports   => {9 => $memory_port},
        options => ['--config', "$scratch/load.json"]
    );
}
my $g = boot($dir, %o);

sub free_kib {
    my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$memory_port",
        Timeout => 10) or return 0;
    my $text = '';
    1 while sysread $s, $text, 4096, length $text;
    my %kib = $text =~ /^(\w+):\s+(\d+) kB/mg;
    # Pages that hold parts of files are free for the asking.
    return ($kib{MemFree} || 0) + ($kib{Cached} || 0);
}

for my $name (sort { $size{$a} <=> $size{$b} } keys %size) {
    my $got = curl("$http/$name.bin");
    is(length $got, $size{$name}, "$name: $size{$name} bytes");
    is(sha256_hex($got), $sum{$name}, "$name: the right ones");
}
my $tail = curl('-r', '50000000-', "$http/big.bin");
is(sha256_hex($tail),
    sha256_hex(substr slurp("$dir/www/big.bin"), 50_000_000),
    'end of the big file');
is(sha256_hex(curl("$https/mega.bin")), $sum{mega}, 'over TLS');

# All connected and half asked before the first gets the rest of its question.
my $address = $http =~ s{^http://}{}r;
# QEMU has room for one connection that it has not yet taken, and what finds no
# room is tried again after a second only: let it take each.
my @sockets = grep { defined } map {
    select undef, undef, undef, 0.02;
    IO::Socket::INET->new(PeerAddr => $address, Timeout => 20);
} 1 .. 256;
is(scalar @sockets, 256, '256 connections at once');
syswrite $_, "GET /page.bin HTTP/1.1\r\nHost: x\r\n" for @sockets;
syswrite $_, "Connection: close\r\n\r\n" for @sockets;
my %answer = map { $_ => '' } @sockets;
my $select = IO::Select->new(@sockets);
my $end = clock_gettime(CLOCK_MONOTONIC) + 120;
while ($select->count && clock_gettime(CLOCK_MONOTONIC) < $end) {
    for my $s ($select->can_read(1)) {
        my $n = sysread $s, $answer{$s}, 65536, length $answer{$s};
        $select->remove($s) unless $n;
    }
}
my $right = grep { /^HTTP\/1.1 200 .*?\r\n\r\n(.*)/s
      && sha256_hex($1) eq $sum{page} } values %answer;
is($right, 256, 'all answered in full');
close $_ for @sockets;

# Once round to fill caches and pools, then the count.
sub ask {
    my ($n) = @_;
    my $codes = output('curl', '-sS', '--max-time', 1200, '-o', '/dev/null',
        '-w', '%{http_code}\n', "$http/odd.bin?[1-10]",
        '-o', '/dev/null', "$http/page.bin?[1-$n]");
    return scalar grep { $_ eq '200' } split /\n/, $codes;
}
ask(1000);
my $before = $native ? 0 : free_kib();
is(ask($requests - 10), $requests, "$requests requests");
SKIP: {
    skip 'on Linux others use the memory too', 2 if $native;
    cmp_ok($before, '>', 0, 'the kernel tells what is free');
    my $after = 0;
    # Connections that have just been closed hold their pages for a while.
    until_true(90, sub {
        $after = free_kib();
        return $after >= 0.99 * $before;
    });
    cmp_ok(abs($after - $before), '<=', 0.01 * $before,
        'free memory is within 1 % of what it was')
      or diag("before $before KiB, after $after KiB");
}

is(quit($g), 0, 'SIGTERM: ends with status 0') or show_console($g);

done_testing();
