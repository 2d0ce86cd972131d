/* mmap, mprotect, mremap, brk, and the faults. */
#include "check.h"
#include "fault.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAGE 4096

static char *map(size_t n, int prot, int flags)
{
	return mmap(NULL, n, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void protection(void)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, 0);

	touch("write", p, 1);
	show("zeroed", "%d", p[100] | p[4 * PAGE - 1]);
	CALL("mprotect", mprotect(p, PAGE, PROT_READ));
	touch("read protected", p, 0);
	touch("write protected", p, 1);
	touch("next page", p + PAGE, 1);
	CALL("mprotect none", mprotect(p + PAGE, PAGE, PROT_NONE));
	touch("read none", p + PAGE, 0);
	CALL("mprotect back", mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE));
	touch("write again", p + PAGE, 1);
	show("kept", "%d", p[0]);
	CALL("munmap middle", munmap(p + PAGE, PAGE));
	touch("hole", p + PAGE + 5, 0);
	touch("below hole", p, 1);
	touch("above hole", p + 2 * PAGE, 1);
	CALL("mprotect hole", mprotect(p, 4 * PAGE, PROT_READ));
	CALL("munmap", munmap(p, 4 * PAGE));
	CALL("munmap again", munmap(p, 4 * PAGE));
	CALL("munmap unaligned", munmap(p + 1, PAGE));
	CALL("munmap nothing", munmap(p, 0));
	CALL("mprotect unaligned", mprotect(p + 1, PAGE, PROT_READ));
	touch("null", (char *)0, 0);
	touch("null page", (char *)100, 1);
	touch("text", (char *)(void *)touch, 1);
	touch("constant", (char *)"constant", 1);
}

static void files(void)
{
	int fd = open("/tmp/memory-test", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p, *q, c;

	ftruncate(fd, 3 * PAGE + 10);
	p = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	q = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	p[5] = 'x';
	show("read sees", "%zd %c", pread(fd, &c, 1, 5), c);
	show("private sees", "%c", q[5]);
	q[5] = 'y';
	show("copied", "%c %c", p[5], q[5]);
	pwrite(fd, "z", 1, 6);
	show("write seen", "%c %c", p[6], q[6]);
	touch("last page", p + 3 * PAGE + 100, 1);
	touch("beyond the end", p + 4 * PAGE, 0);
	ftruncate(fd, PAGE);
	touch("after truncation", p + 2 * PAGE, 0);
	touch("private after truncation", q + 2 * PAGE, 0);
	CALL("msync", msync(p, PAGE, MS_SYNC));
	CALL("msync bad", msync(p + 1, PAGE, MS_SYNC));
	CALL("write-only map", mmap(NULL, PAGE, PROT_READ, MAP_SHARED, open("/tmp/memory-test", O_WRONLY), 0) == MAP_FAILED ? -1 : 0);
	CALL("read-only shared", mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, open("/tmp/memory-test", O_RDONLY), 0) == MAP_FAILED ? -1 : 0);
	CALL("read-only private", mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, open("/tmp/memory-test", O_RDONLY), 0) == MAP_FAILED ? -1 : 0);
	CALL("offset unaligned", mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 1) == MAP_FAILED ? -1 : 0);
	CALL("bad fd", mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 99, 0) == MAP_FAILED ? -1 : 0);
	CALL("length zero", mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
	CALL("no type", mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
	CALL("directory", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("/tmp", O_RDONLY), 0) == MAP_FAILED ? -1 : 0);
	munmap(p, 5 * PAGE);
	munmap(q, 5 * PAGE);
	close(fd);
	unlink("/tmp/memory-test");
}

static void placing(void)
{
	char *p = map(8 * PAGE, PROT_READ | PROT_WRITE, 0), *q;

	memset(p, 7, 8 * PAGE);
	q = mmap(p + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	show("fixed", "%d %d %d", q == p + 2 * PAGE, q[0], q[PAGE]);
	q = mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	show("noreplace", "%s", q == MAP_FAILED ? strerror(errno) : "replaced");
	munmap(p + 6 * PAGE, 2 * PAGE);
	q = mmap(p + 6 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	show("hint", "%d", q == p + 6 * PAGE);
	munmap(q, PAGE);
	q = mremap(p, 6 * PAGE, 7 * PAGE, 0);
	show("grown in place", "%d %d", q == p, q != MAP_FAILED ? q[6 * PAGE] : -1);
	map(PAGE, PROT_READ, 0);
	q = mremap(p, 7 * PAGE, 3 * PAGE, 0);
	show("shrunk", "%d", q == p);
	touch("cut off", p + 4 * PAGE, 0);
	q = mremap(p, 3 * PAGE, 1000 * PAGE, MREMAP_MAYMOVE);
	show("moved", "%d %d %d", q != MAP_FAILED, q[0], q[999 * PAGE]);
	CALL("mremap bad", mremap(p + 1, PAGE, PAGE, 0) == MAP_FAILED ? -1 : 0);
	munmap(q, 1000 * PAGE);
	p = mmap(NULL, 1ull << 43, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	show("reserve 8 TB", "%d", p != MAP_FAILED);
	CALL("use a part", mprotect(p + (1ull << 40), PAGE, PROT_READ | PROT_WRITE));
	touch("in it", p + (1ull << 40), 1);
	CALL("give back", munmap(p, 1ull << 43));
	q = mmap(NULL, 1ull << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	show("absurd", "%s", q == MAP_FAILED ? strerror(errno) : "mapped");
}

static void *reader(void *arg) { return (void *)(long)((volatile char *)arg)[3]; }

static void advice(void)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, 0);
	unsigned char in[4];
	pthread_t t;
	void *r;

	memset(p, 9, 4 * PAGE);
	CALL("dontneed", madvise(p, PAGE, MADV_DONTNEED));
	show("gone", "%d %d", p[0], p[PAGE]);
	CALL("free", madvise(p + PAGE, PAGE, MADV_FREE));
	CALL("willneed", madvise(p, PAGE, MADV_WILLNEED));
	CALL("bad advice", madvise(p, PAGE, 12345));
	CALL("advise unmapped", madvise((void *)(1l << 32), PAGE, MADV_DONTNEED));
	CALL("mincore", mincore(p, 4 * PAGE, in));
	show("resident", "%d", in[2] & 1);
	CALL("mlock", mlock(p, PAGE));
	CALL("munlock", munlock(p, PAGE));
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	p[3] = 77;
	pthread_create(&t, NULL, reader, p);
	pthread_join(t, &r);
	show("shared anonymous", "%ld", (long)r);
}

static int recurse(int n)
{
	volatile char frame[1000];

	frame[n % 1000] = 1;
	return n ? recurse(n - 1) + frame[n % 1000] : 0;
}

static void execute(void)
{
	static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42,%eax; ret */
	unsigned char *p = (void *)map(PAGE, PROT_READ | PROT_WRITE, 0);

	memcpy(p, code, sizeof(code));
	if (!sigsetjmp(back, 1))
		show("not executable", "%d", ((int (*)(void))p)());
	else
		show("not executable", "signal %d code %d", got_sig, got_code);
	mprotect(p, PAGE, PROT_READ | PROT_EXEC);
	show("executable", "%d", ((int (*)(void))p)());
	p = (void *)map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, 0);
	memcpy(p, code, sizeof(code));
	show("both", "%d", ((int (*)(void))p)());
}

int main(void)
{
	struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	static char alt[32768];
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)};
	void *b;

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	protection();
	files();
	placing();
	advice();
	execute();
	show("deep stack", "%d", recurse(5000));
	b = sbrk(0);
	show("brk", "%d", sbrk(0) == b);
	/* Stack overflow is caught on the alternate stack. */
	CALL("sigaltstack", sigaltstack(&ss, NULL));
	sa.sa_flags |= SA_ONSTACK;
	sigaction(SIGSEGV, &sa, NULL);
	if (!sigsetjmp(back, 1))
		recurse(100000000);
	show("stack overflow", "signal %d", got_sig);
	return 0;
}
