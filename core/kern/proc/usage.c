/* What threads and processes have used. */
#include "private.h"
#include "page.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/sysinfo.h>
#include <linux/times.h>

void usage_add(struct usage *a, const struct usage *b)
{
	a->cpu_time += b->cpu_time;
	a->minor_faults += b->minor_faults;
	a->major_faults += b->major_faults;
	a->switches_voluntary += b->switches_voluntary;
	a->switches_forced += b->switches_forced;
	a->max_rss = MAX(a->max_rss, b->max_rss);
}

void thread_usage(struct thread *t, struct usage *u)
{
	memset(u, 0, sizeof(*u));
	u->cpu_time = thread_cpu_time(t);
	u->switches_voluntary = t->switches_voluntary;
	u->switches_forced = t->switches_forced;
}

nsec_t process_cpu_time(struct process *p)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	nsec_t sum = p->ended.cpu_time;
	struct thread *t;

	list_for_each(t, &p->threads, process_link)
		sum += thread_cpu_time(t);
	spin_unlock_irqrestore(&p->lock, flags);
	return sum;
}

void process_note_rss(struct process *p)
{
	u64 flags = spin_lock_irqsave(&p->lock);

	if (p->vm)
		p->ended.max_rss = MAX(p->ended.max_rss,
				       READ_ONCE(p->vm->max_rss));
	spin_unlock_irqrestore(&p->lock, flags);
}

void process_usage(struct process *p, struct usage *u)
{
	struct thread *t;
	u64 flags;

	process_note_rss(p);
	flags = spin_lock_irqsave(&p->lock);
	*u = p->ended;
	list_for_each(t, &p->threads, process_link) {
		struct usage one;

		thread_usage(t, &one);
		usage_add(u, &one);
	}
	spin_unlock_irqrestore(&p->lock, flags);
	u->minor_faults += p->minor_faults;
	u->major_faults += p->major_faults;
}

static struct __kernel_old_timeval timeval(nsec_t ns)
{
	struct __kernel_old_timeval tv;

	tv.tv_sec = (long)(ns / NSEC_PER_SEC);
	tv.tv_usec = (long)(ns % NSEC_PER_SEC / NSEC_PER_USEC);
	return tv;
}

/*
 * CPU time is not split: a call into the kernel is a function call, and a look
 * at the clock on each side of it would cost more than the call. All of it
 * counts as the program's.
 */
void usage_to_rusage(const struct usage *u, struct rusage *r)
{
	struct __kernel_old_timeval tv = timeval(u->cpu_time);

	memset(r, 0, sizeof(*r));
	r->ru_utime.tv_sec = tv.tv_sec;
	r->ru_utime.tv_usec = tv.tv_usec;
	r->ru_maxrss = (long)(u->max_rss * (PAGE_SIZE / 1024));
	r->ru_minflt = (long)u->minor_faults;
	r->ru_majflt = (long)u->major_faults;
	r->ru_nvcsw = (long)u->switches_voluntary;
	r->ru_nivcsw = (long)u->switches_forced;
}

static long sys_getrusage(int who, struct rusage __user *ru)
{
	struct process *p = current_process();
	struct rusage r;
	struct usage u;

	switch (who) {
	case RUSAGE_SELF:
		process_usage(p, &u);
		break;
	case RUSAGE_CHILDREN:
		mutex_lock(&process_lock);
		u = p->children_usage;
		mutex_unlock(&process_lock);
		break;
	case RUSAGE_THREAD:
		thread_usage(current_thread(), &u);
		process_note_rss(p);
		u.max_rss = p->ended.max_rss;
		break;
	default:
		return -EINVAL;
	}
	usage_to_rusage(&u, &r);
	return put_user(r, ru);
}
SYSCALL(__NR_getrusage, sys_getrusage);

/* Ticks of times(2): sysconf(_SC_CLK_TCK) is 100 in every libc. */
#define NSEC_PER_TICK (NSEC_PER_SEC / 100)

static long sys_times(struct tms __user *buf)
{
	struct process *p = current_process();
	struct tms tms = {0};

	if (buf) {
		tms.tms_utime = (long)(process_cpu_time(p) / NSEC_PER_TICK);
		mutex_lock(&process_lock);
		tms.tms_cutime =
			(long)(p->children_usage.cpu_time / NSEC_PER_TICK);
		mutex_unlock(&process_lock);
		if (put_user(tms, buf))
			return -EFAULT;
	}
	return (long)(now_ns() / NSEC_PER_TICK);
}
SYSCALL(__NR_times, sys_times);

static long sys_sysinfo(struct sysinfo __user *buf)
{
	struct memory_stats m;
	struct sysinfo si;
	struct process *p;
	unsigned n = 0;

	memory_stats(&m);
	memset(&si, 0, sizeof(si));
	si.uptime = (long)DIV_ROUND_UP(now_ns(), NSEC_PER_SEC);
	si.totalram = m.total * PAGE_SIZE;
	si.freeram = m.free * PAGE_SIZE;
	si.mem_unit = 1;
	/* Linux counts threads here. */
	for (int pid = 1; (p = process_next(pid)); process_put(p)) {
		pid = p->pid;
		n += READ_ONCE(p->thread_count);
	}
	si.procs = (u16)MIN(n, (unsigned)UINT16_MAX);
	return put_user(si, buf);
}
SYSCALL(__NR_sysinfo, sys_sysinfo);
