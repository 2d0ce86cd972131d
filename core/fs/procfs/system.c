/* What is about the system as a whole. */
#include "blkdev.h"
#include "private.h"
#include "thread.h"
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

static void cpu_line(struct text *t, const char *name,
		     const struct cpu_usage *u)
{
	text_add(t, "%s %lu 0 0 %lu 0 0 0 0 0 0\n", name,
		 u->busy / NSEC_PER_TICK, u->idle / NSEC_PER_TICK);
}

/* All CPUs together, and their interrupts. */
static void sum_cpus(struct cpu_usage *sum, u64 *interrupts)
{
	memset(sum, 0, sizeof(*sum));
	*interrupts = 0;
	for (unsigned i = 0; i < platform_cpus_online(); i++) {
		struct cpu *c = platform_cpu(i);
		struct cpu_usage u;

		cpu_usage(c, &u);
		sum->busy += u.busy;
		sum->idle += u.idle;
		sum->switches += u.switches;
		sum->runnable += u.runnable;
		*interrupts += READ_ONCE(c->interrupts);
	}
}

void show_stat(struct text *t, const struct proc_ctx *c)
{
	struct cpu_usage sum, u;
	u64 interrupts, made;
	char name[16];
	int last;

	sum_cpus(&sum, &interrupts);
	cpu_line(t, "cpu ", &sum);
	for (unsigned i = 0; i < platform_cpus_online(); i++) {
		cpu_usage(platform_cpu(i), &u);
		ksnprintf(name, sizeof(name), "cpu%u", i);
		cpu_line(t, name, &u);
	}
	made = thread_ids_given(&last);
	text_add(t, "intr %lu\nctxt %lu\nbtime %lu\n", interrupts,
		 sum.switches, (u64)(realtime_offset() / (s64)NSEC_PER_SEC));
	text_add(t, "processes %lu\nprocs_running %u\nprocs_blocked 0\n",
		 made, sum.runnable);
}

void show_uptime(struct text *t, const struct proc_ctx *c)
{
	nsec_t now = now_ns() / NSEC_PER_TICK, idle;
	struct cpu_usage sum;
	u64 interrupts;

	sum_cpus(&sum, &interrupts);
	idle = sum.idle / NSEC_PER_TICK;
	text_add(t, "%lu.%02lu %lu.%02lu\n", now / 100, now % 100, idle / 100,
		 idle % 100);
}

static unsigned count_threads(void)
{
	struct process *p;
	unsigned n = 0;

	for (int pid = 0; (p = process_next(pid)); process_put(p)) {
		pid = p->pid;
		n += READ_ONCE(p->thread_count);
	}
	return n;
}

/*
 * No averages are kept (they would need a timer that ticks): how many run now, but
 * for the reader, stands for all three.
 */
void show_loadavg(struct text *t, const struct proc_ctx *c)
{
	struct cpu_usage sum;
	unsigned load;
	u64 interrupts;
	int last;

	sum_cpus(&sum, &interrupts);
	load = sum.runnable ? sum.runnable - 1 : 0;
	thread_ids_given(&last);
	text_add(t, "%u.00 %u.00 %u.00 %u/%u %d\n", load, load, load,
		 sum.runnable, count_threads(), last);
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
