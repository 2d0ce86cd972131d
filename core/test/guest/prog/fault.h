/* Touching memory that may not be there, for the guest test programs. */
#ifndef FAULT_H
#define FAULT_H

#include "check.h"
#include <setjmp.h>
#include <signal.h>

static sigjmp_buf back;
static volatile int got_sig, got_code;
static void *volatile got_addr;

static void on_fault(int sig, siginfo_t *si, void *uc)
{
	got_sig = sig;
	got_code = si->si_code;
	got_addr = si->si_addr;
	siglongjmp(back, 1);
}

/* What happens when p is read (or written)? */
static void touch(const char *label, volatile char *p, int write_)
{
	got_sig = 0;
	if (!sigsetjmp(back, 1)) {
		if (write_)
			*p = 1;
		else
			(void)*p;
		show(label, "fine");
		return;
	}
	show(label, "signal %d code %d address %s", got_sig, got_code,
	     got_addr == p ? "right" : "wrong");
}

#endif
