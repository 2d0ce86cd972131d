/*
 * Do the time stamp counters of all CPUs show the same?  Each other CPU reads its
 * own while this one looks before and after: what is read must lie in between.
 * So they agree to within the time that an interrupt takes.
 */
#include "smp.h"
#include <arch/insn.h>

static u64 seen[MAX_CPUS];

static void read_counter(void *arg)
{
	seen[this_cpu()->id] = rdtsc_ordered();
}

/* The closest of a few looks: in between, a hypervisor may do something else. */
#define LOOKS 8

static s64 offset_of(const struct cpu *c)
{
	u64 least = UINT64_MAX;
	s64 offset = 0;

	for (int i = 0; i < LOOKS; i++) {
		u64 before = rdtsc_ordered(), window;

		platform_call_others(BIT(c->id), read_counter, NULL);
		window = rdtsc_ordered() - before;
		if (window >= least)
			continue;
		least = window;
		offset = (s64)(before + window / 2 - seen[c->id]);
	}
	return offset;
}

void tsc_sync(void)
{
	u64 before = rdtsc_ordered(), window;
	unsigned differ = 0;

	if (!clock_is_tsc())
		return;
	platform_call_others(platform_cpus_mask(), read_counter, NULL);
	window = rdtsc_ordered() - before;
	for (unsigned i = 1; i < cpus_online; i++) {
		if (seen[i] - before <= window)
			continue;
		cpus[i]->tsc_offset = offset_of(cpus[i]);
		kdebug("the time stamp counter of processor %u is %ld behind",
		       i, (long)cpus[i]->tsc_offset);
		differ++;
	}
	if (!differ)
		return;
	kmsg("the time stamp counters of %u processors differ: time is smoothed",
	     differ);
	clock_tsc_differs();
}
