#!/usr/bin/perl
# The documents' Hello World: listen, print what comes, end with the caller.
# NATIVE=yes runs the same program on Linux.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../../scripts/test";
use IO::Socket::INET;
use PortTest;
use Test::More;

my $native = ($ENV{NATIVE} || '') eq 'yes';
my $port = free_port();

sub listener {
    my ($inner) = @_;
    return start(["$build/src/netcat/netcat", '-l', '-p', $port])
      if $native;
    return start(['rumprun', 'qemu', '-i', '-M', 16, '--publish',
            "127.0.0.1:$port:3333", '--', "$FindBin::Bin/../bin/netcat.bin",
            '-l', '-p', '3333']);
}

# QEMU opens the port before the guest listens, and then closes what comes too
# early: send until it arrives.
sub send_all {
    my ($g, $text) = @_;
    return until_true(60, sub {
        return 1 if defined ended($g, 0);
        my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port",
            Timeout => 10) or return 0;
        local $SIG{PIPE} = 'IGNORE';
        print $s $text;
        close $s;
        return defined ended($g, 3);
    });
}

for my $text ("Hello, World\n", join '', map { chr($_ * 7 & 255) } 0 .. 99999) {
    my $what = length $text < 100 ? 'Hello, World' : length($text) . ' bytes';
    my $g = listener();
    ok(send_all($g, $text), "$what: the guest ends with the caller");
    is(stop($g), 0, "$what: with status 0") or show_console($g);
    my $got = slurp($g->{out});
    ok($got eq $text, "$what: was printed")
      or diag(length($got) . ' bytes: ' . substr $got, 0, 60);
}

done_testing();
