/*
 * What a program must not be able to do to itself (hardening.t).  Without an
 * argument every line is what Linux does, too; the arguments are for the guest
 * alone.
 */
#include "fault.h"
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define RET 0xc3 /* SDM vol. 2, RET */

static unsigned char data_code[16] = {RET};
static unsigned char bss_code[16];
static const long constant = 1;
static char handler_stack[65536];

static void catch_faults(void)
{
	struct sigaction sa = {.sa_sigaction = on_fault,
			       .sa_flags = SA_SIGINFO | SA_ONSTACK};
	stack_t ss = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack)};

	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	sigaction(SIGILL, &sa, NULL);
	sigaction(SIGTRAP, &sa, NULL);
}

static void call(const char *label, void *code)
{
	got_sig = 0;
	if (!sigsetjmp(back, 1)) {
		((void (*)(void))code)();
		show(label, "ran");
		return;
	}
	show(label, "signal %d code %d address %s", got_sig, got_code,
	     got_addr == code ? "right" : "wrong");
}

static void call_code(void)
{
	volatile unsigned char on_stack[16] = {RET};
	unsigned char *heap = malloc(16);
	unsigned char *big = malloc(1 << 20);
	unsigned char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*heap = *big = *map = *bss_code = RET;
	call("call null", NULL);
	call("call the stack", (void *)on_stack);
	call("call the heap", heap);
	call("call a large block", big);
	call("call a mapping", map);
	call("call data", data_code);
	call("call bss", bss_code);
	call("call a constant", (void *)&constant);
	munmap(map, PAGE);
	free(big);
	free(heap);
}

/* ---- stacks ---- */

static __attribute__((noinline)) long deeper(volatile long *up)
{
	volatile long here[64];

	here[0] = *up + 1;
	return deeper(here) + here[0];
}

static void overflow(const char *label)
{
	long zero = 0;

	got_sig = 0;
	if (!sigsetjmp(back, 1)) {
		show(label, "%ld", deeper(&zero));
		return;
	}
	show(label, "signal %d", got_sig);
}

static void *thread(void *arg)
{
	char *stack;
	size_t size;
	pthread_attr_t a;
	stack_t ss = {.ss_sp = malloc(65536), .ss_size = 65536};

	sigaltstack(&ss, NULL);
	pthread_getattr_np(pthread_self(), &a);
	pthread_attr_getstack(&a, (void **)&stack, &size);
	touch("read below a thread's stack", stack - 1, 0);
	touch("write below a thread's stack", stack - 1, 1);
	overflow("overflow of a thread's stack");
	pthread_attr_destroy(&a);
	return NULL;
}

static void stacks(void)
{
	pthread_t t;

	overflow("overflow of the first stack");
	if (pthread_create(&t, NULL, thread, NULL))
		show("pthread_create", "failed");
	else
		pthread_join(t, NULL);
}

/* ---- mappings ---- */

static void own_maps(void)
{
	char line[512], perm[5];
	int writable = 0, executable = 0, both = 0;
	FILE *f = fopen("/proc/self/maps", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %4s", perm) != 1)
			continue;
		writable += perm[1] == 'w';
		executable += perm[2] == 'x';
		both += perm[1] == 'w' && perm[2] == 'x';
		if (strstr(line, "[stack]"))
			show("permissions of the stack", "%s", perm);
		/* musl's guard of the heap, on Linux a part of it. */
		if (strstr(line, "[heap]") && strcmp(perm, "---p"))
			show("permissions of the heap", "%s", perm);
	}
	if (f)
		fclose(f);
	show("some writable, some executable", "%d", writable && executable);
	show("writable and executable", "%d", both);
}

static void jit(void)
{
	void *p;

	CALL("map writable and executable",
	     (p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) == MAP_FAILED ?
		     -1 : 0);
	if (p != MAP_FAILED) {
		*(unsigned char *)p = RET;
		call("call it", p);
		munmap(p, PAGE);
	}
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CALL("make it both",
	     mprotect(p, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
	*(unsigned char *)p = RET;
	CALL("make it executable only",
	     mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	call("call that", p);
	touch("write to that", p, 1);
	munmap(p, PAGE);
}

/* ---- for the guest alone ---- */

static int trial(const char *name)
{
	int fd = open("/dev/trials", O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, name, strlen(name));

	if (n < 0)
		perror(name);
	if (fd >= 0)
		close(fd);
	return n < 0;
}

static void *stack_of_thread(void *arg)
{
	char here;

	printf("thread %p\n", (void *)&here);
	return NULL;
}

/* Addresses and secrets that differ from boot to boot. */
static int layout(void)
{
	unsigned long here = 0;
	uint64_t random;
	pthread_t t;

	memcpy(&random, (void *)getauxval(AT_RANDOM), sizeof(random));
	printf("program %p\n", (void *)(uintptr_t)layout);
	printf("stack %p\n", (void *)&here);
	printf("heap %p\n", sbrk(0));
	printf("mapping %p\n", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE |
				    MAP_ANONYMOUS, -1, 0));
	pthread_create(&t, NULL, stack_of_thread, NULL);
	pthread_join(t, NULL);
	printf("auxiliary 0x%lx\n", (unsigned long)random);
	/* System V ABI: the guard is at FS:28h. */
	__asm__("mov %%fs:0x28, %0" : "=r"(here));
	printf("guard 0x%lx\n", here);
	return trial("guard");
}

static char secret[40];
static int files_read, found;

static void look_for_secret(const char *buf, size_t n, const char *where)
{
	if (memmem(buf, n, secret, strlen(secret))) {
		show("the secret is in", "%s", where);
		found++;
	}
}

static int look_into(const char *path, const struct stat *st, int type,
		     struct FTW *ftw)
{
	static char buf[1 << 20];
	size_t n = 0;
	ssize_t got;
	int fd;

	if (type != FTW_F || (fd = open(path, O_RDONLY | O_NONBLOCK)) < 0)
		return 0;
	/* The program's own memory holds what it looks for. */
	if (!strstr(path, "/mem")) {
		while (n < sizeof(buf) &&
		       (got = read(fd, buf + n, sizeof(buf) - n)) > 0)
			n += (size_t)got;
		files_read++;
		look_for_secret(buf, n, path);
		if (memmem(buf, n, "ffffffff8", 9) ||
		    memmem(buf, n, "ffff8000", 8) ||
		    memmem(buf, n, "ffffc000", 8)) {
			show("an address of the kernel is in", "%s", path);
			found++;
		}
	}
	close(fd);
	return 0;
}

/* Addresses where the kernel has something (arch/layout.h). */
static const uintptr_t kernel[] = {0xffffffff80100000, 0xffff800000100000,
				   0xffffc00000001000};

/* The kernel's memory is no memory of a program in any system call. */
static void kernel_pointers(void)
{
	char buf[64];
	int fd = open("/proc/self/mem", O_RDWR), p[2];

	pipe(p);
	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++) {
		void *at = (void *)kernel[i];

		CALL("write from the kernel", write(p[1], at, 16));
		CALL("write(1)", write(p[1], "x", 1));
		CALL("read into the kernel", read(p[0], at, 1));
		read(p[0], buf, 1);
		CALL("open", open(at, O_RDONLY));
		CALL("getrandom", getentropy(at, 16));
		CALL("/proc/self/mem, read",
		     pread(fd, buf, sizeof(buf), (off_t)kernel[i]));
		CALL("/proc/self/mem, write",
		     pwrite(fd, buf, sizeof(buf), (off_t)kernel[i]));
	}
	close(fd);
}

/* What the kernel has in memory, and what it had in pages that are free now. */
static int secrets(void)
{
	char command[64];
	uint64_t random[2];
	size_t size = 40 << 20;
	char *fresh;

	/* In another form than the kernel has it, until it is looked for. */
	getentropy(random, sizeof(random));
	snprintf(secret, sizeof(secret), "%016lx%016lx",
		 (unsigned long)random[0], (unsigned long)random[1]);
	snprintf(command, sizeof(command), "hide %s", secret);
	if (trial(command))
		return 1;
	nftw("/proc", look_into, 16, FTW_PHYS);
	nftw("/sys", look_into, 16, FTW_PHYS);
	show("files", "%s", files_read > 50 ? "many" : "few");
	fresh = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	look_for_secret(fresh, size, "fresh memory");
	for (size_t i = 0; i < size; i += sizeof(long)) {
		if (*(long *)(fresh + i)) {
			show("fresh memory is not zero", "at %zu", i);
			found++;
			break;
		}
	}
	show("found", "%d", found);
	kernel_pointers();
	return 0;
}

/* Both at once, which "audit" must see. */
static int audit_jit(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	*p = RET;
	return trial("audit");
}

int main(int argc, char **argv)
{
	catch_faults();
	if (argc > 1) {
		if (!strcmp(argv[1], "layout"))
			return layout();
		if (!strcmp(argv[1], "secrets"))
			return secrets();
		if (!strcmp(argv[1], "audit-jit"))
			return audit_jit();
		if (!strcmp(argv[1], "jit")) {
			jit();
			return 0;
		}
		return trial(argv[1]);
	}
	touch("read null", NULL, 0);
	touch("write null", NULL, 1);
	touch("read the end of the null page", (char *)PAGE - 1, 0);
	touch("write code", (char *)(uintptr_t)layout, 1);
	touch("write a constant", (char *)&constant, 1);
	call_code();
	stacks();
	own_maps();
	jit();
	return 0;
}
