#!/usr/bin/perl
# Sockets over loopback, AF_UNIX.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('sockets');

done_testing();
