#!/usr/bin/perl
# A program whose data the bake packs.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $image = "$build/test/guest/packed.hw_virtio.bin";
like(scalar qx{readelf -p .note.rumprun $image}, qr/components=.*\bpacked\b/,
    'there is something to unpack');
differential('packed');

done_testing();
