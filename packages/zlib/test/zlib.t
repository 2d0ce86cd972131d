#!/usr/bin/perl
# Compresses and restores: the same on Linux and in a guest.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../../scripts/test";
use PortTest;
use Test::More;

same_everywhere("$FindBin::Bin/prog.c", 'zlib');

done_testing();
