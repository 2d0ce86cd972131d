/* What is about the system as a whole. */
#include "blkdev.h"
#include "private.h"
#include "timer.h"
#include "utsname.h"

void show_meminfo(struct text *t, const struct proc_ctx *c)
{
	struct memory_stats m;
	u64 file;

#define KB(pages) ((pages) * (PAGE_SIZE / 1024))
	memory_stats(&m);
	file = m.cached > m.shared ? m.cached - m.shared : 0;
	text_add(t, "MemTotal:       %8lu kB\n", KB(m.total));
	text_add(t, "MemFree:        %8lu kB\n", KB(m.free));
	/* What has a store, or is kept for later, goes when memory is wanted. */
	text_add(t, "MemAvailable:   %8lu kB\n",
		 KB(m.free + file + m.reclaimable));
	text_add(t, "Buffers:        %8lu kB\n", 0ul);
	text_add(t, "Cached:         %8lu kB\n", KB(m.cached));
	text_add(t, "SwapCached:     %8lu kB\n", 0ul);
	text_add(t, "Active:         %8lu kB\n", KB(m.anon));
	text_add(t, "Inactive:       %8lu kB\n", KB(file));
	text_add(t, "SwapTotal:      %8lu kB\n", 0ul);
	text_add(t, "SwapFree:       %8lu kB\n", 0ul);
	text_add(t, "Dirty:          %8lu kB\n", KB(m.dirty));
	text_add(t, "Writeback:      %8lu kB\n", 0ul);
	text_add(t, "AnonPages:      %8lu kB\n", KB(m.anon));
	text_add(t, "Shmem:          %8lu kB\n", KB(m.shared));
	text_add(t, "KReclaimable:   %8lu kB\n", KB(m.reclaimable));
	text_add(t, "Slab:           %8lu kB\n", KB(m.slab));
	text_add(t, "KernelStack:    %8lu kB\n", KB(m.stacks));
	text_add(t, "PageTables:     %8lu kB\n", KB(m.tables));
	text_add(t, "CommitLimit:    %8lu kB\n", KB(m.total / 2));
	text_add(t, "AnonHugePages:  %8lu kB\n", 0ul);
	text_add(t, "HugePages_Total:%8lu\n", 0ul);
	text_add(t, "HugePages_Free: %8lu\n", 0ul);
	text_add(t, "Hugepagesize:   %8lu kB\n", 2048ul);
#undef KB
}

static nsec_t idle_time(unsigned cpu)
{
	struct cpu *p = platform_cpu(cpu);

	return p && p->idle ? thread_cpu_time(p->idle) : 0;
}

static void cpu_line(struct text *t, const char *name, nsec_t busy, nsec_t idle)
{
	text_add(t, "%s %lu 0 0 %lu 0 0 0 0 0 0\n", name,
		 busy / NSEC_PER_TICK, idle / NSEC_PER_TICK);
}

/* Threads that run or could run, and all. */
static void count_threads(unsigned *running, unsigned *all, int *last_pid)
{
	struct process *p;

	*running = *all = 0;
	*last_pid = 1;
	for (int pid = 0; (p = process_next(pid)); process_put(p)) {
		pid = p->pid;
		*last_pid = pid;
		*all += READ_ONCE(p->thread_count);
		if (process_state(p) == 'R')
			++*running;
	}
}

void show_stat(struct text *t, const struct proc_ctx *c)
{
	unsigned cpus = platform_cpus_online(), running, all;
	nsec_t now = now_ns(), idle = 0;
	char name[16];
	int last;

	for (unsigned i = 0; i < cpus; i++)
		idle += idle_time(i);
	cpu_line(t, "cpu ", now * cpus > idle ? now * cpus - idle : 0, idle);
	for (unsigned i = 0; i < cpus; i++) {
		nsec_t mine = idle_time(i);

		ksnprintf(name, sizeof(name), "cpu%u", i);
		cpu_line(t, name, now > mine ? now - mine : 0, mine);
	}
	count_threads(&running, &all, &last);
	text_add(t, "btime %lu\n",
		 (u64)(realtime_offset() / (s64)NSEC_PER_SEC));
	text_add(t, "processes %d\n", last);
	text_add(t, "procs_running %u\nprocs_blocked 0\n", running);
}

void show_uptime(struct text *t, const struct proc_ctx *c)
{
	unsigned cpus = platform_cpus_online();
	nsec_t now = now_ns() / (NSEC_PER_SEC / 100), idle = 0;

	for (unsigned i = 0; i < cpus; i++)
		idle += idle_time(i);
	idle /= NSEC_PER_SEC / 100;
	text_add(t, "%lu.%02lu %lu.%02lu\n", now / 100, now % 100, idle / 100,
		 idle % 100);
}

/*
 * No averages are kept (they would need a timer that ticks): how many run now
 * stands for all three.
 */
void show_loadavg(struct text *t, const struct proc_ctx *c)
{
	unsigned running, all;
	int last;

	count_threads(&running, &all, &last);
	text_add(t, "%u.00 %u.00 %u.00 %u/%u %d\n", running, running, running,
		 running, all, last);
}

void show_version(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "%s version %s (rumprun) %s\n", UTS_SYSNAME, UTS_RELEASE,
		 UTS_VERSION);
}

/* The kernel has none: what to run comes in the configuration document. */
void show_cmdline(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "\n");
}

void show_cpuinfo(struct text *t, const struct proc_ctx *c)
{
	char *buf = kmalloc(PAGE_SIZE, ALLOC_WAIT);

	if (!buf) {
		t->failed = true;
		return;
	}
	for (unsigned i = 0; i < platform_cpus_online(); i++) {
		size_t n = platform_cpu_info(i, buf, PAGE_SIZE);

		text_bytes(t, buf, MIN(n, PAGE_SIZE - 1));
	}
	kfree(buf);
}
