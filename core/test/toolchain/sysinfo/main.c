/*
 * Starts as it would in the unikernel: with AT_SYSINFO in the auxiliary vector.
 * The entry that it names counts the calls and lets Linux serve them.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

__asm__(".text\n"
	".globl counted_start\n"
	"counted_start:\n"
	/* Past argc, argv and envp: AT_SYSINFO_EHDR (33) becomes AT_SYSINFO. */
	"	mov (%rsp), %rax\n"
	"	lea 16(%rsp,%rax,8), %rax\n"
	"1:	add $8, %rax\n"
	"	cmpq $0, -8(%rax)\n"
	"	jne 1b\n"
	"2:	cmpq $33, (%rax)\n"
	"	je 3f\n"
	"	add $16, %rax\n"
	"	jmp 2b\n"
	"3:	movq $32, (%rax)\n"
	"	lea entry(%rip), %rcx\n"
	"	mov %rcx, 8(%rax)\n"
	"	jmp _start\n"
	"entry:\n"
	"	lock incq calls(%rip)\n"
	"	syscall\n"
	"	ret\n");

unsigned long calls;

static int nothing(void)
{
	return 0;
}

/* Needs a relocation, so it is not in .rodata but in .data.rel.ro. */
static int (*const table[])(void) = { nothing, nothing };
static sigjmp_buf out;

static void fault(int sig)
{
	siglongjmp(out, sig);
}

static void *sleeper(void *arg)
{
	struct timespec ts = { 0, 1000000 };

	nanosleep(&ts, NULL);
	pthread_cancel(pthread_self());
	pause();
	return arg;
}

#define CHECK(x) printf("%s: %s\n", (x) ? "ok" : "FAILED", #x)

int main(void)
{
	unsigned long before;
	pthread_t t;
	void *r;

	CHECK(getauxval(32) != 0);
	CHECK(calls > 0);
	before = calls;
	CHECK(getppid() > 0 && calls == before + 1);
	errno = 0;
	CHECK(close(-1) == -1 && errno == EBADF);
	CHECK(pthread_create(&t, NULL, sleeper, NULL) == 0);
	CHECK(pthread_join(t, &r) == 0 && r == PTHREAD_CANCELED);
	before = calls;
	CHECK(write(2, "", 0) == 0 && calls == before + 1);

	signal(SIGSEGV, fault);
	if (!sigsetjmp(out, 1)) {
		*(int (*volatile *)(void))&table[getppid() & 1] = NULL;
		puts("FAILED: a table of functions can be overwritten");
	} else {
		puts("ok: relocated constants are read-only");
	}
	return 0;
}
