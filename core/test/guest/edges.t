#!/usr/bin/perl
# Corner cases of the process, signal, time and futex calls, of epoll, pipes and
# memory.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('edge_proc');
differential('edge_time');
differential('edge_epoll');
differential('edge_eventfd');
differential('edge_pipe');
differential('edge_mm');

done_testing();
