#!/usr/bin/perl
# The compiler by itself: what it links, refuses, and does not let in.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::Bin;
use Toolchain;
use Test::More;

my $gcc = "$target-gcc";
my $readelf = "$target-readelf";

for my $tool (qw(gcc cc cpp ar as ld nm objcopy objdump ranlib readelf size
    strings strip addr2line pkg-config)) {
    runs_ok("$target-$tool --version", "$target-$tool");
}
is(run("$gcc -dumpmachine"), "$target\n", '-dumpmachine');
is(run("$gcc -print-multiarch"), '', '-print-multiarch says nothing');
chomp(my $libc = run("$gcc -print-file-name=libc.a"));
is(abs_path($libc), abs_path("$sysroot/usr/lib/libc.a"),
    'libc is that of the sysroot');

chdir $scratch or die;
write_file('hello.c', <<'C');
#include <math.h>
#include <pthread.h>
#include <stdio.h>
static _Thread_local double t = 2;
static void *f(void *p) { t += *(double *)p; return sqrt(t) == 3 ? p : 0; }
int main(void)
{
	pthread_t id;
	double seven = 7;
	void *r;
	if (pthread_create(&id, 0, f, &seven) || pthread_join(id, &r))
		return 2;
	puts(r == &seven ? "hello" : "bad");
	return r != &seven;
}
C

runs_ok("$gcc -Wall -Werror -O2 -o hello hello.c -lm -lpthread", 'link');
good_program("$scratch/hello", "hello\n", 'hello');
my $segments = run("$readelf -lW hello");
like($segments, qr/GNU_STACK.* RW  /, 'no executable stack');
like($segments, qr/GNU_RELRO/, 'relocated data becomes read-only');
unlike($segments, qr/LOAD.* RWE /, 'nothing writable and executable');
my @align = $segments =~ /LOAD.* (0x[0-9a-f]+)$/mg;
is_deeply([grep { hex ne 4096 } @align], [], 'pages of 4 KiB');

for my $how ('-no-pie', '-static', '-static -no-pie') {
    runs_ok("$gcc $how -O2 -o fixed hello.c -lm", "$how: link");
    is(run('./fixed'), "hello\n", "$how: runs on Linux");
    like(run("$readelf -hW fixed"), qr/Type:\s+EXEC /,
        "$how: fixed addresses");
    like(run("$readelf -nW fixed"), qr/rumprun/, "$how: carries the note");
}
runs_ok("$gcc -static -pie -O2 -o pie hello.c", '-static -pie: link');
like(run("$readelf -hW pie"), qr/Type:\s+DYN /, '-static -pie: PIE');
runs_ok("$gcc -Wl,--gc-sections -o small hello.c", '--gc-sections: link');
like(run("$readelf -nW small"), qr/rumprun/, '--gc-sections keeps the note');

my $why = run("$gcc -shared -fPIC -o lib.so hello.c");
isnt($?, 0, '-shared is refused');
like($why, qr/^\Q$gcc\E: -shared: .*no dynamic linker.*statically/,
    'and why');
ok(!-e 'lib.so', 'and makes nothing');
run("$target-ld -shared -o lib.so hello.o");
isnt($?, 0, 'so it is to ld');
runs_ok("$gcc -shared -fPIC -c hello.c", '-shared -c only compiles');

# Headers and libraries named like the real ones, where a host's gcc looks.
mkdir 'bad';
write_file('bad/stdio.h', "#error leak\n");
write_file('bad/libc.a', "leak\n");
write_file('bad/crt1.o', "leak\n");
my @paths = map { "$_=$scratch/bad" } qw(LIBRARY_PATH CPATH C_INCLUDE_PATH
  COMPILER_PATH GCC_EXEC_PREFIX LD_RUN_PATH LD_LIBRARY_PATH);
runs_ok("env @paths $gcc -o leak hello.c -lm", 'paths in the environment');
is(run('./leak'), "hello\n", 'leave the program alone');

my $search = run("$gcc -E -v -x c /dev/null");
my ($dirs) = $search =~ /<\.\.\.> search starts here:\n(.*?)End of search/s;
my @foreign = grep { !m{^ (\Q$sysroot\E/|/usr/lib/gcc/)} } split /^/, $dirs;
is("@foreign", '', 'no header of the host is found');

write_file('smash.c', <<'C');
#include <string.h>
int main(int argc, char **argv)
{
	char buf[16];
	memset(buf, 1, 16 + 64 * argc);
	return buf[argc];
}
C
runs_ok("$gcc -O1 -w -o smash smash.c", 'a program that overruns a buffer');
# The shell reports the signal; let it do so where run() listens.
run('./smash; exit $?');
cmp_ok($? >> 8, '>', 128, 'is ended by a signal');

write_file('bad/leak.pc', "Name: leak\nDescription: x\nVersion: 1\n");
run("PKG_CONFIG_PATH=$scratch/bad $target-pkg-config --exists leak");
isnt($?, 0, 'pkg-config looks in the sysroot only');

done_testing();
