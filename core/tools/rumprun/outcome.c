#include "outcome.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "diag.h"

#define STATUS_PANIC 120
#define STATUS_OOM 121

int outcome_status(const struct outcome *o)
{
	switch (o->cause) {
	case CAUSE_NONE:
		return 0;
	case CAUSE_EXIT:
		return o->number;
	case CAUSE_SIGNAL:
	case CAUSE_LOST:
		return 128 + o->number;
	case CAUSE_PANIC:
	case CAUSE_NO_STATUS:
		return STATUS_PANIC;
	case CAUSE_OOM:
		return STATUS_OOM;
	case CAUSE_KILLED:
		return 128 + SIGKILL;
	case CAUSE_REFUSED:
		return EXIT_REFUSED;
	}
	return STATUS_PANIC;
}

char *outcome_text(const struct outcome *o)
{
	switch (o->cause) {
	case CAUSE_NONE:
		return xstrdup("running");
	case CAUSE_EXIT:
		return xasprintf("exit %d", o->number);
	case CAUSE_SIGNAL:
		return xasprintf("signal %d (%s)", o->number,
				 strsignal(o->number));
	case CAUSE_PANIC:
		return xstrdup("kernel panic");
	case CAUSE_OOM:
		return xstrdup("out of memory");
	case CAUSE_NO_STATUS:
		return xstrdup("ended without a status (guest reset?)");
	case CAUSE_KILLED:
		return xstrdup("killed by rumprun");
	case CAUSE_LOST:
		return xasprintf("hypervisor killed by signal %d (%s)",
				 o->number, strsignal(o->number));
	case CAUSE_REFUSED:
		return xstrdup("hypervisor did not start");
	}
	return xstrdup("unknown");
}

const char *outcome_word(const struct outcome *o)
{
	static const char *const words[] = {
		[CAUSE_NONE] = "running",    [CAUSE_EXIT] = "exit",
		[CAUSE_SIGNAL] = "signal",   [CAUSE_PANIC] = "panic",
		[CAUSE_OOM] = "oom",	     [CAUSE_NO_STATUS] = "none",
		[CAUSE_KILLED] = "killed",   [CAUSE_LOST] = "lost",
		[CAUSE_REFUSED] = "refused",
	};

	return words[o->cause];
}

bool outcome_parse(struct outcome *o, const char *text)
{
	unsigned n;

	if (strcmp(text, "panic") == 0) {
		*o = (struct outcome){CAUSE_PANIC, 0};
	} else if (strcmp(text, "oom") == 0) {
		*o = (struct outcome){CAUSE_OOM, 0};
	} else if (strncmp(text, "exit ", 5) == 0 &&
		   number_parse(text + 5, 0, 255, &n)) {
		*o = (struct outcome){CAUSE_EXIT, (int)n};
	} else if (strncmp(text, "signal ", 7) == 0 &&
		   number_parse(text + 7, 1, 64, &n)) {
		*o = (struct outcome){CAUSE_SIGNAL, (int)n};
	} else {
		return false;
	}
	return true;
}
