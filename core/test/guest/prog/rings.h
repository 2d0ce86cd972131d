/*
 * What the programs share that try to leave ring 3: addresses to try, and what became of
 * an attempt.
 */
#ifndef RINGS_H
#define RINGS_H

#include "fault.h"
#include <sys/time.h>
#include <unistd.h>

#define END 0x7ffffffff000ul /* of the program's half (Linux' TASK_SIZE_MAX) */
#define VSYSCALL 0xffffffffff600000ul /* Linux emulates calls there */

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

static inline int canonical(unsigned long p)
{
	return (long)(p << 16) >> 16 == (long)p;
}

static inline void catch(int sig, void (*fn)(int, siginfo_t *, void *))
{
	struct sigaction sa = {.sa_sigaction = fn,
			       .sa_flags = SA_SIGINFO | SA_ONSTACK};

	sigaction(sig, &sa, NULL);
}

/* What the last attempt has led to. */
static inline void outcome(const char *label, unsigned long at)
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

static inline void tick(int sig, siginfo_t *si, void *uc)
{
	ticks++;
}

/* Have ticks become 1, by SIGALRM. */
static inline void alarm_soon(void)
{
	struct itimerval once = {.it_value.tv_usec = 2000};

	ticks = 0;
	setitimer(ITIMER_REAL, &once, NULL);
}

/* What becomes of faults and ticks, on a stack of its own. */
static inline void catch_all(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	stack_t ss = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack)};

	sigaltstack(&ss, NULL);
	for (int i = 0; i < 5; i++)
		catch(faults[i], on_fault);
	catch(SIGALRM, tick);
}

#endif
