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
    my $many = $n == 64;
    my $r = guest('cpus', cpus => $n, %o, args => [('count only') x $many]);
    my $range = $n > 1 ? '0-' . ($n - 1) : '0';

    is($r->{out}, "online: $n\nconfigured: $n\naffinity: $n\nsysfs: $range\n"
          . "cpuinfo: $n\nstat: $n\n" . "ran on: $n\n" x !$many, "$n CPUs, $what")
      or diag($r->{err});
    is($r->{status}, 0, "$n CPUs, $what: status");
    is($r->{err}, '', "$n CPUs, $what: nothing on standard error");
}

# A table (ACPI 5.2.12) like the machine's own, which also names a processor that
# is not there, and one that could be plugged in.
sub missing {
    my $table = scratch() . '/missing.madt';
    open(my $f, '>:raw', $table) or die;
    print $f pack('VV', 0xfee00000, 1), pack('CCCCV', 0, 8, 0, 77, 1),
      pack('CCCCV', 0, 8, 0, 78, 2);
    close $f;
    my $r = guest('hello', cpus => 2,
        opts => ['-g', "-acpitable sig=APIC,rev=1,data=$table"]);
    is($r->{out}, "Hello, world!\n", 'a processor does not start: the others run');
    is($r->{status}, 0, 'and the program is none the wiser');
    is($r->{err}, "rumprun: processor with APIC id 77 does not start\n",
        'but it is said');
}

shows(1, 'pc');
shows(2, 'pc');
shows(4, 'q35', machine => 'q35');
shows(3, 'microvm', config => 'hw_microvm');
shows(3, 'without x2APIC', opts => ['--cpu', 'max,-x2apic']);

# APIC ids with gaps: 3 cores take two bits.
shows(9, 'ids with gaps', opts => ['-g', '-smp 9,sockets=3,cores=3']);

# SeaBIOS lists one processor of each socket in the MP table.
shows(3, 'no ACPI', opts => ['-g', '-no-acpi -smp 3,sockets=3']);

shows(64, 'pc', memory => 128);
shows(64, 'q35', machine => 'q35', memory => 128);
shows(64, 'microvm', config => 'hw_microvm', memory => 128);
missing();

# What is taken away from threads is gone on all CPUs.
differential('shootdown', cpus => 2);
differential('shootdown', cpus => 4, machine => 'q35');

# Of two that exclude each other only one happens.
differential('races', cpus => 2);

# An image without the component runs on one.
my $r = guest('hello', cpus => 4, config => 'hw_minimal');
is($r->{out}, "Hello, world!\n", 'hw_minimal on a machine with 4 CPUs');
is($r->{err}, '', 'and it says nothing about them');

done_testing();
