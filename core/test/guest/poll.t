#!/usr/bin/perl
# poll, select, epoll, pipes, eventfd.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('poll');

done_testing();
