#!/usr/bin/perl
# Hashes, signs, and shakes hands with itself: the same on Linux and in a guest.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../../scripts/test";
use PortTest;
use Test::More;

same_everywhere("$FindBin::Bin/prog.c", 'openssl');

done_testing();
