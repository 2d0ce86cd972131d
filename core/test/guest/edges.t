#!/usr/bin/perl
# Corner cases of the process, signal, time and futex calls.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('edge_proc');
differential('edge_time');

done_testing();
