#!/usr/bin/perl
# Threads, thread-local storage, preemption, vector registers.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('threads');

done_testing();
