#!/usr/bin/perl
# Scheduling: affinity, nice values, policies, priority inheritance.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('sched');
differential('sched', cpus => 2);

done_testing();
