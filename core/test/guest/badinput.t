#!/usr/bin/perl
# Corrupt input and too little memory: a sentence and a status, never a hang.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $work = scratch();

# Corrupted ISO images: whatever is in them, the guest says so and ends.
mkdir "$work/tree";
open(my $f, '>', "$work/tree/file$_") or die for 1 .. 3;
{ open(my $g, '>', "$work/tree/file") or die; print $g 'contents' x 1000; }
system("genisoimage -quiet -R -o $work/good.iso $work/tree") == 0 or die;
my $good = slurp("$work/good.iso");

sub iso {
    my ($what, $bytes) = @_;
    open(my $o, '>:raw', "$work/bad.iso") or die;
    print $o $bytes;
    close $o;
    my $r = guest('iso', args => ['/data'], opts => ['-b', "$work/bad.iso,/data"]);
    isnt($r->{status}, 'hung', "$what: ends");
    isnt($r->{status}, 120, "$what: no panic") or diag($r->{err});
    return $r;
}

my $r = iso('whole image', $good);
is($r->{status}, 0, 'whole image: mounted');
$r = iso('truncated image', substr($good, 0, length($good) / 2));
is($r->{status}, 2, 'truncated image: refused');
like($r->{err}, qr/bad\.iso/, 'truncated image: named');
$r = iso('not an image', "\x55" x 65536);
isnt($r->{status}, 0, 'not an image: refused');
like($r->{err}, qr/\/data/, 'not an image: the mount point is named');
srand(42);
for my $round (1 .. 4) {
    my $bad = $good;
    # Hit descriptors and directories, which lie in the first 100 sectors.
    substr($bad, 32768 + int(rand(60000)), 1, chr(int(rand(256)))) for 1 .. 300;
    iso("corrupted image $round", $bad);
}

# The configuration document, handed over by hand.
sub document {
    my ($text) = @_;
    open(my $o, '>', "$work/doc.json") or die;
    print $o $text;
    close $o;
    return run([
        'qemu-system-x86_64', '-accel', 'tcg', '-machine', 'pc', '-nodefaults',
        '-no-reboot', '-display', 'none', '-m', '32', '-serial', 'stdio', '-device',
        'isa-debug-exit,iobase=0xf4,iosize=4', '-kernel', image('hello', 'hw_minimal'),
        '-initrd', "$work/doc.json"
    ]);
}

like(document('{"cmdline":["hello"]}')->{out}, qr/Hello, world!/, 'good document');
for my $case (
    ['{"cmdline":["hello"', qr/cut off/,              'truncated document'],
    ['{"cmdlin":["hello"]}', qr/unknown key "cmdlin"/, 'unknown key'],
    ['{"env":[1]}',          qr/"env"/,                'wrong type'],
    ['{]',                   qr/JSON/,                 'not JSON'])
{
    my ($text, $message, $name) = @$case;
    my $r = document($text);
    like($r->{out}, $message, "$name: message");
    unlike($r->{out}, qr/Hello/, "$name: nothing runs");
    isnt($r->{status}, 'hung', "$name: ends");
}

# Memory.
$r = guest('hungry', memory => 16, args => ['touch']);
is($r->{status}, 121, 'touching more memory than there is: status 121');
like($r->{err}, qr/memory/i, 'and a message');
$r = guest('hungry', memory => 16, args => ['malloc']);
is($r->{status}, 0, 'malloc of more than there is fails cleanly');
like($r->{out}, qr/Out of memory/, 'with ENOMEM');
$r = guest('hungry', memory => 32, args => ['tmpfs']);
is($r->{status}, 0, 'a full tmpfs: the program goes on');
like($r->{out}, qr/No space left.*first file intact.*room again/s, 'with ENOSPC');
$r = guest('hungry', memory => 3);
isnt($r->{status}, 'hung', 'memory too small for the program: ends');
isnt($r->{status}, 0, 'memory too small for the program: says so in the status');
like($r->{err}, qr/memory/i, 'memory too small for the program: says so in words');

done_testing();
