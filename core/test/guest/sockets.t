#!/usr/bin/perl
# Sockets over loopback, AF_UNIX.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('sockets');
differential('reuseport');

my $r = guest('sockets', args => ['services']);
is($r->{out}, "http: 80\n53/udp: domain\n", 'names of services');

done_testing();
