#!/usr/bin/perl
# Programs in ring 3 (component ring3), on processors with and without what helps
# to keep them there: what they must not be able to do, they try.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

# What Linux answers to the same attempts, also while another CPU is there.
differential($_, ring => 3)
  for qw(exceptions memory signals sync threads);
differential($_, ring => 3, cpus => 2) for qw(rings ring_state sweep);

# Neither SMEP, SMAP, UMIP, FSGSBASE nor XSAVE; all but one of them.  Lines about
# instructions and registers that are not there say nothing.
sub lines {
    my ($text, $cpu) = @_;

    $text =~ s/^(wrgsbase|fault with it|read by it|base afterwards|FS base):.*\n//mg
      if $cpu =~ /qemu64|-fsgsbase/;
    $text =~ s/^(.*xsetbv|X(STATE|COMP)_BV):.*\n(then:.*\n)?//mg
      if $cpu =~ /qemu64|-xsave/;
    return $text;
}

my %want = map { $_ => native($_) } qw(exceptions rings ring_state);
for my $cpu ('qemu64', 'max,-fsgsbase', 'max,-smap', 'max,-smep,-umip',
    'max,-xsave') {
    for my $name (sort keys %want) {
        my $r = guest($name, ring => 3, opts => ['--cpu', $cpu]);

        is(lines($r->{out}, $cpu), lines($want{$name}{out}, $cpu), "$name on $cpu")
          or diag("status $r->{status}\n$r->{err}");
        is($r->{status}, 0, "$name on $cpu: status");
    }
}

# Calls of all numbers, with addresses of the kernel and of nothing.
for my $seed ($ENV{SWEEP_SEED} || (1 .. 3)) {
    my $r = guest('sweep', ring => 3, args => ['blind', $seed, 30000]);

    is($r->{status}, 0, "calls at random, seed $seed") or diag($r->{err});
    unlike($r->{err}, qr/panic/, "calls at random, seed $seed: no defect");
}

# The kernel itself, without its functions for the program's memory.
sub trial {
    my ($name, $cpu) = @_;

    return guest('ring_trials', ring => 3, args => [$name], opts => ['--cpu', $cpu]);
}

for my $t (['program-read', 'read of'], ['program-write', 'read of'],
    ['program-call', 'execution of']) {
    my $r = trial($t->[0], 'max');

    is($r->{status}, 120, "$t->[0]: panic");
    like($r->{err}, qr/panic: page fault in the kernel: \Q$t->[1]\E 0x[0-9a-f]+, not allowed/,
        "$t->[0]: why");
}
like(trial('program-read', 'max,-smap')->{err}, qr/program-read was possible/,
    'the same without SMAP: the trial is one');

# Descriptor tables tell where the kernel is: not where there is UMIP.
my $umip = trial('umip', 'max');
my @told = grep { !/signal 11 code 128/ } split /\n/, $umip->{out};
is("@told", '', 'SGDT and the like: refused');
is(scalar(split /\n/, $umip->{out}), 5, 'all five of them');
like(trial('umip', 'max,-umip')->{out}, qr/^sgdt.*nothing/m, 'not without UMIP');

is(trial('ports', 'max')->{out}, <<'END', 'no way to ports');
iopl: Operation not permitted
iopl too high: Invalid argument
ioperm: Operation not permitted
ioperm too high: Invalid argument
in $0x60, %%al:  signal 11 code 128 address 0
END

# Programs that know nothing of us: the instruction, in static executables of
# other libcs.
my $glibc = scratch() . '/glibc';
is(run(['gcc', '-O2', '-static', '-pthread', '-o', $glibc,
        "$top/core/test/guest/prog/threads.c"])->{status}, 0, 'link with glibc');
is(run(["$build/toolchain/bin/rumprun-bake", 'hw_virtio_ring3', "$glibc.bin", $glibc])
      ->{status}, 0, 'bake it');
my $theirs = guest('glibc', image => "$glibc.bin");
is($theirs->{out}, run([$glibc])->{out}, 'threads of glibc') or diag($theirs->{err});
is($theirs->{status}, 0, 'threads of glibc: status');

# A non-maskable interrupt finds the program's GS.
my $stop = guest('ring_trials', ring => 3, args => ['stop'], cpus => 2);
is($stop->{status}, 120, 'CPUs are stopped in the program');
is(scalar(() = $stop->{err} =~ /panic:/g), 1, 'and one panic is reported')
  or diag($stop->{err});

# No page of the kernel is the program's.
for my $config ('hw_virtio', 'hw_minimal') {
    my $r = guest('hardening', ring => 3, config => $config, args => ['audit']);

    is($r->{status}, 0, "all mappings, $config") or diag($r->{err});
    like($r->{err}, qr/trials: [1-9]\d\d+ mappings, 0 of them wrong/,
        "all mappings, $config: none wrong");
}

done_testing();
