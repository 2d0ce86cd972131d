#!/usr/bin/perl
# Threads, futexes, pipes, timers, memory, signals, files and sockets at once, on one
# CPU and on several.  Longer: ci/nightly/stress.t.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Stress;
use Test::More;

for my $cpus (1, 2, 4) {
    stress("$cpus CPUs", [qw(-n 20 -r 3)], cpus => $cpus, seed => $cpus);
}
done_testing();
