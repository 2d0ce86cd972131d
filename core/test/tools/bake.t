#!/usr/bin/perl
# rumprun-bake: what it makes, and what is left when it does not.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tools;

install();
program('hello');
program('other', flags => ['-static-pie']);
program('ours', extra => <<'EOS');
	.section .note.rumprun, "a", @note
	.balign 4
	.long 8, 2f - 1f, 1
	.asciz "rumprun"
1:	.asciz "x86_64-rumprun-linux-musl"
	.asciz "VERSION (gcc 12.2.0)"
2:	.balign 4
EOS
my ($version) = run([$bake, '--version'])->{out} =~ /^rumprun-bake (\S+)\n$/;
ok($version, '--version');
spew('ours.S', slurp('ours.S') =~ s/VERSION/$version/r);
run(['gcc', '-nostdlib', '-static', '-o', 'ours', 'ours.S']);

sub leftovers {
    my @left;
    for my $dir ('.', $ENV{TMPDIR}) {
        opendir(my $d, $dir) or die;
        push @left, map { "$dir/$_" } grep { /rumprun-bake|^out/ } readdir $d;
    }
    return join ' ', @left;
}

# ---- images ----

my $r = run([$bake, 'hw_minimal', 'out', 'hello']);
is($r->{status}, 0, 'a program is baked') or diag($r->{err});
like($r->{err}, qr/notice: hello was not linked by our toolchain/,
    'a foreign program is noticed');
is(leftovers(), './out', 'nothing but the image is left');
ok(-x 'out', 'the image is executable, as ld makes it');
my $elf = run(['readelf', '-WnlS', 'out'])->{out};
like($elf, qr/Build ID: [0-9a-f]{40}/, 'it has a build id');
like($elf, qr/\.debug_rumprun\.0 .* 0000000000000000 /,
    'symbols of the program are in it, not loaded');
like($elf, qr/GNU_STACK.*RW  |(?!GNU_STACK)/, 'no executable stack');
my $text = slurp('out');
ok($text =~ qr/config=hw_minimal\ncomponents=kern file [ a-z_]+\nprograms=hello\n/, 'its note says what is in it');
run(['strip', '-o', 'out', 'out']);
unlike(run(['readelf', '-WS', 'out'])->{out}, qr/debug_rumprun/,
    'strip takes the symbols out');
ok(slurp('out') =~ qr/config=hw_minimal/, 'strip leaves the note');

$r = run([$bake, 'hw-minimal', 'out', 'ours']);
is("$r->{status}$r->{err}", '0', 'ours is baked without a notice; - is _');
$r = run([$bake, 'hw_virtio', 'out', 'hello', 'other']);
is($r->{status}, 0, 'several programs');
ok(slurp('out') =~ qr/programs=hello other\n/, 'in their order');
like(run(['readelf', '-WS', 'out'])->{out}, qr/debug_rumprun\.1/,
    'each with its symbols');
run(['strip', 'other']);
run([$bake, 'hw_virtio', 'out', 'hello', 'other']);
unlike(run(['readelf', '-WS', 'out'])->{out}, qr/debug_rumprun\.1/,
    'a stripped program has none');

# The stub prints the programs' names from the linker set.
$r = run([$rumprun, 'qemu', '-i', '--', 'out']);
like($r->{err}, qr/program hello\nrumprun: program other\n/,
    'the guest finds the programs');

spew('needle.c', 'const char needle[] = "dead-code-needle";
    const char *unused(void) { return needle; }');
run(['gcc', '-c', '-ffunction-sections', '-fdata-sections', 'needle.c']);
run(['ar', 'rcs', 'needle.a', 'needle.o']);
$r = run([$bake, '-m', 'add ./needle.a', 'hw_minimal', 'out', 'hello']);
is($r->{status}, 0, 'an archive of one\'s own') or diag($r->{err});
ok(slurp('out') !~ qr/dead-code-needle/, 'dead code goes');

my $segment = 'x' x 5000;
program('large', extra => "\t.section .rodata\n\t.ascii \"$segment\"\n");
run([$bake, 'hw_minimal', 'out', 'large']);
my $at = index(slurp('out'), $segment);
ok($at > 0, 'the bytes of a segment are in the image');

run([$bake, 'hw_minimal', $_, 'hello']) for 'out', 'out2';
ok(slurp('out') eq slurp('out2'), 'the same input gives the same image');
unlink 'out2';

# ---- printing ----

unlink 'out';
$r = run([$bake, '-n', 'hw_minimal', 'out', 'hello']);
like($r->{out}, qr/^\S*objcopy .*^\S*as .*^\S*ld .*-o out /ms,
    '-n prints the commands');
is(leftovers(), '', '-n makes nothing');
is($r->{status}, 0, '-n succeeds');

# ---- failures leave things as they were ----

spew('out', 'precious');
$r = run([$bake, 'hw_minimal', 'out', 'hello', 'none']);
is($r->{status}, 1, 'a missing program fails');
is(slurp('out'), 'precious', 'an image that was there stays');
is(leftovers(), './out', 'and nothing else is left');
unlink 'out';

spew('needy.c', 'int net_thing(void);
    __attribute__((section("set_extra"), used)) int (*const p)(void) = net_thing;');
spew('thing.c', 'int net_thing(void) { return 1; }');
run(['gcc', '-c', '-fno-pie', $_]) for 'needy.c', 'thing.c';
my $lib = "$scratch/tc/lib/rumprun/components";
run(['ar', 'rcs', "$lib/needy.a", 'needy.o']);
refused([$bake, '-m', 'add needy', 'hw_minimal', 'out', 'hello'], 1,
    qr/no component defines net_thing, which hw_minimal uses/,
    'a symbol that nobody defines is named');
run(['ar', 'rcs', "$lib/net.a", 'thing.o']);
refused([$bake, '-m', 'add needy', 'hw_minimal', 'out', 'hello'], 1,
    qr/hw_minimal needs component net as well \(-m "add net"\)/,
    'a missing component is named');
$r = run([$bake, '-m', 'add needy net', 'hw_minimal', 'out', 'hello']);
is($r->{status}, 0, 'and with it, it links') or diag($r->{err});
unlink 'out';
refused([$bake, '-m', 'add nowhere', 'hw_minimal', 'out', 'hello'], 1,
    qr/component nowhere cannot be read/, 'a component that is not built');
refused([$bake, 'hw_minimal', '/nonexistent/out', 'hello'], 1,
    qr{cannot write /nonexistent/out}, 'a directory that is not there');
refused([$bake, 'hw_minimal', '.', 'hello'], 1, qr/it is a directory/,
    'a directory as the image');
refused([$bake, 'hw_minimal', 'hello', 'hello'], 1,
    qr/hello would be overwritten/, 'a program as the image');
$r = run([$bake, 'hw_minimal', 'out', 'hello'], env => {PATH => '/nonexistent'});
like($r->{err}, qr/cannot run objcopy: No such file .*is it installed/,
    'no binutils');
$r = run([$bake, 'hw_minimal', 'out', 'hello'], env => {TMPDIR => '/nonexistent'});
like($r->{err}, qr{temporary directory in /nonexistent}, 'no TMPDIR');
is(leftovers(), '', 'none of these left anything');

rename "$scratch/tc/lib/rumprun/image.ld", 'image.ld';
refused([$bake, 'hw_minimal', 'out', 'hello'], 1,
    qr/linker script .*is the core built/, 'a toolchain without kernel');

done_testing();
