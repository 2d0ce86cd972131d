#!/usr/bin/perl
# libc's two ways into the kernel, both tried on Linux: the instruction, and
# the pointer that AT_SYSINFO sets.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Toolchain;
use Test::More;

my $source = "$FindBin::Bin/sysinfo/main.c";
my $prog = "$scratch/sysinfo";
for my $how ('', '-no-pie') {
    runs_ok("$target-gcc -O1 $how -Wl,-e,counted_start -o $prog $source",
        "link $how");
    my $said = run($prog);
    is($?, 0, 'runs');
    my @lines = split /\n/, $said;
    like($_, qr/^ok: /, $_) for @lines;
    is(scalar @lines, 8, 'nothing is missing');
}

# Every instruction that remains is one of those that have to.
# (One of them has two names.)
my $code = run("$target-objdump -d $sysroot/usr/lib/libc.a");
my ($function, %where) = '';
for (split /\n/, $code) {
    $function = $1 if /^[0-9a-f]+ <(.*)>:$/;
    $where{$function =~ s/^__cp_begin$/__syscall_cp_asm/r}++
      if /\tsyscall\s*$/;
}
is(join(' ', sort keys %where),
    '__clone __restore_rt __syscall_cp_asm __sysinfo_insn __unmapself vfork',
    'the instruction is where it has to be');
unlike($code, qr/\thlt\s*$/m, 'no crash by hlt, which ring 0 only waits at');

done_testing();
