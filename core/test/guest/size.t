#!/usr/bin/perl
# The smallest image stays small: hello without symbols, console only.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $limit = 119_000;
my $stripped = scratch() . '/hello';

is(run(['strip', '-o', $stripped, image('hello', 'hw_minimal')])->{status}, 0,
    'strip');
cmp_ok(-s $stripped, '<', $limit, 'bytes of hello in hw_minimal');
is(guest('hello', config => 'hw_minimal')->{out}, "Hello, world!\n", 'it runs');
unlike(slurp($stripped), qr/\Q$top\E/, 'it is the same in every folder');

my $bake = "$build/toolchain/bin/rumprun-bake";
my $gcc = "$build/toolchain/bin/x86_64-rumprun-linux-musl-gcc";

# The kernel reads a program's headers where its first segment has them, or in a
# copy of them; the image has one header of its own.
for my $with ('', 'FILEHDR PHDRS') {
    my $behind = $with ? ' + SIZEOF_HEADERS' : '';
    my $exits = scratch() . '/exits';
    spew("$exits.S", <<'END');
	.globl _start
_start:	mov $60, %eax
	mov $7, %edi
	syscall
	.section .note.GNU-stack,"",@progbits
END
    spew("$exits.ld", <<"END");
PHDRS { text PT_LOAD $with FLAGS(5); }
SECTIONS {
	. = 0x400000$behind;
	.text : { *(.text) } :text
	/DISCARD/ : { *(.note*) }
}
END
    is(run(['gcc', '-nostdlib', '-static', '-Wl,--build-id=none', '-T',
            "$exits.ld", '-o', $exits, "$exits.S"])->{status}, 0, 'link');
    is(run([$bake, 'hw_minimal', "$exits.bin", $exits])->{status}, 0, 'bake');
    is(guest('exits', image => "$exits.bin")->{status}, 7,
        "headers in a segment: '$with'");
    is(run(['strip', "$exits.bin"])->{status}, 0, 'strip');
    is(() = slurp("$exits.bin") =~ /\x7fELF/g, 2, 'its header is there once');
}

# No program of the image names a file: nor is there anything that knows names.

unlike(slurp(image('hello', 'hw_minimal')), qr/^components=.*\bvfs\b/m,
    'hello has no vfs');
my $doc = scratch() . '/doc.json';
spew($doc, '{"cmdline": ["hello"], "mount": '
        . '[{"source": "tmpfs", "mountpoint": "/x"}]}');
my $r = guest('hello', config => 'hw_minimal', opts => ['--config', $doc]);
is($r->{status}, 2, 'a mount there: refused');
like($r->{err}, qr/"mount": nothing can be mounted/, 'a mount there: why');

my $opens = scratch() . '/opens';
spew("$opens.c", '#include <fcntl.h>
int main(void) { return open("/dev/null", 0) == 3 ? 7 : 1; }');
is(run([$gcc, '-o', $opens, "$opens.c"])->{status}, 0, 'compile');
is(run([$bake, 'hw_minimal', "$opens.bin", $opens])->{status}, 0, 'bake');
like(slurp("$opens.bin"), qr/^components=.*\bvfs\b/m,
    'a program that opens a file has vfs');
is(guest('opens', image => "$opens.bin")->{status}, 7, 'it opens the file');

# Parts of the kernel are there for who makes the calls that they serve.
my @parts = qw(futex_ops pagecache madvise ioctl);
unlike(slurp(image('hello', 'hw_minimal')), qr/^components=.*\b$_\b/m,
    "hello has no $_")
  for @parts;
my $more = scratch() . '/more';
spew("$more.c", <<'END');
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
int main(void)
{
	pthread_mutexattr_t a;
	pthread_mutex_t m;
	int n = -1, *shared = mmap(0, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED || (*shared = 7) != 7)
		return 1;
	if (madvise(shared, 4096, MADV_REMOVE) || *shared)
		return 2;
	if (pthread_mutexattr_init(&a) ||
	    pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT) ||
	    pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST) ||
	    pthread_mutex_init(&m, &a) || pthread_mutex_lock(&m) ||
	    pthread_mutex_unlock(&m))
		return 3;
	if (ioctl(1, FIOCLEX, &n) || ioctl(1, FIONCLEX, &n))
		return 4;
	return 7;
}
END
is(run([$gcc, '-o', $more, "$more.c"])->{status}, 0, 'compile');
is(run([$bake, 'hw_minimal', "$more.bin", $more])->{status}, 0, 'bake');
like(slurp("$more.bin"), qr/^components=.*\b$_\b/m, "who asks for more has $_")
  for @parts;
is(guest('more', image => "$more.bin")->{status}, 7, 'it gets all of it');

done_testing();
