#!/usr/bin/perl
# Clocks and timers.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('timers');

done_testing();
