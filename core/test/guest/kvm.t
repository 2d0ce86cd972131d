#!/usr/bin/perl
# Program bare on KVM, by the launcher; Machines.pm has more machines with KVM.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/..";
use Guest;
use Kvm qw(kvm_opens);
use Machine;
use Test::More;

differential('bare', config => 'hw_generic', cpus => 2);
SKIP: {
    skip 'no KVM here', 1 unless kvm_opens();
    skip $no_clac, 1 if ring3_impossible();
    for my $m ('pc', 'microvm') {
        differential('bare', config => 'hw_generic', machine => $m,
            opts => ['--accel', 'kvm']);
    }
}
done_testing();
