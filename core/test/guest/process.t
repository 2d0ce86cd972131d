#!/usr/bin/perl
# Identity, limits, /proc.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('process');

done_testing();
