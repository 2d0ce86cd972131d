/* The monotonic and the wall clock. */
#include "hw.h"
#include "linkset.h"
#include <arch/features.h>
#include <arch/insn.h>
#include <arch/trap.h>

static bool kvmclock __ro_after_init;
static u64 tsc_base __ro_after_init;
static u64 ns_per_cycle __ro_after_init; /* 32 fractional bits */
static u64 cycles_per_ns __ro_after_init;

static bool tsc_differs __ro_after_init;

nsec_t clock_ascend(nsec_t ns)
{
	static nsec_t last; /* atomic */
	nsec_t seen = __atomic_load_n(&last, __ATOMIC_RELAXED);

	do {
		if (ns <= seen)
			return seen;
	} while (!__atomic_compare_exchange_n(&last, &seen, ns, true,
					      __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return ns;
}

/*
 * Other CPUs' counters are the same: hypervisors see to that, and processors
 * with an invariant TSC; where they are not, smp has found out.  64 bits do not
 * wrap within the life of a machine.
 */
static nsec_t tsc_now(void)
{
	u64 tsc;
	s64 cycles;

	if (likely(!tsc_differs))
		return mul_shift(rdtsc_ordered() - tsc_base, ns_per_cycle, 32);
	tsc = rdtsc_ordered() + (u64)this_cpu()->tsc_offset;
	cycles = (s64)(tsc - tsc_base);
	return clock_ascend(mul_shift(cycles > 0 ? (u64)cycles : 0,
				      ns_per_cycle, 32));
}

bool clock_is_tsc(void)
{
	return !kvmclock;
}

void clock_tsc_differs(void)
{
	tsc_differs = true;
}

nsec_t platform_monotonic(void)
{
	return kvmclock ? kvmclock_now() : tsc_now();
}

s64 platform_wall_offset(void)
{
	s64 ns, seconds;

	if (kvmclock && kvmclock_wall(&ns))
		return ns;
	if (rtc_read(&seconds))
		return seconds * (s64)NSEC_PER_SEC - (s64)platform_monotonic();
	kmsg("there is no clock that knows the date");
	return 0;
}

u64 platform_tsc_hz(void)
{
	return tsc_hz;
}

u64 ns_to_cycles(u64 ns)
{
	unsigned __int128 c = (unsigned __int128)ns * cycles_per_ns >> 32;

	return c > INT64_MAX ? INT64_MAX : (u64)c;
}

/* 2^32 * a / b, for a < 2^64 / 2^32 * b. */
static u64 ratio(u64 a, u64 b)
{
	return (a / b << 32) + ((a % b) << 32) / b;
}

static void take_rate(void)
{
	ns_per_cycle = ratio(NSEC_PER_SEC, tsc_hz);
	cycles_per_ns = ratio(tsc_hz, NSEC_PER_SEC);
}

void clocks_init(void)
{
	kvmclock = kvmclock_init();
	tsc_calibrate();
	if (!kvmclock && !cpu_features.tsc_invariant &&
	    !cpu_features.hypervisor)
		kmsg("this processor's clock changes its speed to save power");
	take_rate();
	tsc_base = rdtsc_ordered();
}

/*
 * The clock goes on from where it is at the better rate.  A CPU that reads it
 * meanwhile is wrong by some 0.1 % of the few milliseconds since the start.
 */
static void clocks_refine(void)
{
	nsec_t now;

	if (!tsc_refine())
		return;
	now = tsc_now();
	take_rate();
	tsc_base = rdtsc_ordered() - ns_to_cycles((u64)now);
}
INITCALL(INIT_CONFIG, clocks_refine);
