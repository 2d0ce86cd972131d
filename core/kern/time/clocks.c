/* From clock ids to clocks. */
#include "clocks.h"
#include "platform.h"
#include "process.h"
#include "syscall.h"
#include "timer.h"
#include <linux/time.h>

/*
 * The dynamic ids of CPU clocks (Linux' include/linux/posix-timers.h): the
 * complement of a number, three bits up, and then
 */
#define CPUCLOCK_WHICH 3     /* 0 and 1: as a profiler sees it; 2: scheduler */
#define CPUCLOCK_FD 3        /* a descriptor of a clock device: none */
#define CPUCLOCK_PERTHREAD 4 /* the number is a thread's */

/* CPU time that is polled is looked at this often, at most. */
#define CPU_CLOCK_STEP NSEC_PER_MSEC

static int resolve_cpu(int number, bool per_thread, struct clock *c)
{
	struct process *me = current_process();

	c->timers = true;
	if (!per_thread) {
		c->kind = CLOCK_IS_PROCESS;
		c->process = process_find(number ? number : me->pid);
		return c->process ? 0 : -EINVAL;
	}
	c->kind = CLOCK_IS_THREAD;
	if (!number) {
		c->thread = current_thread();
		thread_get(c->thread);
		return 0;
	}
	c->thread = process_find_thread(number, NULL);
	if (c->thread && c->thread->process != me) {
		thread_put(c->thread);
		c->thread = NULL;
	}
	return c->thread ? 0 : -EINVAL;
}

int clock_resolve(int id, struct clock *c)
{
	*c = (struct clock){.kind = CLOCK_IS_MONOTONIC};
	if (id < 0) {
		if ((id & CPUCLOCK_WHICH) == CPUCLOCK_FD)
			return -EINVAL;
		return resolve_cpu(~(id >> 3), id & CPUCLOCK_PERTHREAD, c);
	}
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_TAI: /* no leap seconds are known */
		c->kind = CLOCK_IS_WALL;
		c->timers = true;
		return 0;
	case CLOCK_REALTIME_COARSE:
		c->kind = CLOCK_IS_WALL;
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME: /* there is no suspend */
		c->timers = true;
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		return resolve_cpu(0, false, c);
	case CLOCK_THREAD_CPUTIME_ID:
		return resolve_cpu(0, true, c);
	}
	/* CLOCK_*_ALARM need a clock that wakes the machine. */
	return -EINVAL;
}

void clock_release(struct clock *c)
{
	if (c->process)
		process_put(c->process);
	if (c->thread)
		thread_put(c->thread);
	c->process = NULL;
	c->thread = NULL;
}

nsec_t clock_read(const struct clock *c)
{
	switch (c->kind) {
	case CLOCK_IS_WALL:
		return now_ns() + (nsec_t)realtime_offset();
	case CLOCK_IS_PROCESS:
		return process_cpu_time(c->process);
	case CLOCK_IS_THREAD:
		return thread_cpu_time(c->thread);
	case CLOCK_IS_MONOTONIC:
		break;
	}
	return now_ns();
}

nsec_t clock_deadline(const struct clock *c, nsec_t until)
{
	nsec_t now;

	if (c->kind == CLOCK_IS_MONOTONIC || until == NSEC_FOREVER)
		return until;
	if (c->kind == CLOCK_IS_WALL)
		return realtime_deadline(until);
	now = clock_read(c);
	if (now >= until)
		return 0;
	return deadline_after(MAX((until - now) / platform_cpus_online(),
				  CPU_CLOCK_STEP));
}
