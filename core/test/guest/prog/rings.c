/*
 * What a program in ring 3 must not be able to do: each line is what Linux says
 * to the same attempt (ring3.t).
 */
#include "fault.h"
#include <asm/prctl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define END 0x7ffffffff000ul /* of the program's half (Linux' TASK_SIZE_MAX) */
#define VSYSCALL 0xffffffffff600000ul /* Linux emulates calls there */
#define HWCAP2_FSGSBASE_ 2  /* asm/hwcap2.h */

static char handler_stack[65536];
static volatile int ticks;

/* Addresses of the kernel on either system, and what is no address at all. */
static const unsigned long bad[] = {
	0xffffffff80100000ul, /* image */
	0xffff800000100000ul, /* direct map */
	0xffffc00000001000ul, /* stacks */
	VSYSCALL,
	0xfffffffffffff000ul, END, 0x800000000000ul, 0xffff7ffffffffff8ul,
};
#define BADS (sizeof(bad) / sizeof(bad[0]))

static int canonical(unsigned long p)
{
	return (long)(p << 16) >> 16 == (long)p;
}

static void catch(int sig, void (*fn)(int, siginfo_t *, void *))
{
	struct sigaction sa = {.sa_sigaction = fn,
			       .sa_flags = SA_SIGINFO | SA_ONSTACK};

	sigaction(sig, &sa, NULL);
}

static void outcome(const char *label, unsigned long at)
{
	char what[100] = "";

	if (at)
		snprintf(what, sizeof(what), " %lx", at);
	if (got_sig == SIGSEGV)
		show(label, "%s signal %d code %d address %lx", what, got_sig,
		     got_code, (unsigned long)got_addr);
	else if (got_sig)
		show(label, "%s signal %d code %d", what, got_sig, got_code);
	else
		show(label, "%s nothing", what);
}

#define ATTEMPT(label, at, code)                                               \
	do {                                                                   \
		got_sig = 0;                                                   \
		if (!sigsetjmp(back, 1)) {                                     \
			code;                                                  \
		}                                                              \
		outcome(label, at);                                            \
	} while (0)

#define TRY(text) ATTEMPT(text, 0, __asm__ __volatile__(text ::: INSN_CLOBBERS))
#define INSN_CLOBBERS "rax", "rcx", "rdx", "rdi", "rsi", "memory", "cc"

/*
 * To the kernel's code segment.  Only the signal is compared: QEMU's emulation
 * has SMAP keep the processor from the frame.
 */
#define far_return(label, text)                                                \
	do {                                                                   \
		got_sig = 0;                                                   \
		if (!sigsetjmp(back, 1))                                       \
			__asm__ __volatile__(text ::: INSN_CLOBBERS);          \
		show(label, "signal %d", got_sig);                             \
	} while (0)

static void instructions(void)
{
	unsigned cs;

	__asm__("mov %%cs, %0" : "=r"(cs));
	show("ring", "%u, selector %x", cs & 3, cs);
	__asm__("mov %%ss, %0" : "=r"(cs));
	show("stack segment", "%x", cs);
	__asm__("mov %%ds, %0" : "=r"(cs));
	show("data segment", "%x", cs);
	TRY("cli");
	TRY("sti");
	TRY("hlt");
	TRY("clts");
	TRY("invd");
	TRY("wbinvd");
	TRY("lgdt (%%rsp)");
	TRY("lidt (%%rsp)");
	TRY("xor %%eax, %%eax; lldt %%ax");
	TRY("mov $0x40, %%eax; ltr %%ax");
	TRY("xor %%eax, %%eax; lmsw %%ax");
	TRY("mov %%cr0, %%rax");
	TRY("mov %%cr3, %%rax");
	TRY("mov %%cr4, %%rax");
	TRY("mov %%rax, %%cr0");
	TRY("mov %%rax, %%cr3");
	TRY("mov %%rax, %%cr4");
	TRY("mov %%dr7, %%rax");
	TRY("mov %%rax, %%dr7");
	TRY("mov $0xc0000082, %%ecx; rdmsr");
	TRY("mov $0xc0000082, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr");
	TRY("invlpg (%%rsp)");
	TRY("swapgs");
	TRY("sysretq");
	TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; xor %%eax, %%eax; xsetbv");
	TRY("mov $0x64, %%edx; in %%dx, %%al");
	TRY("mov $0x64, %%edx; out %%al, %%dx");
	TRY("mov $0x64, %%edx; lea -64(%%rsp), %%rdi; insb");
	TRY("mov $0x64, %%edx; mov %%rsp, %%rsi; outsb");
	TRY("in $0x60, %%al");
	TRY("int $2");
	TRY("int $4");
	TRY("int $8");
	TRY("int $13");
	TRY("int $14");
	TRY("int $18");
	TRY("int $0x20");
	TRY("int $0xf0");
	TRY("int $0xff");
	TRY("int3");
	TRY("ud2");
	TRY("mov $0x18, %%eax; mov %%eax, %%ds");
	TRY("mov $0x10, %%eax; mov %%eax, %%es");
	TRY("mov $0x40, %%eax; mov %%eax, %%fs");
	TRY("xor %%eax, %%eax; mov %%eax, %%ss");
	TRY("mov $0x18, %%eax; mov %%eax, %%ss");
	far_return("lretq", "pushq $0x10; lea 1f(%%rip), %%rax; push %%rax;"
			    "lretq; 1:");
	far_return("iretq", "mov %%rsp, %%rcx; pushq $0x18; push %%rcx;"
			    "pushq $2; pushq $0x10; lea 1f(%%rip), %%rax;"
			    "push %%rax; iretq; 1:");
}

static void flags(void)
{
	unsigned long f;
	long r;

	__asm__ __volatile__("pushfq; andq $~0x200, (%%rsp); orq $0x3000, (%%rsp);"
			     "popfq; pushfq; popq %0"
			     : "=r"(f)::"memory", "cc");
	show("IF and IOPL", "%lx", f & 0x3200);
	/* AC, DF, NT over a call that reads the program's memory. */
	__asm__ __volatile__("pushfq; orq $0x44400, (%%rsp); popfq; syscall;"
			     "pushfq; popq %1; pushq $0x202; popfq"
			     : "=a"(r), "=&r"(f)
			     : "0"(SYS_access), "D"("/"), "S"(0)
			     : "rcx", "r11", "memory", "cc");
	show("AC DF NT in a call", "%ld %lx", r, f & 0x44400);
	__asm__ __volatile__("pushfq; orq $0x44400, (%%rsp); popfq; syscall;"
			     "pushfq; popq %1; pushq $0x202; popfq"
			     : "=a"(r), "=&r"(f)
			     : "0"(SYS_access), "D"(bad[0]), "S"(0)
			     : "rcx", "r11", "memory", "cc");
	show("and with the kernel's memory", "%ld %lx", r, f & 0x44400);
}

static void addresses(void)
{
	for (size_t i = 0; i < BADS; i++) {
		unsigned long p = bad[i];

		ATTEMPT("read", p, (void)*(volatile char *)p);
		ATTEMPT("write", p, *(volatile char *)p = 1);
		if (p == VSYSCALL)
			continue;
		ATTEMPT("jump", p, ((void (*)(void))p)());
		ATTEMPT("call", p, __asm__ __volatile__("call *%0" ::"r"(p)
							: INSN_CLOBBERS));
	}
}

/* ---- stack pointers that are not the program's ---- */

static unsigned long rsp_seen;

static void stack_seen(int sig, siginfo_t *si, void *uc)
{
	rsp_seen = (unsigned long)((ucontext_t *)uc)->uc_mcontext.gregs[REG_RSP];
	on_fault(sig, si, uc);
}

static void tick(int sig, siginfo_t *si, void *uc)
{
	ticks++;
}

static void alarm_soon(void)
{
	struct itimerval once = {.it_value.tv_usec = 2000};

	ticks = 0;
	setitimer(ITIMER_REAL, &once, NULL);
}

static void stacks(void)
{
	static const unsigned long more[] = {0, 8, 0xffffc00000003ff8ul};

	for (size_t i = 0; i < BADS + 3; i++) {
		unsigned long p = i < BADS ? bad[i] : more[i - BADS], q;
		long r;

		__asm__ __volatile__("mov %%rsp, %%r12; mov %3, %%rsp; syscall;"
				     "mov %%rsp, %1; mov %%r12, %%rsp"
				     : "=a"(r), "=&r"(q)
				     : "0"(SYS_getpgid), "r"(p), "D"(-1)
				     : "rcx", "r11", "r12", "memory");
		show("call with a stack at", "%lx: %ld %lx", p, r, q);
		catch(SIGILL, stack_seen);
		rsp_seen = 1;
		ATTEMPT("trap with it", p,
			__asm__ __volatile__("mov %0, %%rsp; ud2" ::"r"(p)
					     : "memory"));
		show("stack pointer in the frame", "%lx", rsp_seen);
		catch(SIGILL, on_fault);
		if (canonical(p - 8)) /* QEMU's emulation has #GP for #SS */
			ATTEMPT("push", p,
				__asm__ __volatile__("mov %0, %%rsp; push %%rax"
						     ::"r"(p) : "memory"));
		alarm_soon();
		__asm__ __volatile__("mov %%rsp, %%r12; mov %1, %%rsp;"
				     "1: cmpl $0, %0; je 1b; mov %%r12, %%rsp"
				     : "+m"(ticks)
				     : "r"(p)
				     : "r12", "memory", "cc");
		show("interrupts", "came %d", ticks);
	}
}

/* The last bytes that a program can have, and what is after them. */
static void edge(void)
{
	unsigned char *page = (unsigned char *)END - 4096;
	void *at = mmap(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	show("the last page", "%s", at == page ? "mapped" : strerror(errno));
	CALL("the one after it", (long)mmap(page + 4096, 4096, PROT_READ,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	memcpy(page + 4094, "\x0f\x05", 2); /* syscall */
	ATTEMPT("call at the end", END - 2,
		__asm__ __volatile__("jmp *%0" ::"r"(page + 4094),
				     "a"(SYS_getppid)
				     : "rcx", "r11", "memory"));
	page[4095] = 0xcc; /* int3 */
	ATTEMPT("breakpoint at the end", END - 1,
		((void (*)(void))(page + 4095))());
	page[4095] = 0x90; /* nop */
	ATTEMPT("nop at the end", END - 1, ((void (*)(void))(page + 4095))());
	munmap(page, 4096);
}

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

/* ---- single steps ---- */

static volatile int steps, codes;

static void step(int sig, siginfo_t *si, void *uc)
{
	steps++;
	codes |= 1 << si->si_code;
}

static void single_steps(void)
{
	long r;

	catch(SIGTRAP, step);
	__asm__ __volatile__("pushfq; orq $0x100, (%%rsp); popfq; nop; nop;"
			     "pushfq; andq $~0x100, (%%rsp); popfq" ::
				     : "memory", "cc");
	show("single steps", "%d, codes %x", steps, codes);
	steps = codes = 0;
	__asm__ __volatile__("pushfq; orq $0x100, (%%rsp); popfq; nop; syscall;"
			     "nop; nop; pushfq; andq $~0x100, (%%rsp); popfq"
			     : "=a"(r)
			     : "0"(SYS_getpgid), "D"(-1)
			     : "rcx", "r11", "memory", "cc");
	show("over a call", "%d, codes %x, %ld", steps, codes, r);
	catch(SIGTRAP, on_fault);
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

/* ---- for the guest alone ---- */

/*
 * Component trials does what is asked for, with AC set, as if that opened the
 * program's memory.
 */
static int trial(const char *name)
{
	int fd = open("/dev/trials", O_WRONLY);
	long r;

	if (fd < 0)
		return 2;
	__asm__ __volatile__("pushfq; orl $0x40000, (%%rsp); popfq; syscall;"
			     "pushq $0x202; popfq"
			     : "=a"(r)
			     : "0"(SYS_write), "D"(fd), "S"(name),
			       "d"(strlen(name))
			     : "rcx", "r11", "memory", "cc");
	return r < 0 ? 1 : 0;
}

static volatile int spinning;

static void *spin(void *arg)
{
	__asm__ __volatile__("wrgsbase %0" ::"r"(bad[0]));
	spinning = 1;
	for (;;)
		;
	return NULL;
}

/* What stops another CPU finds it in the program, with the program's GS. */
static int stop_others(void)
{
	pthread_t t;

	pthread_create(&t, NULL, spin, NULL);
	while (!spinning)
		;
	return trial("null-read");
}

/* Linux grants ports to root; a program here has no way to have them. */
static void ports(void)
{
	CALL("iopl", syscall(SYS_iopl, 3));
	CALL("iopl too high", syscall(SYS_iopl, 4));
	CALL("ioperm", syscall(SYS_ioperm, 0x60, 1, 1));
	CALL("ioperm too high", syscall(SYS_ioperm, 65536, 1, 1));
	TRY("in $0x60, %%al");
}

static void by_umip(void)
{
	TRY("sgdt -64(%%rsp)");
	TRY("sidt -64(%%rsp)");
	TRY("sldt %%eax");
	TRY("str %%eax");
	TRY("smsw %%eax");
}

int main(int argc, char **argv)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	stack_t ss = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack)};

	sigaltstack(&ss, NULL);
	for (int i = 0; i < 5; i++)
		catch(faults[i], on_fault);
	catch(SIGALRM, tick);
	if (argc > 1) {
		if (!strcmp(argv[1], "umip"))
			return by_umip(), 0;
		if (!strcmp(argv[1], "ports"))
			return ports(), 0;
		if (!strcmp(argv[1], "stop"))
			return stop_others();
		return trial(argv[1]);
	}
	instructions();
	flags();
	addresses();
	stacks();
	edge();
	bases();
	gs_of_threads();
	frames();
	single_steps();
	calls();
	return 0;
}
