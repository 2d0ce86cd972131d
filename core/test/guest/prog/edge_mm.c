/* Corner cases of memory mappings. */
#include "check.h"
#include "fault.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096ul
#define TRY(expr) CALL(#expr, expr)
/* Calls whose good result is an address. */
#define MAP(label, expr) CALL(label, (expr) == MAP_FAILED ? -1 : 0)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define FILE_NAME "/tmp/edge-mm"

/* Raw calls: the C library corrects some arguments. */
static long rmprotect(void *p, size_t n, int prot)
{
	return syscall(SYS_mprotect, p, n, prot);
}

static void *rmmap(void *p, size_t n, int prot, int flags, int fd, long off)
{
	return (void *)syscall(SYS_mmap, p, n, prot, flags, fd, off);
}

static long rmremap(void *p, size_t o, size_t n, int f, void *to)
{
	return syscall(SYS_mremap, p, o, n, f, to);
}

static char *map(size_t pages)
{
	return mmap(NULL, pages * PAGE, RW, ANON, -1, 0);
}

static void map_arguments(void)
{
	int ro = open("/etc/passwd", O_RDONLY), p[2];
	char *a = map(8), *q;

	MAP("no type", rmmap(0, PAGE, RW, MAP_ANONYMOUS, -1, 0));
	MAP("both types", rmmap(0, PAGE, RW, MAP_ANONYMOUS | 3, -1, 0));
	MAP("unaligned offset", rmmap(0, PAGE, RW, ANON, -1, 5));
	MAP("offset ignored", rmmap(0, PAGE, RW, ANON, -1, 1 << 20));
	MAP("overflow", rmmap(0, -1ul, RW, ANON, -1, 0));
	MAP("too long", rmmap(0, 1ul << 47, PROT_NONE, ANON, -1, 0));
	MAP("fixed high", rmmap((void *)(1ul << 47), PAGE, RW, ANON | MAP_FIXED, -1, 0));
	MAP("fixed unaligned", rmmap(a + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	MAP("hint unaligned", rmmap(a + 1, PAGE, RW, ANON, -1, 0));
	MAP("hint high", rmmap((void *)(1ul << 47), PAGE, RW, ANON, -1, 0));
	MAP("hint low", rmmap((void *)1, PAGE, RW, ANON, -1, 0));
	MAP("noreplace", rmmap(a, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	MAP("noreplace partly", rmmap(a + 7 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	munmap(a + 4 * PAGE, PAGE);
	q = rmmap(a + 4 * PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);
	show("noreplace free", "%d", q == a + 4 * PAGE);
	MAP("bad fd", rmmap(0, PAGE, RW, MAP_PRIVATE, -1, 0));
	MAP("bad fd, no length", rmmap(0, 0, RW, MAP_PRIVATE, -1, 0));
	MAP("shared write of read-only", rmmap(0, PAGE, RW, MAP_SHARED, ro, 0));
	MAP("validate", rmmap(0, PAGE, PROT_READ, MAP_SHARED_VALIDATE, ro, 0));
	MAP("validate unknown", rmmap(0, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x8000000, ro, 0));
	MAP("validate anonymous", rmmap(0, PAGE, PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0));
	MAP("unknown flag", rmmap(0, PAGE, PROT_READ, MAP_SHARED | 0x8000000, ro, 0));
	MAP("growsdown file", rmmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, ro, 0));
	MAP("growsdown shared", rmmap(0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0));
	MAP("offset huge", rmmap(0, PAGE, PROT_READ, MAP_PRIVATE, ro, 0x7ffffffffffff000));
	MAP("huge pages of a file", rmmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_HUGETLB, ro, 0));
	pipe(p);
	MAP("pipe", rmmap(0, PAGE, PROT_READ, MAP_PRIVATE, p[0], 0));
	MAP("pipe's other end", rmmap(0, PAGE, PROT_READ, MAP_PRIVATE, p[1], 0));
	q = rmmap(0, PAGE, RW, ANON | MAP_32BIT, -1, 0);
	show("32 bit", "%d", q != MAP_FAILED && (uintptr_t)q < 1ul << 31);
	q = rmmap(0, 64 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);
	{
		unsigned char in[64];
		int n = 0;

		mincore(q, 64 * PAGE, in);
		for (int i = 0; i < 64; i++)
			n += in[i] & 1;
		show("populated", "%d", n);
	}
	close(p[0]);
	close(p[1]);
	close(ro);
}

static void protect(void)
{
	char *a = map(10), *g;
	int fd = open("/etc/passwd", O_RDONLY);
	char *s = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	memset(a, 5, 10 * PAGE);
	TRY(rmprotect(a + 1, PAGE, RW));
	TRY(rmprotect(a, 0, RW));
	TRY(rmprotect(a, 1, PROT_READ));
	touch("whole page", a + PAGE - 1, 1);
	TRY(rmprotect(a, -PAGE, RW));
	TRY(rmprotect(a, PAGE, 0x100));
	TRY(rmprotect(a, PAGE, PROT_GROWSDOWN | RW));
	TRY(rmprotect(a, PAGE, PROT_GROWSUP | RW));
	TRY(rmprotect(a, PAGE, PROT_GROWSUP | PROT_GROWSDOWN));
	TRY(rmprotect(s, PAGE, RW));
	TRY(rmprotect(s, PAGE, PROT_NONE));
	touch("file, none", s, 0);
	TRY(rmprotect(s, PAGE, PROT_READ | PROT_EXEC));
	touch("file again", s, 0);
	TRY(rmprotect(a, PAGE, PROT_WRITE));
	touch("write means read", a, 0);
	TRY(rmprotect(a, PAGE, PROT_EXEC));
	touch("not writable", a, 1);
	TRY(rmprotect(a, 10 * PAGE, RW));
	show("kept", "%d %d", a[100], a[9 * PAGE]);
	g = mmap(NULL, 2 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0);
	TRY(rmprotect(g + PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
	touch("below too", g, 1);
	close(fd);
}

static void growing(void)
{
	char *area = mmap(NULL, 600 * PAGE, PROT_NONE, ANON, -1, 0), *g;

	munmap(area, 600 * PAGE);
	g = mmap(area + 599 * PAGE, PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	touch("grows", g - 10 * PAGE, 1);
	touch("filled", g - 5 * PAGE, 0);
	munmap(g - 10 * PAGE, 11 * PAGE);
	/* Something else keeps its distance. */
	g = mmap(area + 599 * PAGE, PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	mmap(area + 200 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	touch("far", area + 460 * PAGE, 1);
	touch("near", area + 450 * PAGE, 1);
	munmap(area, 600 * PAGE);
}

static void files(void)
{
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *s, *p, c[20];

	ftruncate(fd, 10 * PAGE);
	s = mmap(NULL, 10 * PAGE, RW, MAP_SHARED, fd, 0);
	p = mmap(NULL, 10 * PAGE, RW, MAP_PRIVATE, fd, 0);
	memset(s, 1, 10 * PAGE);
	show("private sees", "%d", p[9 * PAGE]);
	p[9 * PAGE] = 2;
	s[9 * PAGE] = 3;
	show("no more", "%d", p[9 * PAGE]);
	TRY(madvise(p + 9 * PAGE, PAGE, MADV_DONTNEED));
	show("again", "%d", p[9 * PAGE]);
	TRY(madvise(s, PAGE, MADV_DONTNEED));
	show("shared kept", "%d", s[0]);
	TRY(madvise(s, PAGE, MADV_FREE));
	TRY(madvise(p, PAGE, MADV_REMOVE));
	p[2 * PAGE] = 9;
	TRY(madvise(s + 2 * PAGE, PAGE, MADV_REMOVE));
	show("hole", "%d %d", s[2 * PAGE], p[2 * PAGE]);
	ftruncate(fd, 4 * PAGE + 100);
	show("tail", "%d %d", s[4 * PAGE + 99], s[4 * PAGE + 100]);
	touch("private copy beyond", p + 9 * PAGE, 0);
	s[4 * PAGE + 200] = 7;
	ftruncate(fd, 10 * PAGE);
	show("extended", "%d %d %d", s[4 * PAGE + 99], s[4 * PAGE + 200], s[8 * PAGE]);
	/* The mapping outlives descriptor and name. */
	close(fd);
	unlink(FILE_NAME);
	s[0] = 42;
	show("unlinked", "%d %d", s[0], p[0]);
	TRY(msync(s, 10 * PAGE, MS_SYNC));
	TRY(msync(s, 10 * PAGE, MS_ASYNC | MS_SYNC));
	TRY(msync(s, 10 * PAGE, 8));
	TRY(msync(s, 0, MS_SYNC));
	munmap(s + 5 * PAGE, PAGE);
	TRY(msync(s, 10 * PAGE, MS_SYNC));
	TRY(msync(s, -1, MS_SYNC));
	munmap(s, 10 * PAGE);
	munmap(p, 10 * PAGE);
	/* The kernel reads into and writes from mapped files. */
	fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
	write(fd, "0123456789", 10);
	s = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	CALL("onto itself", pwrite(fd, s, 5, 5));
	CALL("into private", pread(fd, p, 3, 5));
	memcpy(c, p, 10);
	c[10] = 0;
	show("text", "%.10s %s", s, c);
	ftruncate(fd, 0);
	CALL("from beyond", write(fd, s, 10));
	CALL("into beyond", pread(open("/etc/passwd", O_RDONLY), s, 10, 0));
	close(fd);
	unlink(FILE_NAME);
}

static void remap(void)
{
	char *a = map(20), *b = map(20), *q;
	char *s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < 20; i++)
		a[i * PAGE] = i;
	s[0] = 11;
	TRY(rmremap(a, PAGE, PAGE, 8, 0));
	TRY(rmremap(a + 1, PAGE, PAGE, 0, 0));
	TRY(rmremap(a, PAGE, 0, 0, 0));
	TRY(rmremap(a, PAGE, PAGE, MREMAP_FIXED, b));
	TRY(rmremap(a, 2 * PAGE, PAGE, MREMAP_MAYMOVE | 4, 0));
	TRY(rmremap(a, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a + 2 * PAGE));
	TRY(rmremap(a, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, b + 1));
	TRY(rmremap((void *)(1l << 40), PAGE, PAGE, 0, 0));
	TRY(rmremap(a, 0, PAGE, MREMAP_MAYMOVE, 0));
	TRY(rmremap(a, 1ul << 62, PAGE, 0, 0));
	TRY(rmremap(a, 1ul << 63, PAGE, MREMAP_MAYMOVE, 0));
	TRY(rmremap(a, -PAGE, PAGE, 0, 0));
	TRY(rmremap(a, -PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)(1l << 28)));
	TRY(rmremap(a, 4 * PAGE, 8 * PAGE, 0, 0));
	q = mremap(a, 10 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, b + 3 * PAGE);
	show("to a place", "%d %d", q == b + 3 * PAGE, q[4 * PAGE]);
	touch("left", a, 0);
	touch("cut", a + 7 * PAGE, 0);
	touch("stayed", a + 10 * PAGE, 0);
	q = mremap(s, 0, 4 * PAGE, MREMAP_MAYMOVE);
	show("second mapping", "%d", q != MAP_FAILED && q[0] == 11);
	q[PAGE] = 12;
	show("the same", "%d", s[PAGE]);
	q = mremap(s, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	touch("beyond shared memory", q + 6 * PAGE, 0);
	q = mremap(a + 12 * PAGE, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | 4);
	show("pages moved, mapping left", "%d %d", q != MAP_FAILED ? q[0] : -1,
	     a[12 * PAGE]);
	rmprotect(b, PAGE, PROT_READ);
	TRY(rmremap(b, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE, 0));
}

static void advice(void)
{
	char *a = map(8);
	unsigned char in[8];

	memset(a, 1, 8 * PAGE);
	TRY(madvise(a + 1, PAGE, MADV_DONTNEED));
	TRY(madvise(a, 0, MADV_DONTNEED));
	TRY(madvise(a, 0, 999));
	TRY(madvise(a, -1, MADV_DONTNEED));
	TRY(madvise(a, PAGE, MADV_WIPEONFORK));
	TRY(madvise(a, PAGE, MADV_KEEPONFORK));
	TRY(madvise(a, PAGE, MADV_DONTFORK));
	TRY(madvise(a, PAGE, MADV_DOFORK));
	TRY(madvise(a, PAGE, MADV_DONTDUMP));
	TRY(madvise(a, PAGE, MADV_SEQUENTIAL));
	TRY(madvise(a, PAGE, MADV_REMOVE));
	TRY(madvise(a, PAGE, 23));
	munmap(a + 3 * PAGE, PAGE);
	TRY(madvise(a, 8 * PAGE, MADV_DONTNEED));
	show("before and behind the hole", "%d %d", a[0], a[7 * PAGE]);
	TRY(madvise(a, 8 * PAGE, 22));
	TRY(syscall(SYS_mincore, a + 1, PAGE, in));
	TRY(syscall(SYS_mincore, a, PAGE, (void *)8));
	TRY(syscall(SYS_mincore, a, 8 * PAGE, in));
	TRY(syscall(SYS_mincore, -PAGE, PAGE, in));
	TRY(mlock(a, PAGE));
	TRY(madvise(a, PAGE, MADV_DONTNEED));
	TRY(msync(a, PAGE, MS_INVALIDATE));
	TRY(mlock(a, 8 * PAGE));
	TRY(munlock(a, 3 * PAGE));
	TRY(syscall(SYS_mlock2, a, PAGE, 2));
	TRY(syscall(SYS_mlock2, a, PAGE, 1));
	TRY(mlockall(0));
	TRY(mlockall(4));
	TRY(mlockall(8));
	TRY(munlockall());
	TRY(syscall(SYS_membarrier, 0, 1, 0));
	TRY(syscall(SYS_membarrier, 8, 0, 0));
	TRY(syscall(SYS_membarrier, 16, 0, 0));
	TRY(syscall(SYS_membarrier, 8, 0, 0));
}

static void heap(void)
{
	char *start = (void *)syscall(SYS_brk, 0), *r;

	r = (void *)syscall(SYS_brk, start + 10 * PAGE + 5);
	show("grown", "%d", r == start + 10 * PAGE + 5);
	touch("last byte", r, 1);
	r = (void *)syscall(SYS_brk, start + PAGE);
	show("shrunk", "%d", r == start + PAGE);
	touch("gone", start + 5 * PAGE, 0);
	r = (void *)syscall(SYS_brk, start - (1 << 30));
	show("below", "%d", r == start + PAGE);
	r = (void *)syscall(SYS_brk, 1ul << 46);
	show("absurd", "%d", r == start + PAGE);
	/* Something in the way. */
	mmap(start + 20 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	r = (void *)syscall(SYS_brk, start + 20 * PAGE);
	show("no gap", "%d", r == start + PAGE);
	r = (void *)syscall(SYS_brk, start + 19 * PAGE);
	show("gap of a page", "%d", r == start + 19 * PAGE);
	munmap(start + 20 * PAGE, PAGE);
	syscall(SYS_brk, start);
}

static void limits(void)
{
	struct rlimit rl, old;
	char *a;

	getrlimit(RLIMIT_DATA, &old);
	/* Linux takes 0 for the hard limit. */
	rl = (struct rlimit){0, old.rlim_max};
	setrlimit(RLIMIT_DATA, &rl);
	MAP("data, limit 0", map(1));
	rl = (struct rlimit){PAGE, old.rlim_max};
	setrlimit(RLIMIT_DATA, &rl);
	MAP("data", map(1));
	MAP("not data", mmap(NULL, PAGE, PROT_READ, ANON, -1, 0));
	a = mmap(NULL, PAGE, PROT_READ, ANON, -1, 0);
	TRY(rmprotect(a, PAGE, RW));
	setrlimit(RLIMIT_DATA, &old);
	getrlimit(RLIMIT_AS, &old);
	rl = (struct rlimit){1ul << 30, old.rlim_max};
	setrlimit(RLIMIT_AS, &rl);
	MAP("too much", mmap(NULL, 2ul << 30, PROT_NONE, ANON, -1, 0));
	MAP("enough", map(10));
	setrlimit(RLIMIT_AS, &old);
}

static void kernel_access(void)
{
	char *a = map(4);
	struct iovec v[2] = {{a, PAGE}, {a + 2 * PAGE, PAGE}};
	int fd = open("/dev/zero", O_RDONLY), p[2];

	pipe(p);
	munmap(a + PAGE, PAGE);
	rmprotect(a + 3 * PAGE, PAGE, PROT_READ);
	CALL("into a hole", read(fd, a, 2 * PAGE));
	CALL("all hole", read(fd, a + PAGE, 10));
	CALL("vector", readv(fd, v, 2));
	CALL("into read-only", read(fd, a + 3 * PAGE, 10));
	CALL("part read-only", read(fd, a + 2 * PAGE, 2 * PAGE));
	CALL("from a hole", write(p[1], a + PAGE, 10));
	CALL("part of a hole", write(p[1], a + PAGE - 10, 20));
	CALL("kernel address", write(p[1], (void *)-4096l, 10));
	CALL("wrapping", write(p[1], (void *)-5l, 10));
	CALL("null", write(p[1], NULL, 1));
	CALL("path in a hole", open(a + PAGE, O_RDONLY));
	memset(a + PAGE - 10, 'x', 10);
	CALL("path into a hole", open(a + PAGE - 10, O_RDONLY));
	close(fd);
	close(p[0]);
	close(p[1]);
}

static void many(void)
{
	char *a = map(2000);
	long sum = 0;

	for (int i = 0; i < 2000; i += 2)
		rmprotect(a + i * PAGE, PAGE, PROT_READ);
	for (int i = 1; i < 2000; i += 2)
		a[i * PAGE] = 1;
	TRY(rmprotect(a, 2000 * PAGE, RW));
	for (int i = 0; i < 2000; i++)
		sum += ++a[i * PAGE];
	show("sum", "%ld", sum);
	for (int i = 0; i < 2000; i += 3)
		munmap(a + i * PAGE, PAGE);
	TRY(munmap(a, 2000 * PAGE));
}

int main(void)
{
	struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	map_arguments();
	protect();
	growing();
	files();
	remap();
	advice();
	heap();
	limits();
	kernel_access();
	many();
	return 0;
}
