/*
 * State that a program in ring 3 hands to the kernel: segment bases, signal frames that
 * it has changed, addresses that calls are told.  Each line is what Linux says to the same
 * attempt (ring3.t).
 */
#include "rings.h"
#include <asm/prctl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <ucontext.h>

#define HWCAP2_FSGSBASE_ 2  /* asm/hwcap2.h */

/* ---- segment bases ---- */

static void gs_by_call(void)
{
	static unsigned long word[2] = {0x1234, 0x5678};
	unsigned long v = 0;

	CALL("GS at first", syscall(SYS_arch_prctl, ARCH_GET_GS, &v));
	show("its base", "%lx", v);
	CALL("set GS", syscall(SYS_arch_prctl, ARCH_SET_GS, word));
	__asm__ __volatile__("mov %%gs:8, %0" : "=r"(v));
	show("read by it", "%lx", v);
	CALL("get GS", syscall(SYS_arch_prctl, ARCH_GET_GS, &v));
	show("its base", "%s", v == (unsigned long)word ? "right" : "wrong");
	for (size_t i = 0; i < BADS; i++) {
		CALL("GS out of range",
		     syscall(SYS_arch_prctl, ARCH_SET_GS, bad[i]));
		CALL("FS out of range",
		     syscall(SYS_arch_prctl, ARCH_SET_FS, bad[i]));
		CALL("result out of range",
		     syscall(SYS_arch_prctl, ARCH_GET_GS, bad[i]));
	}
	alarm_soon();
	while (!ticks)
		getppid();
	__asm__ __volatile__("mov %%gs:0, %0" : "=r"(v));
	show("read later", "%lx", v);
}

static void gs_by_instruction(unsigned long base)
{
	unsigned long v = 0;
	long r;

	got_sig = 0;
	if (!sigsetjmp(back, 1))
		__asm__ __volatile__("wrgsbase %0" ::"r"(base));
	outcome("wrgsbase", base);
	if (got_sig)
		return;
	r = syscall(SYS_getpgid, -1);
	syscall(SYS_sched_yield);
	ATTEMPT("fault with it", base, __asm__ __volatile__("ud2"));
	ATTEMPT("read by it", base,
		__asm__ __volatile__("mov %%gs:0, %%rax" ::: "rax"));
	alarm_soon();
	while (!ticks)
		;
	__asm__ __volatile__("rdgsbase %0" : "=r"(v));
	show("base afterwards", "%lx %ld", v, r);
}

/* Between the two instructions there is no thread area. */
static void fs_by_instruction(unsigned long base)
{
	unsigned long v, old;
	long r;

	alarm_soon();
	__asm__ __volatile__("rdfsbase %1; wrfsbase %3; syscall;"
			     "1: cmpl $0, %4; je 1b; rdfsbase %2; wrfsbase %1"
			     : "=a"(r), "=&r"(old), "=&r"(v)
			     : "r"(base), "m"(ticks), "0"(SYS_getpgid), "D"(-1)
			     : "rcx", "r11", "memory", "cc");
	show("FS base", "%lx %lx %ld", base, v, r);
}

static void bases(void)
{
	gs_by_call();
	if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_))
		return;
	for (size_t i = 0; i < BADS; i++) {
		if (!canonical(bad[i]))
			continue; /* refused, but not by QEMU's emulation */
		gs_by_instruction(bad[i]);
		fs_by_instruction(bad[i]);
	}
	gs_by_instruction(0);
}

static unsigned long slot[4];
static volatile int unequal;

static void *own_gs(void *arg)
{
	unsigned long *mine = arg, v;

	syscall(SYS_arch_prctl, ARCH_SET_GS, mine);
	for (int i = 0; i < 2000; i++) {
		__asm__ __volatile__("mov %%gs:0, %0" : "=r"(v));
		if (v != *mine)
			unequal++;
		syscall(SYS_sched_yield);
	}
	return NULL;
}

/* Each thread has its own, from the one that made it. */
static void gs_of_threads(void)
{
	pthread_t t[4];

	for (int i = 0; i < 4; i++) {
		slot[i] = 1000 + i;
		pthread_create(&t[i], NULL, own_gs, &slot[i]);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	show("GS of threads", "%d wrong", unequal);
}

/* ---- frames that a handler has changed ---- */

static int which;
static unsigned long forged, mask;
static int forge_fpu;

static void forge(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;
	greg_t *g = &u->uc_mcontext.gregs[which];
	char *fpu = (char *)u->uc_mcontext.fpregs;

	if (!forge_fpu)
		*g = (greg_t)(((unsigned long)*g & ~mask) | forged);
	else if (forge_fpu == 1)
		u->uc_mcontext.fpregs = (void *)forged;
	else
		memcpy(fpu + which, &forged, forge_fpu == 2 ? 4 : 8);
}

static void forged_frame(const char *label, int what, unsigned long m,
			 unsigned long value)
{
	unsigned long sp = 1, f = 1;
	long r;

	which = what;
	mask = m;
	forged = value;
	got_sig = 0;
	if (!sigsetjmp(back, 1))
		__asm__ __volatile__("mov %%rsp, %%r12; syscall; mov %%rsp, %1;"
				     "mov %%r12, %%rsp; pushfq; popq %2;"
				     "pushq $0x202; popfq"
				     : "=a"(r), "=&r"(sp), "=&r"(f)
				     : "0"(SYS_kill), "D"(getpid()),
				       "S"(SIGUSR2)
				     : "rcx", "r11", "r12", "memory", "cc");
	outcome(label, value);
	if (!got_sig)
		show("then", "%ld flags %lx stack %s", r, f,
		     what == REG_RSP && sp == value ? "moved" : "same");
}

/* asm/sigcontext.h: CS is the lowest of four words, SS the highest. */
static void frames(void)
{
	static const unsigned cs[] = {0x10, 0x13, 0, 0x18, 0x2b, 0xfff3, 0x43};
	static const unsigned ss[] = {0x18, 0x1b, 0, 0x33, 0xfff3, 0x43};

	catch(SIGUSR2, forge);
	for (size_t i = 0; i < BADS; i++) {
		if (canonical(bad[i]))
			forged_frame("RSP", REG_RSP, -1ul, bad[i]);
		if (bad[i] != VSYSCALL)
			forged_frame("RIP", REG_RIP, -1ul, bad[i]);
	}
	forged_frame("all flags but TF", REG_EFL, -1ul, ~0x100ul);
	forged_frame("no flag", REG_EFL, -1ul, 0);
	forged_frame("IOPL and VM", REG_EFL, -1ul, 0x23000);
	for (size_t i = 0; i < sizeof(cs) / sizeof(cs[0]); i++)
		forged_frame("CS", REG_CSGSFS, 0xffff, cs[i]);
	for (size_t i = 0; i < sizeof(ss) / sizeof(ss[0]); i++)
		forged_frame("SS", REG_CSGSFS, 0xfffful << 48,
			     (unsigned long)ss[i] << 48);
	forge_fpu = 1;
	for (size_t i = 0; i < BADS; i++)
		forged_frame("vector registers at", 0, 0, bad[i]);
	forged_frame("no vector registers", 0, 0, 0);
	forge_fpu = 2;
	forged_frame("MXCSR", 24, 0, 0xffffffff);
	forge_fpu = 3;
	forged_frame("XSTATE_BV", 512, 0, 1ul << 62 | 3);
	forged_frame("XCOMP_BV", 520, 0, 1);
	forge_fpu = 0;
}

/* ---- what calls are told ---- */

static void calls(void)
{
	struct sigaction sa = {.sa_flags = SA_ONSTACK}, old;
	static char space[65536];
	stack_t ss = {.ss_size = 65536},
		good = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack)};
	struct sigaction plain = {.sa_sigaction = on_fault,
				  .sa_flags = SA_SIGINFO};

	for (size_t i = 0; i < BADS; i++) {
		unsigned long p = bad[i];
		long r;

		sa.sa_handler = (void (*)(int))p;
		sigaction(SIGUSR1, &sa, NULL);
		if (p != VSYSCALL)
			ATTEMPT("handler at", p, raise(SIGUSR1));
		/* The frame would go there. */
		sigaction(SIGSEGV, &plain, &old);
		catch(SIGUSR1, on_fault);
		ss.ss_sp = (void *)p;
		CALL("signal stack there", sigaltstack(&ss, NULL));
		ATTEMPT("signal on it", p, raise(SIGUSR1));
		sigaltstack(&good, NULL);
		sigaction(SIGSEGV, &old, NULL);
		ATTEMPT("sigreturn from", p,
			__asm__ __volatile__("mov %0, %%rsp; syscall" ::"r"(p),
					     "a"(SYS_rt_sigreturn)
					     : "rcx", "r11", "memory"));
		/* A thread with that stack, which only ends. */
		__asm__ __volatile__("xor %%r8d, %%r8d; mov %2, %%r10; syscall;"
				     "test %%eax, %%eax; jnz 1f;"
				     "mov $60, %%eax; xor %%edi, %%edi; syscall;"
				     "1:"
				     : "=a"(r)
				     : "0"(SYS_clone), "r"(p),
				       "D"(0x310f00), /* a thread, its ids there */
				       "S"(p), "d"(p)
				     : "rcx", "r8", "r10", "r11", "memory");
		show("thread with that stack", "%lx %s", p,
		     r > 0 ? "made" : strerror((int)-r));
		__asm__ __volatile__("mov %2, %%r8; syscall;"
				     : "=a"(r)
				     : "0"(SYS_clone), "r"(p),
				       "D"(0x90f00), /* CLONE_SETTLS */
				       "S"(space + sizeof(space))
				     : "rcx", "r8", "r11", "memory");
		show("thread area there", "%lx %s", p, strerror((int)-r));
	}
}

int main(void)
{
	catch_all();
	bases();
	gs_of_threads();
	frames();
	calls();
	return 0;
}
