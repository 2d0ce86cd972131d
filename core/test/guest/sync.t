#!/usr/bin/perl
# Mutexes, condition variables, rwlocks, barriers, semaphores, futexes.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('sync');

done_testing();
