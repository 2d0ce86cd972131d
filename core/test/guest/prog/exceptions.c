/* What the processor reports, as signals; registers across entries. */
#include "check.h"
#include <asm/prctl.h>
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile int sig, code, ticks;
static void *volatile addr;

static void jump(int s, siginfo_t *si, void *uc)
{
	sig = s;
	code = si->si_code;
	addr = si->si_addr;
	siglongjmp(back, 1);
}

static void set(int s, void (*fn)(int, siginfo_t *, void *))
{
	struct sigaction sa = {.sa_sigaction = fn, .sa_flags = SA_SIGINFO};

	sigaction(s, &sa, NULL);
}

#define TRY(label, code_)                                                      \
	do {                                                                   \
		sig = code = 0;                                                \
		addr = NULL;                                                   \
		if (!sigsetjmp(back, 1)) {                                     \
			code_;                                                 \
		}                                                              \
		show(label, "signal %d code %d", sig, code);                   \
	} while (0)

static void memory(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static const char constant[] = "constant";

	TRY("write to 0", *(volatile int *)0 = 1);
	TRY("read of 0x1234", (void)*(volatile int *)0x1234);
	show("its address", "%lx", (unsigned long)addr);
	TRY("not canonical", *(volatile int *)0x8000000000000000ul = 1);
	show("its address", "%lx", (unsigned long)addr);
	TRY("constant", *(volatile char *)constant = 1);
	TRY("jump to 0x10", ((void (*)(void))0x10)());
	show("its address", "%lx", (unsigned long)addr);
	page[0] = (char)0xc3; /* ret */
	TRY("jump to data", ((void (*)(void))page)());
	show("its address", "%s", addr == page ? "right" : "wrong");
	mprotect(page, 4096, PROT_READ | PROT_EXEC);
	TRY("made executable", ((void (*)(void))page)());
	TRY("write to it", page[0] = 1);
	mprotect(page, 4096, PROT_NONE);
	TRY("PROT_NONE", (void)*(volatile char *)page);
	mprotect(page, 4096, PROT_READ);
	TRY("readable again", (void)*(volatile char *)page);
	show("kept", "%x", page[0] & 0xff);
	munmap(page, 4096);
	TRY("unmapped", (void)*(volatile char *)page);
}

static void instructions(void)
{
	uint16_t divide = 0x37f & ~4, normal = 0x37f;

	TRY("divide", __asm__ __volatile__("xor %%ecx, %%ecx; xor %%edx, %%edx;"
					   "mov $1, %%eax; div %%ecx" ::
						   : "eax", "ecx", "edx"));
	TRY("divide overflow",
	    __asm__ __volatile__("mov $1, %%ecx; mov $7, %%edx; div %%ecx" ::
					 : "eax", "ecx", "edx"));
	TRY("ud2", __asm__ __volatile__("ud2"));
	TRY("int3", __asm__ __volatile__("int3"));
	TRY("trap flag", __asm__ __volatile__("pushfq; orl $0x100, (%%rsp);"
					      "popfq; nop; nop" ::
						      : "memory", "cc"));
	TRY("x87 divide",
	    __asm__ __volatile__("fldcw %0; fld1; fldz; fdivrp; fwait" ::"m"(
		    divide)));
	__asm__ __volatile__("fninit; fldcw %0" ::"m"(normal));
}

static void bad_rip(int s, siginfo_t *si, void *uc)
{
	((ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP] =
		(greg_t)0x800000000000ul;
}

static void other_xmm(int s, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	u->uc_mcontext.fpregs->_xmm[7].element[0] = 0x12345678;
}

static void spoil(int s, siginfo_t *si, void *uc)
{
	double v = 1.5;

	__asm__ __volatile__("movsd %0, %%xmm0; movsd %0, %%xmm7;"
			     "movsd %0, %%xmm15; fldl %0; fstp %%st(0)" ::"m"(v)
			     : "xmm0", "xmm7", "xmm15");
	ticks++;
}

static void frames(void)
{
	uint32_t v;
	long r;

	set(SIGUSR1, bad_rip);
	TRY("handler returns to nowhere", raise(SIGUSR1));
	set(SIGUSR1, other_xmm);
	__asm__ __volatile__("xorps %%xmm7, %%xmm7; syscall; movd %%xmm7, %0"
			     : "=r"(v), "=a"(r)
			     : "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR1)
			     : "rcx", "r11", "memory", "xmm7");
	show("register set by handler", "%x %ld", v, r);
	set(SIGUSR1, spoil);
	__asm__ __volatile__("mov $42, %%ecx; movd %%ecx, %%xmm7; syscall;"
			     "movd %%xmm7, %0"
			     : "=r"(v), "=a"(r)
			     : "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR1)
			     : "rcx", "r11", "memory", "xmm7");
	show("register kept over handler", "%u %ld", v, r);
}

static void registers(void)
{
	unsigned long a = 1, b = 2, c = 3, fs = 0;
	register long r10 __asm__("r10") = 6;
	register long r8 __asm__("r8") = 7;
	register long r9 __asm__("r9") = 8;
	struct itimerval once = {.it_value.tv_usec = 20000};
	long r;

	__asm__ __volatile__("syscall"
			     : "=a"(r), "+D"(a), "+S"(b), "+d"(c), "+r"(r10),
			       "+r"(r8), "+r"(r9)
			     : "0"(SYS_getppid)
			     : "rcx", "r11", "memory");
	show("kept", "%lu %lu %lu %ld %ld %ld", a, b, c, r10, r8, r9);
	CALL("arch_prctl unknown", syscall(SYS_arch_prctl, 0x9999, 0));
	CALL("FS out of range", syscall(SYS_arch_prctl, ARCH_SET_FS, -1l));
	CALL("FS to nowhere", syscall(SYS_arch_prctl, ARCH_GET_FS, 8));
	CALL("ARCH_GET_FS", syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
	__asm__ __volatile__("mov %%fs:0, %0" : "=r"(a));
	show("FS", "%s", a == fs ? "right" : "wrong");

	/* In ring 0 this masks interrupts; the kernel sees to it. */
	set(SIGALRM, spoil);
	ticks = 0;
	setitimer(ITIMER_REAL, &once, NULL);
	__asm__ __volatile__("pushfq; andl $~0x200, (%%rsp); popfq" ::
				     : "memory", "cc");
	getppid();
	while (!ticks)
		;
	show("the timer came", "%d", ticks);
}

/*
 * A call through the pointer of AT_SYSINFO without a stack; Linux has none, so
 * there it is a function that does the same.
 */
static void no_stack(void)
{
	static char space[65536] __attribute__((aligned(16)));
	stack_t ss = {.ss_sp = space, .ss_size = sizeof(space)}, off = {0};
	struct sigaction sa = {.sa_sigaction = jump,
			       .sa_flags = SA_SIGINFO | SA_ONSTACK};
	unsigned long entry = getauxval(AT_SYSINFO);

	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	TRY("no stack",
	    __asm__ __volatile__("test %0, %0; jz 1f; xor %%esp, %%esp;"
				 "jmp *%0; 1: xor %%esp, %%esp;"
				 "mov (%%rsp), %%r11" ::"a"(entry)
				 : "rcx", "r11", "memory", "cc"));
	set(SIGSEGV, jump);
	off.ss_flags = SS_DISABLE;
	CALL("signal stack off", sigaltstack(&off, NULL));
}

int main(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};

	for (int i = 0; i < 5; i++)
		set(faults[i], jump);
	memory();
	instructions();
	frames();
	registers();
	no_stack();
	return 0;
}
