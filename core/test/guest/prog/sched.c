/*
 * How a thread is scheduled, as it is set and told: nice values, policies, what is
 * inherited and what needs a privilege.  What comes of it: priorities.c, shares.c.
 */
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RESET 0x40000000 /* SCHED_RESET_ON_FORK */

/* As linux/sched/types.h, which libcs do not like. */
struct sched_attr {
	uint32_t size, sched_policy;
	uint64_t sched_flags;
	int32_t sched_nice;
	uint32_t sched_priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static long setscheduler(int tid, int policy, int prio)
{
	struct sched_param p = {.sched_priority = prio};

	return syscall(SYS_sched_setscheduler, tid, policy, &p);
}

static long setattr(int policy, int nice, int prio, uint64_t flags)
{
	struct sched_attr a = {.size = sizeof(a),
			       .sched_policy = (unsigned)policy,
			       .sched_nice = nice,
			       .sched_priority = (unsigned)prio,
			       .sched_flags = flags};

	return syscall(SYS_sched_setattr, 0, &a, 0);
}

static void show_how(const char *label)
{
	struct sched_attr a;
	struct sched_param p;

	memset(&a, 0, sizeof(a));
	syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0);
	syscall(SYS_sched_getparam, 0, &p);
	show(label, "%ld %d; %u %u %d %d %llu; %ld",
	     syscall(SYS_sched_getscheduler, 0), p.sched_priority, a.size,
	     a.sched_policy, a.sched_nice, a.sched_priority,
	     (unsigned long long)a.sched_flags,
	     syscall(SYS_getpriority, PRIO_PROCESS, 0));
}

static void nice_values(void)
{
	CALL("getpriority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	CALL("setpriority 5", setpriority(PRIO_PROCESS, 0, 5));
	CALL("getpriority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	CALL("setpriority 99", setpriority(PRIO_PROCESS, 0, 99));
	CALL("getpriority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	CALL("as root: setpriority -99", setpriority(PRIO_PROCESS, 0, -99));
	CALL("as root: getpriority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	CALL("as root: setpriority 0", setpriority(PRIO_PROCESS, 0, 0));
	CALL("setpriority of nobody", setpriority(PRIO_PROCESS, 0x3fffffff, 0));
	CALL("setpriority of a negative", setpriority(PRIO_PROCESS, -7, 0));
	CALL("setpriority of which", setpriority(3, 0, 0));
	CALL("setpriority of which", setpriority(-1, 0, 0));
	CALL("getpriority of which", getpriority(3, 0));
	CALL("getpriority of nobody", getpriority(PRIO_PROCESS, 0x3fffffff));
}

static void policies(void)
{
	struct sched_param p = {0};
	struct sched_attr a;
	struct timespec ts;

	for (int i = -1; i < 7; i++) {
		char label[40];

		snprintf(label, sizeof(label), "policy %d: min", i);
		CALL(label, sched_get_priority_min(i));
		snprintf(label, sizeof(label), "policy %d: max", i);
		CALL(label, sched_get_priority_max(i));
		for (int prio = -1; prio <= 100; prio += prio == 1 ? 98 : 1) {
			snprintf(label, sizeof(label),
				 "as root: policy %d priority %d", i, prio);
			CALL(label, setscheduler(0, i, prio));
			if (i != 4)
				show_how(label);
		}
	}
	setscheduler(0, SCHED_OTHER, 0);
	CALL("setscheduler of nobody", setscheduler(0x3fffffff, 0, 0));
	CALL("setscheduler of a negative", setscheduler(-1, 0, 0));
	CALL("setscheduler without", syscall(SYS_sched_setscheduler, 0, 0, 0));
	CALL("setscheduler from nowhere",
	     syscall(SYS_sched_setscheduler, 0, 0, 8));
	CALL("getscheduler of nobody",
	     syscall(SYS_sched_getscheduler, 0x3fffffff));
	CALL("getscheduler of a negative", syscall(SYS_sched_getscheduler, -1));
	CALL("getparam without", syscall(SYS_sched_getparam, 0, 0));
	CALL("getparam to nowhere", syscall(SYS_sched_getparam, 0, 8));
	CALL("setparam", syscall(SYS_sched_setparam, 0, &p));
	p.sched_priority = 1;
	CALL("setparam 1", syscall(SYS_sched_setparam, 0, &p));
	CALL("as root: fifo", setscheduler(0, SCHED_FIFO, 5));
	CALL("as root: setparam 1", syscall(SYS_sched_setparam, 0, &p));
	show_how("as root: so");
	CALL("as root: fifo interval",
	     syscall(SYS_sched_rr_get_interval, 0, &ts));
	show("as root: it is", "%ld.%09ld", (long)ts.tv_sec, ts.tv_nsec);
	CALL("as root: rr", setscheduler(0, SCHED_RR, 5));
	CALL("as root: rr interval", syscall(SYS_sched_rr_get_interval, 0, &ts));
	show("as root: it is", "%ld.%09ld", (long)ts.tv_sec, ts.tv_nsec);
	CALL("as root: back", setscheduler(0, SCHED_OTHER, 0));
	CALL("rr interval of a negative",
	     syscall(SYS_sched_rr_get_interval, -1, &ts));
	CALL("rr interval to nowhere",
	     syscall(SYS_sched_rr_get_interval, 0, 8));
	CALL("batch", setscheduler(0, SCHED_BATCH, 0));
	show_how("batch");
	CALL("normal", setscheduler(0, SCHED_OTHER, 0));

	CALL("setattr with flags", syscall(SYS_sched_setattr, 0, &a, 1));
	CALL("setattr without", syscall(SYS_sched_setattr, 0, 0, 0));
	memset(&a, 0, sizeof(a));
	a.size = 47;
	CALL("setattr of 47 bytes", syscall(SYS_sched_setattr, 0, &a, 0));
	show("it is told", "%u", a.size);
	a.size = 5000;
	CALL("setattr of 5000 bytes", syscall(SYS_sched_setattr, 0, &a, 0));
	show("it is told", "%u", a.size);
	a.size = 0;
	CALL("setattr of 0 bytes", syscall(SYS_sched_setattr, 0, &a, 0));
	CALL("setattr nice 3", setattr(SCHED_OTHER, 3, 0, 0));
	show_how("so");
	CALL("setattr nice 99", setattr(SCHED_OTHER, 99, 0, 0));
	show_how("so");
	CALL("as root: setattr nice -3", setattr(SCHED_BATCH, -3, 0, 0));
	show_how("as root: so");
	CALL("as root: setattr fifo", setattr(SCHED_FIFO, 4, 7, 0));
	show_how("as root: so");
	CALL("as root: setattr keep policy", setattr(SCHED_RR, 4, 8, 8));
	show_how("as root: so");
	CALL("as root: setattr keep both", setattr(SCHED_RR, 4, 9, 0x18));
	show_how("as root: so");
	CALL("as root: setattr other", setattr(SCHED_OTHER, 0, 0, 0));
	CALL("setattr priority", setattr(SCHED_OTHER, 0, 1, 0));
	CALL("setattr unknown flag", setattr(SCHED_OTHER, 0, 0, 0x8000));
	CALL("setattr of a bad policy", setattr(77, 0, 0, 0));
	CALL("setattr of a bad policy", setattr(-2, 0, 0, 0));
	CALL("setattr deadline of nothing", setattr(6, 0, 0, 0));
	CALL("getattr of 47 bytes", syscall(SYS_sched_getattr, 0, &a, 47, 0));
	CALL("getattr of 48 bytes", syscall(SYS_sched_getattr, 0, &a, 48, 0));
	show("size", "%u", a.size);
	CALL("getattr of 4097 bytes", syscall(SYS_sched_getattr, 0, &a, 4097, 0));
	CALL("getattr with flags", syscall(SYS_sched_getattr, 0, &a, 56, 1));
	CALL("getattr to nowhere", syscall(SYS_sched_getattr, 0, 8, 56, 0));
	CALL("getattr of a negative", syscall(SYS_sched_getattr, -1, &a, 56, 0));
}

static void *show_child(void *arg)
{
	show_how(arg);
	return NULL;
}

static void in_child(const char *label)
{
	pthread_t t;

	pthread_create(&t, NULL, show_child, (void *)label);
	pthread_join(t, NULL);
}

static void inheritance(void)
{
	CALL("as root: fifo", setscheduler(0, SCHED_FIFO, 2));
	in_child("as root: a child of it");
	CALL("as root: reset", setscheduler(0, SCHED_FIFO | RESET, 2));
	show_how("as root: so");
	in_child("as root: a child of that");
	CALL("as root: nice", setattr(SCHED_OTHER, -5, 0, 1));
	show_how("as root: so");
	in_child("as root: a child of that");
	CALL("as root: batch", setattr(SCHED_BATCH, 4, 0, 0));
	in_child("as root: a child of batch");
	CALL("as root: idle", setscheduler(0, SCHED_IDLE, 0));
	in_child("as root: a child of idle");
	CALL("as root: normal", setattr(SCHED_OTHER, 0, 0, 0));
}

/* What somebody without privilege may do. */
static void unprivileged(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_RTPRIO, &none);
	setrlimit(RLIMIT_NICE, &none);
	if (setuid(12345))
		exit(1);
	CALL("as root: user: nice 4", setpriority(PRIO_PROCESS, 0, 4));
	CALL("as root: user: nice 3", setpriority(PRIO_PROCESS, 0, 3));
	CALL("as root: user: nice 2", setpriority(PRIO_PROCESS, 0, 2));
	CALL("as root: user: attr nice 2", setattr(SCHED_OTHER, 2, 0, 0));
	CALL("as root: user: fifo 3", setscheduler(0, SCHED_FIFO, 3));
	CALL("as root: user: fifo 4", setscheduler(0, SCHED_FIFO, 4));
	CALL("as root: user: rr 2", setscheduler(0, SCHED_RR, 2));
	CALL("as root: user: other", setscheduler(0, SCHED_OTHER, 0));
	CALL("as root: user: idle", setscheduler(0, SCHED_IDLE, 0));
	CALL("as root: user: back", setscheduler(0, SCHED_OTHER, 0));
	CALL("as root: user: nice 10", setpriority(PRIO_PROCESS, 0, 10));
	CALL("as root: user: reset", setattr(SCHED_OTHER, 10, 0, 1));
	CALL("as root: user: no reset", setattr(SCHED_OTHER, 10, 0, 0));
}

int main(void)
{
	nice_values();
	policies();
	inheritance();
	unprivileged();
	return 0;
}
