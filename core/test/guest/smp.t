#!/usr/bin/perl
# All processors of the machine start, are shown, and run threads.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Gdb;
use Guest;
use POSIX ();
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

# The third of three processors is held back from when the others are about to be
# started; what a debugger then does is given.
sub held_back {
    my ($online, $err, $what, $then) = @_;
    my $port = Gdb::free_port();
    my $image = image('cpus');
    my $pidfile = scratch() . '/pid';
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        my $gdb = Gdb->new($port, $image);
        my $done = eval {
            $gdb->run_to('ap_trampoline_open');
            $then->($gdb, $pidfile);
        };
        print STDERR "# debugger: $@" if !$done;
        $gdb->tell('k') if !$done;
        1 while $done && eval { $gdb->answer };
        POSIX::_exit(!$done);
    }
    my $r = guest('cpus', cpus => 3,
        opts => ['-p', '-D', $port, '-g', "-pidfile $pidfile"]);
    waitpid $pid, 0;
    is($?, 0, "$what: what was to happen has happened");
    like($r->{out}, qr/^online: $online\n.*^ran on: $online\n/ms, $what);
    is($r->{err}, $err, "$what: standard error");
    is($r->{status}, 0, "$what: status");
}

# A processor that has been given up comes when the programs are about to run.
sub late {
    my ($gdb) = @_;
    $gdb->run_to('tsc_sync', 1, 2);
    my $who = $gdb->run_to('ap_main');
    $gdb->go;
    return $who =~ /thread:(?:p0*1\.)?0*3;/;
}

# CPU time that a process has used, in clock ticks: proc(5), fields 14 and 15.
sub used {
    my ($pid) = @_;
    my @field = split ' ', slurp("/proc/$pid/stat") =~ s/^.*\) //sr;
    return $field[11] + $field[12];
}

# While the boot CPU looks out for it nothing of the guest runs for seconds.
sub busy_host {
    my ($gdb, $pidfile) = @_;
    $gdb->run_to('time_run', 1, 2);
    my $qemu = slurp($pidfile) + 0;
    my $before = used($qemu);
    $gdb->go(1, 2);
    select(undef, undef, undef, 0.001) while used($qemu) < $before + 2;
    kill 'STOP', $qemu;
    sleep 3;
    $gdb->{socket}->print("\x03");
    kill 'CONT', $qemu;
    $gdb->answer;
    $gdb->go;
    return 1;
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
held_back(2, "rumprun: processor with APIC id 2 does not start\n",
    'a processor comes too late', \&late);
held_back(3, '', 'a processor comes late to a busy host', \&busy_host);

# What is taken away from threads is gone on all CPUs.
differential('shootdown', cpus => 2);
differential('shootdown', cpus => 4, machine => 'q35');

# Of two that exclude each other only one happens.
differential('races', cpus => $_) for 1, 2;

# An image without the component runs on one.
my $r = guest('hello', cpus => 4, config => 'hw_minimal');
is($r->{out}, "Hello, world!\n", 'hw_minimal on a machine with 4 CPUs');
is($r->{err}, '', 'and it says nothing about them');

done_testing();
