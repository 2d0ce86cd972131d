#!/usr/bin/perl
# What the processor reports, as signals; registers across entries.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('exceptions');

done_testing();
