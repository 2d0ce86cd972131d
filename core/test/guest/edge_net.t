#!/usr/bin/perl
# Corner cases of sockets: UDP.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('edge_udp');

done_testing();
