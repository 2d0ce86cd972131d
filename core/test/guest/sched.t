#!/usr/bin/perl
# Scheduling: affinity, nice values, policies, priority inheritance.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

# What it tries needs all rights on Linux, too.
if (privileged()) {
    for my $program (qw(affinity sched priorities)) {
        differential($program, cpus => $_) for 1, 2;
    }
} else {
    diag('not root: not compared with Linux');
}

for my $cpus (1, 2) {
    my $r = guest('shares', cpus => $cpus);
    my @shares = split /\n/, $r->{out};

    is(scalar @shares, 3, "$cpus CPUs: shares told");
    like($_, qr/: yes$/, "$cpus CPUs: $_") for @shares;
    is($r->{status}, 0, "$cpus CPUs: exit status");
}

done_testing();
