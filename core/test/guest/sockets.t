#!/usr/bin/perl
# Sockets over loopback, AF_UNIX, names.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential($_) for qw(sockets unix reuseport netnames);

my $r = guest('netnames', args => ['services']);
is($r->{out}, "http: 80\n53/udp: domain\n", 'names of services');

done_testing();
