#!/usr/bin/perl
# The rows that need neither the Linux guest nor wrk; the nightly tier takes all.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Smoke;
use Test::More;

smoke([qw(rumprun ring3 trivial)],
    qw(boot-hello-pc boot-hello-microvm boot-netcat size call io net smp-compute));
done_testing();
