#!/usr/bin/perl
# Standard streams are binary-safe, separate, and lose nothing.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $noise = join '', map { chr(($_ * 11 + ($_ >> 8) * 3) & 255) } 0 .. 299_999;
differential('streams', stdin => $noise);
differential('streams', stdin => '');

done_testing();
