/* Stopping the other CPUs, for a report or the end. */
#include "smp.h"
#include "timer.h"

#define NOBODY UINT32_MAX

/* A CPU that has not answered while this one ran for so long is stuck for good. */
#define STOP_WAIT NSEC_PER_SEC

static u32 stopper = NOBODY; /* who stops the others; atomic */
static u32 stopped;          /* how many have; atomic */

static void stand(void) __noreturn;
static void stand(void)
{
	__atomic_fetch_add(&stopped, 1, __ATOMIC_RELEASE);
	for (;;)
		__asm__ __volatile__("cli; hlt");
}

/* By NMI, since a CPU that spins with interrupts off has to stop as well. */
void stop_others(void)
{
	u32 none = NOBODY, me = this_cpu()->id;
	unsigned n = platform_cpus_online();
	nsec_t seen, ran = 0;

	if (!__atomic_compare_exchange_n(&stopper, &none, me, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		if (none == me)
			return;
		stand();
	}
	for (unsigned i = 0; i < n; i++)
		if (i != me)
			lapic_send(cpus[i]->apic_id, IPI_NMI);
	seen = now_ns();
	while (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) < n - 1 &&
	       ran < STOP_WAIT) {
		cpu_relax();
		ran += time_run(&seen);
	}
}

void stop_nmi(const struct trapframe *tf)
{
	u32 by = __atomic_load_n(&stopper, __ATOMIC_SEQ_CST);

	if (by == NOBODY || by == this_cpu()->id)
		return;
	this_cpu()->stopped = tf;
	stand();
}
