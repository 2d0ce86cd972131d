#!/usr/bin/perl
# What core/README.md claims under "Hardening", claim by claim: a program, or the
# kernel itself (component trials, guest/kern), tries what must not work, and
# dies or fails in the stated way.
use strict;
use warnings;
no warnings 'portable';
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $bin = "$build/toolchain/bin";
my $gcc = "$bin/x86_64-rumprun-linux-musl-gcc";
my $program = "$build/test/guest/hardening";

# Null page, read-only text and constants, NX stack and heap, guard pages: what
# Linux does with the same program.
differential('hardening');

# ---- the kernel against itself ----

sub kernel_trial {
    my ($trial, $message) = @_;
    my $r = guest('hardening', config => 'hw_minimal', memory => 16,
        args => [$trial]);

    like($r->{err}, $message, "kernel, $trial: stopped") or diag($r->{err});
    is($r->{status}, 120, "kernel, $trial: panic");
    unlike($r->{err}, qr/was possible/, "kernel, $trial: was not possible");
}

sub fault {
    my ($access, $why) = @_;
    return qr/panic: page fault in the kernel: \Q$access\E 0x[0-9a-f]+, \Q$why\E/;
}

kernel_trial('null-read',  fault('read of',      'not mapped'));
kernel_trial('null-write', fault('write to',     'not mapped'));
kernel_trial('null-call',  fault('execution of', 'not mapped'));
kernel_trial($_, fault('write to', 'not allowed'))
  for qw(text-write text-alias-write rodata-write rodata-alias-write
  sealed-write sealed-alias-write idt-write);
kernel_trial($_, fault('execution of', 'not allowed'))
  for qw(stack-call heap-call data-call rodata-call text-alias-call);
kernel_trial('stack-guard',    fault('write to', 'not mapped'));
kernel_trial('stack-overflow', qr/panic: kernel stack overflow/);
kernel_trial('stack-smash',    qr/panic: stack smashed in the kernel/);

# ---- every mapping there is ----

for my $c (['hw_minimal'], ['hw_virtio'], ['hw_virtio', machine => 'q35'],
    ['hw_virtio', opts => ['--cpu', 'qemu64']], ['hw_virtio', memory => 5120]) {
    my ($config, %o) = @$c;
    my $r = guest('hardening', config => $config, args => ['audit'], %o);
    my $what = "all mappings, $config @{[%o ? join ' ', map { ref $_ ? @$_ : $_ } %o : '']}";

    is($r->{status}, 0, $what) or diag($r->{err});
    like($r->{err}, qr/trials: [1-9]\d\d+ mappings, 0 of them wrong/, "$what: none wrong");
}

# The audit itself is not blind.
my $r = guest('hardening', args => ['audit-alias']);
is($r->{status}, 1, 'an alias of the kernel text is seen');
like($r->{err}, qr/writable, and the kernel protects it: 0xffffc/, 'and where it is');
$r = guest('hardening', args => ['audit-jit']);
is($r->{status}, 1, 'a mapping that a JIT asked for is seen');
like($r->{err}, qr/writable and executable: 0x7/, 'and where it is');

# ---- secrets ----

$r = guest('hardening', args => ['secrets'], memory => 96);
is($r->{status}, 0, 'secrets: status') or diag("$r->{out}\n$r->{err}");
like($r->{out}, qr/^files: many\nfound: 0\n/, 'neither in /proc nor in fresh memory')
  or diag($r->{out});
my @calls = grep { !/^(files|found|write\(1\)):/ } split /\n/, $r->{out};
is(scalar @calls, 3 * 6, 'system calls with addresses of the kernel');
for my $c (@calls) {
    like($c, $c =~ /proc/ ? qr/: (Input\/output error|Invalid argument)$/ : qr/: Bad address$/, $c);
}

# ---- bake options and input ----

sub bake {
    my ($name, @args) = @_;
    my $out = scratch() . "/$name.bin";

    return (run(["$bin/rumprun-bake", @args[0 .. $#args - 1], $out, $args[-1]]), $out);
}

my ($b, $strict) = bake('strict', '-m', 'add strict_wx', 'hw_minimal', $program);
is($b->{status}, 0, 'bake with strict_wx') or diag($b->{err});
$r = guest('hardening', image => $strict, args => ['jit'], memory => 16);
is($r->{status}, 0, 'strict_wx: status') or diag($r->{err});
is($r->{out}, <<'END', 'strict_wx: writable or executable, never both');
map writable and executable: Permission denied
make it both: Permission denied
make it executable only: 0
call that: ran
write to that: signal 11 code 2 address right
END

# A program whose one segment is everything at once.
my $rwx = scratch() . '/rwx';
is(run([$gcc, '-no-pie', '-Wl,-N', '-Wl,--no-warn-rwx-segments', '-o', $rwx,
        "$top/core/test/guest/prog/hello.c"])->{status}, 0, 'link with -N');
my ($refused, $image) = bake('rwx', 'hw_minimal', $rwx);
if ($refused->{status} == 0) {
    $r = guest('rwx', image => $image, memory => 16);
    unlike($r->{out}, qr/Hello/, 'a writable and executable segment: does not run');
    isnt($r->{status}, 0, 'a writable and executable segment: status');
    like($r->{err}, qr/writable and executable/, 'a writable and executable segment: said');
} else {
    like($refused->{err}, qr/writable and executable/,
        'a writable and executable segment: the bake refuses it');
}

# ---- ten boots ----

# On a processor without RDRAND, and without a virtio entropy device.
my %seen;
for (1 .. 10) {
    $r = guest('hardening', config => 'hw_minimal', memory => 16,
        args => ['layout'], opts => ['--cpu', 'qemu64']);
    is($r->{status}, 0, "boot $_ of ten") or diag($r->{err});
    $seen{$1}{$2}++ while $r->{out} =~ /^(\w+) 0x([0-9a-f]+)$/mg;
    $seen{'kernel guard'}{$1}++ if $r->{err} =~ /^rumprun: trials: guard 0x([0-9a-f]+)$/m;
}
# How many bits must vary: Linux moves programs and mappings by 28 bits of pages,
# stacks by 22.  Of ten values a bit is the same in all with a chance of 1 to 512.
my %bits = (
    program => 22, mapping => 22, thread => 22, heap => 22, stack => 18,
    auxiliary => 48, guard => 40, 'kernel guard' => 40,
);
for my $k (sort keys %bits) {
    my @v = map { hex } keys %{$seen{$k}};
    my ($or, $and) = (0, ~0);
    $or |= $_, $and &= $_ for @v;
    my $varying = unpack '%32b*', pack 'Q', $or & ~$and;

    is(scalar @v, 10, "ten boots: ten values of $k");
    cmp_ok($varying, '>=', $bits{$k}, "ten boots: bits that vary in $k");
}

done_testing();
