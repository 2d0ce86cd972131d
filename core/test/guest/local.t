#!/usr/bin/perl
# Local sockets, and locks, that go away while something still leads to them; files on
# the way.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('local', cpus => $_) for 1, 2;

done_testing();
