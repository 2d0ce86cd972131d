#!/usr/bin/perl
# core/test/guest/stress.t for half an hour: with the kernel that checks itself and the
# one that does not, programs in both rings, one CPU and several, much memory and little.
#
#	STRESS_SECONDS=1800  begins no other run after so long
#	STRESS_SEED=N        seed of the first run; by default the time
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../core/test/guest";
use Guest;
use Stress;
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my $seconds = $ENV{STRESS_SECONDS} // 1800;
my $seed = $ENV{STRESS_SEED} // time;
my @turns = qw(-n 60 -r 5);
my @machines;

for my $config (qw(hw_debug hw_virtio)) {
    for my $cpus (2, 4, 1) {
        for my $ring (3, 0) {
            push @machines, {config => $config, cpus => $cpus, ring => $ring, memory => $_}
              for 40, 128;
        }
    }
}

# Every machine once, however long it takes; then more of them, until time is up.
is(system('bmake', '-C', "$top/core/test", 'guests'), 0, 'images')
  or die "no images\n";
my $end = clock_gettime(CLOCK_MONOTONIC) + $seconds;
for (my $n = 0; $n < @machines || clock_gettime(CLOCK_MONOTONIC) < $end; $n++) {
    my $m = $machines[$n % @machines];

    stress("$m->{config}, $m->{cpus} CPUs, ring $m->{ring}, $m->{memory} MiB",
        \@turns, %$m, seed => $seed++, limit => 1200);
}
done_testing();
