/* The timer of each CPU: one interrupt at a deadline. */
#include "hw.h"
#include "timer.h"
#include <arch/features.h>
#include <arch/insn.h>
#include <arch/msr.h>

#define PIT_COMMAND 0x43
#define PIT_CHANNEL0 0x40
#define PIT_ONE_SHOT 0x30 /* channel 0, both bytes, mode 0: interrupt on 0 */
#define PIT_IRQ 0

static enum { TIMER_PIT, TIMER_LAPIC, TIMER_DEADLINE } mode __ro_after_init;
static u64 ticks_per_ns __ro_after_init; /* 32 fractional bits; not deadline */

static void pit_fired(void *arg)
{
	timer_interrupt();
}

static void pit_arm(u64 ticks)
{
	u16 count = (u16)MIN(ticks, 65535ull);

	/* Writing the mode alone stops the counter. */
	outb(PIT_COMMAND, PIT_ONE_SHOT);
	if (!count)
		return;
	outb(PIT_CHANNEL0, (u8)count);
	outb(PIT_CHANNEL0, (u8)(count >> 8));
}

void platform_timer_arm(nsec_t deadline)
{
	u64 flags = irq_save(), now, wait = 0, ticks = 0;

	if (deadline == NSEC_FOREVER) {
		if (mode == TIMER_DEADLINE)
			wrmsr(MSR_TSC_DEADLINE, 0);
	} else {
		now = platform_monotonic();
		if (deadline > now)
			wait = deadline - now;
		if (mode == TIMER_DEADLINE)
			wrmsr(MSR_TSC_DEADLINE,
			      rdtsc() + ns_to_cycles(wait) + 1);
		/* Too far away: a bit earlier, and again from there. */
		wait = MIN(wait, 100 * NSEC_PER_SEC);
		ticks = mul_shift(wait, ticks_per_ns, 32) + 1;
	}
	if (mode == TIMER_LAPIC)
		lapic_timer_start((u32)MIN(ticks, (u64)UINT32_MAX));
	else if (mode == TIMER_PIT)
		pit_arm(ticks);
	irq_restore(flags);
}

void timer_init_hw_cpu(void)
{
	lapic_timer_init(mode == TIMER_DEADLINE);
}

void timer_init_hw(void)
{
	u64 hz = lapic_present() ? lapic_hz : PIT_HZ;

	ticks_per_ns = (hz << 32) / NSEC_PER_SEC;
	if (!lapic_present()) {
		mode = TIMER_PIT;
		if (irq_attach_isa(PIT_IRQ, pit_fired, NULL))
			panic("there is no timer");
		pit_arm(0);
		return;
	}
	mode = cpu_features.tsc_deadline ? TIMER_DEADLINE : TIMER_LAPIC;
	timer_init_hw_cpu();
}
