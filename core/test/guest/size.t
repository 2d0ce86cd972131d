#!/usr/bin/perl
# The smallest image stays small: hello without symbols, console only.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $limit = 122_800;
my $stripped = scratch() . '/hello';

is(run(['strip', '-o', $stripped, image('hello', 'hw_minimal')])->{status}, 0,
    'strip');
cmp_ok(-s $stripped, '<', $limit, 'bytes of hello in hw_minimal');
is(guest('hello', config => 'hw_minimal')->{out}, "Hello, world!\n", 'it runs');

# No program of the image names a file: nor is there anything that knows names.
my $bake = "$build/toolchain/bin/rumprun-bake";
my $gcc = "$build/toolchain/bin/x86_64-rumprun-linux-musl-gcc";

unlike(slurp(image('hello', 'hw_minimal')), qr/^components=.*\bvfs\b/m,
    'hello has no vfs');
my $doc = scratch() . '/doc.json';
spew($doc, '{"cmdline": ["hello"], "mount": '
        . '[{"source": "tmpfs", "mountpoint": "/x"}]}');
my $r = guest('hello', config => 'hw_minimal', opts => ['--config', $doc]);
is($r->{status}, 2, 'a mount there: refused');
like($r->{err}, qr/"mount": nothing can be mounted/, 'a mount there: why');

my $opens = scratch() . '/opens';
spew("$opens.c", '#include <fcntl.h>
int main(void) { return open("/dev/null", 0) == 3 ? 7 : 1; }');
is(run([$gcc, '-o', $opens, "$opens.c"])->{status}, 0, 'compile');
is(run([$bake, 'hw_minimal', "$opens.bin", $opens])->{status}, 0, 'bake');
like(slurp("$opens.bin"), qr/^components=.*\bvfs\b/m,
    'a program that opens a file has vfs');
is(guest('opens', image => "$opens.bin")->{status}, 7, 'it opens the file');

done_testing();
