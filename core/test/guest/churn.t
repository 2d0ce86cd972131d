#!/usr/bin/perl
# What threads, timers and signals take they give back.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('churn');

done_testing();
