#!/usr/bin/perl
# Corner cases of sockets.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('edge_udp');
differential('edge_tcp');
differential('edge_socket');
differential('tcp_ends');

done_testing();
