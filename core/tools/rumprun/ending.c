#include "supervisor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "document.h"

/* After a stop, readers get so long to take the last output. */
#define DRAIN_MS 1000

void supervisor_command(struct supervisor *v, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	sink_put(&v->control, text, strlen(text));
	free(text);
}

/* End it now: the monitor lets QEMU finish its writes, the signal does not. */
void supervisor_kill(struct supervisor *v)
{
	if (v->reaped) {
		v->abandoned = true;
		return;
	}
	if (v->killed || !v->monitor.greeted) {
		kill(v->g->pid, SIGKILL);
		v->kill_at = 0;
	} else {
		monitor_send(&v->monitor, "quit");
		v->kill_at = clock_ms() + 1000;
	}
	v->killed = true;
}

/*
 * Ask the guest to stop.  A port that the guest has not opened yet keeps the
 * command until it does; the power button may reach it meanwhile.
 */
void supervisor_stop(struct supervisor *v, int seconds)
{
	long long at = clock_ms() + seconds * 1000LL;

	if (v->reaped)
		v->abandoned = true;
	if (v->killed || v->reaped)
		return;
	/* Before the monitor greets, nothing runs that could be asked. */
	if (seconds == 0 || !v->monitor.greeted) {
		supervisor_kill(v);
		return;
	}
	if (!v->stopping || at < v->kill_at)
		v->kill_at = at;
	if (v->stopping)
		return;
	v->stopping = true;
	supervisor_command(v, "shutdown\n");
	if (!v->monitor.control_open)
		monitor_send(&v->monitor, "system_powerdown");
}

static void interrupt(struct supervisor *v)
{
	long long t = clock_ms();

	memmove(v->interrupts, v->interrupts + 1,
		sizeof(v->interrupts) - sizeof(v->interrupts[0]));
	v->interrupts[IMPATIENT - 1] = t;
	if (v->interrupts[0] > t - IMPATIENT_MS)
		supervisor_kill(v);
	else if (v->port)
		supervisor_command(v, "interrupt\n");
	else
		supervisor_stop(v, GRACE_SECONDS);
}

bool supervisor_profiled(struct supervisor *v, int options)
{
	int status;

	if (v->profiler <= 0 ||
	    waitpid(v->profiler, &status, options) != v->profiler)
		return false;
	v->profiler = 0;
	if (WIFSIGNALED(status))
		tell("--profile %s: the profiler was killed by signal %d",
		     v->l->profile, WTERMSIG(status));
	return true;
}

void supervisor_signal(struct supervisor *v)
{
	struct signalfd_siginfo si;
	struct console c;

	if (read(v->signals, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;
	switch (si.ssi_signo) {
	case SIGINT:
		interrupt(v);
		break;
	case SIGQUIT:
		supervisor_kill(v);
		break;
	case SIGTERM:
	case SIGHUP:
		/* "rumprun stop -t" says how long; kill(1) does not. */
		supervisor_stop(v, si.ssi_code == SI_QUEUE ? si.ssi_int
							   : GRACE_SECONDS);
		break;
	case SIGWINCH:
		c = console_here();
		if (c.rows > 0)
			supervisor_command(v, "winsize %u %u\n", c.rows,
					   c.cols);
		break;
	case SIGCHLD:
		/* One that ends before the guest may have left it stopped. */
		if (supervisor_profiled(v, WNOHANG))
			monitor_send(&v->monitor, "cont");
		if (!v->reaped &&
		    waitpid(v->g->pid, &v->status, WNOHANG) == v->g->pid) {
			v->reaped = true;
			/* A reader that does not read must not keep us. */
			if (v->stopping || v->killed)
				v->kill_at = clock_ms() + DRAIN_MS;
		}
		break;
	}
}

struct outcome supervisor_judge(struct supervisor *v)
{
	struct outcome o = {CAUSE_NONE, 0};

	kernlog_end(&v->log, &o);
	if (o.cause != CAUSE_NONE)
		return o;
	if (v->killed)
		return (struct outcome){CAUSE_KILLED, 0};
	if (WIFSIGNALED(v->status))
		return (struct outcome){CAUSE_LOST, WTERMSIG(v->status)};
	if (!v->monitor.greeted)
		return (struct outcome){CAUSE_REFUSED, 0};
	return (struct outcome){CAUSE_NO_STATUS, 0};
}

sigset_t supervisor_signals(void)
{
	static const int list[] = {SIGINT, SIGQUIT, SIGTERM,
				   SIGHUP, SIGCHLD, SIGWINCH};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		sigaddset(&set, list[i]);
	return set;
}

void supervise_signals(void)
{
	sigset_t set = supervisor_signals();

	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
}
