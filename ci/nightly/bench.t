#!/usr/bin/perl
# Every row of the benchmarks gives a figure, in every guest.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../bench/test";
use Smoke;
use Test::More;

is(system('bmake', '-C', "$FindBin::Bin/../bench", 'hostdeps', 'all'), 0,
    'what the bench needs')
  or die "no benchmarks\n";
smoke([qw(rumprun ring3 linux trivial)]);
done_testing();
