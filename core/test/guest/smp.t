#!/usr/bin/perl
# All processors of the machine start, are shown, and run threads.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

sub shows {
    my ($n, $what, %o) = @_;
    my $r = guest('cpus', cpus => $n, %o);
    my $range = $n > 1 ? '0-' . ($n - 1) : '0';

    is($r->{out}, "online: $n\nconfigured: $n\naffinity: $n\nsysfs: $range\n"
          . "cpuinfo: $n\nstat: $n\nran on: $n\n", "$n CPUs, $what")
      or diag($r->{err});
    is($r->{status}, 0, "$n CPUs, $what: status");
    is($r->{err}, '', "$n CPUs, $what: nothing on standard error");
}

shows(1, 'pc');
shows(2, 'pc');
shows(4, 'q35', machine => 'q35');
shows(3, 'microvm', config => 'hw_microvm');
shows(3, 'without x2APIC', opts => ['--cpu', 'max,-x2apic']);

# APIC ids with gaps: 3 cores take two bits.
shows(9, 'ids with gaps', opts => ['-g', '-smp 9,sockets=3,cores=3']);

# An image without the component runs on one.
my $r = guest('hello', cpus => 4, config => 'hw_minimal');
is($r->{out}, "Hello, world!\n", 'hw_minimal on a machine with 4 CPUs');
is($r->{err}, '', 'and it says nothing about them');

done_testing();
