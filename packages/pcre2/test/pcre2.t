#!/usr/bin/perl
# Matches, interpreted and compiled: the same on Linux and in a guest.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../../scripts/test";
use PortTest;
use Test::More;

same_everywhere("$FindBin::Bin/prog.c", 'libpcre2-8');

done_testing();
