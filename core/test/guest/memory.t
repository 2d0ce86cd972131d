#!/usr/bin/perl
# Mappings and faults.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('memory');

done_testing();
