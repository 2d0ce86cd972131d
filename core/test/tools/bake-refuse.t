#!/usr/bin/perl
# rumprun-bake: programs that cannot be baked, and the reasons it gives.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tools;

install();
program('good');
my $good = slurp('good');

sub no_bake {
    my ($program, $reason, $name) = @_;
    my $r = run([$bake, 'hw_minimal', 'out', ref $program ? @$program : $program]);
    my $ok = $r->{status} == 1 && $r->{err} =~ $reason && !-e 'out';
    ok($ok, $name) or diag("status $r->{status}: $r->{err}");
    unlink 'out';
}

# ---- no programs at all ----

no_bake('none', qr/cannot open none: No such file/, 'a missing file');
no_bake('.', qr/\. is a directory/, 'a directory');
no_bake('/dev/null', qr/not a regular file/, 'a device');
no_bake(spew('empty', ''), qr/empty is empty/, 'an empty file');
no_bake(spew('text', "hello\n"), qr/text is not an ELF file/, 'a text');
no_bake(spew('script', "#!/bin/sh\n"), qr/script is a script/, 'a script');
no_bake(spew('short', "\x7fELF"), qr/short is truncated/, 'four bytes');
no_bake(spew('half', substr($good, 0, 60)), qr/half is truncated/,
    'half an ELF header');
no_bake(spew('cut', substr($good, 0, length($good) - 100)),
    qr/cut is truncated/, 'section headers cut off');
mkdir 'other';
program('other/good');
no_bake(['good', 'other/good'],
    qr{two programs have the name good: good and other/good},
    'two programs of one name');
program('blank');
rename 'blank', 'bl ank';
no_bake('bl ank', qr/has blanks/, 'a blank in the name');

# ---- other kinds of ELF ----

run(['gcc', '-c', 'good.S', '-o', 'good.o']);
no_bake('good.o', qr/good\.o is an object file: link it first/, 'an object file');
spew('lib.c', 'int f(void) { return 1; }');
run(['gcc', '-shared', '-fPIC', '-nostdlib', '-o', 'lib.so', 'lib.c']);
no_bake('lib.so', qr/lib\.so is a shared object/, 'a shared object');
spew('main.c', 'int main(void) { return 0; }');
run(['gcc', '-o', 'dynamic', 'main.c']);
no_bake('dynamic', qr{dynamically linked \(its interpreter is /lib64/ld-linux},
    'a dynamic executable: names its interpreter');
run(['gcc', '-nostdlib', '-pie', '-Wl,--no-dynamic-linker', '-o', 'needs',
    'good.S', '-Wl,--no-as-needed', '-lc']);
no_bake('needs', qr/dynamically linked \(it needs libc\.so\.6/,
    'one without interpreter: names the library');

sub patched {
    my ($name, $at, $bytes) = @_;
    my $copy = $good;
    substr($copy, $at, length $bytes) = $bytes;
    return spew($name, $copy);
}
no_bake(patched('arm', 18, pack('v', 183)), qr/arm is for AArch64, not/,
    'another machine');
no_bake(patched('bits', 4, "\1"), qr/bits is a 32-bit/, 'a 32-bit file');
no_bake(patched('endian', 5, "\2"), qr/endian is big-endian/, 'big-endian');
no_bake(patched('bsd', 7, "\x09"), qr/another operating system/, 'FreeBSD');
no_bake(patched('core', 16, pack('v', 4)), qr/core is a core dump/,
    'a core dump');

# ---- segments that cannot be mapped ----

no_bake(program('wx', flags => ['-static', '-Wl,-N']),
    qr/segment \d of wx is writable and executable/,
    'a writable and executable segment');
no_bake(program('stack', flags => ['-static', '-Wl,-z,execstack']),
    qr/stack asks for an executable stack/, 'an executable stack');

# Program headers: where, and which are PT_LOAD.
my $phoff = unpack 'Q<', substr($good, 32, 8);
my $phnum = unpack 'v', substr($good, 56, 2);
my @load = grep { unpack('V', substr($good, $phoff + 56 * $_, 4)) == 1 }
  0 .. $phnum - 1;
sub at { return $phoff + 56 * $load[$_[0]] + $_[1] }
my $vaddr = unpack 'Q<', substr($good, at(0, 16), 8);
my $last = $#load;
my $lastv = unpack 'Q<', substr($good, at($last, 16), 8);

no_bake(patched('beyond', at($last, 32), pack('Q<Q<', 1 << 30, 1 << 30)),
    qr/beyond is truncated: segment \d ends at byte/, 'a segment beyond the file');
no_bake(patched('huge', at($last, 32), pack('Q<Q<', ~0, ~0)),
    qr/huge is truncated/, 'a segment size that overflows');
no_bake(patched('smaller', at($last, 40), pack('Q<', 1)),
    qr/larger in the file than in memory/, 'more bytes than memory');
no_bake(patched('overlap', at($last, 16),
        pack('Q<', $vaddr + $lastv % 4096)),
    qr/overlaps the one before/, 'overlapping segments');
no_bake(patched('skew', at($last, 16), pack('Q<', $lastv + 1)),
    qr/cannot be mapped/, 'an address that does not fit the offset');
no_bake(patched('high', at($last, 16), pack('Q<', (0xffff << 48) + $lastv)),
    qr/outside of the addresses/, 'a kernel address');
no_bake(patched('null', at(0, 16), pack('Q<', 0)), qr/lies at address 0/,
    'the null page');
no_bake(patched('entry', 24, pack('Q<', $lastv)),
    qr/entry point of entry lies outside/, 'an entry point in the data');
my $none = $good;
substr($none, at($_, 0), 4) = pack('V', 0) for 0 .. $last;
no_bake(spew('nothing', $none), qr/nothing has nothing to load/,
    'no segment to load');
no_bake(patched('phoff', 32, pack('Q<', 1 << 40)), qr/phoff is truncated/,
    'program headers beyond the file');
no_bake(patched('phent', 54, pack('v', 32)), qr/of an unknown form/,
    'program headers of another size');

# ---- the toolchain's note ----

sub noted {
    my ($name, $target, $version) = @_;
    return program($name, extra => <<"EOS");
	.section .note.rumprun, "a", \@note
	.balign 4
	.long 8, 2f - 1f, 1
	.asciz "rumprun"
1:	$target
	$version
2:	.balign 4
EOS
}
no_bake(noted('target', '.asciz "arm"', '.asciz "0"'),
    qr/target was linked for arm, not for x86_64-rumprun/, 'another target');
no_bake(noted('version', '.asciz "x86_64-rumprun-linux-musl"', '.asciz "0.0"'),
    qr/version was linked by toolchain version 0\.0, .*link it again/,
    'another version of the toolchain');
no_bake(noted('damaged', '.ascii "x86_64"', ''), qr/damaged toolchain note/,
    'a damaged note');

# Anything may be thrown at it: no crash, no image of what it refused.
srand(1);
my $odd = 0;
for (1 .. 150) {
    my $copy = $good;
    substr($copy, int(rand(400)), 1) = chr(int(rand(256))) for 1 .. 3;
    my $r = run([$bake, '-n', 'hw_minimal', 'out', spew('fuzz', $copy)]);
    $odd++ if $r->{status} > 1 || ($r->{status} && $r->{err} eq '');
}
is($odd, 0, '150 programs with wrong bytes in their headers');

done_testing();
