/*
 * How fast the time stamp counter and the local APIC's timer run: by what the
 * processor or hypervisor says, else measured.
 */
#include "hw.h"
#include <arch/features.h>
#include <arch/insn.h>

u64 tsc_hz __ro_after_init;
u64 lapic_hz __ro_after_init;

/*
 * Part of a second that is measured at first, which the start waits for: an error
 * of some percent.  By the end of the start much more time has passed, and the
 * time stamp counter is measured over all of it: some hundred ppm.  Where that is
 * too short, because reading the reference took more than 1 / PRECISE of it, the
 * start waits again, until REFINED_PARTS at most.
 *
 * The APIC's timer is in use by then, so its speed has to be known better at once
 * (0.1 %), unless it is the usual one.
 */
#define FIRST_PARTS 10000 /* 0.1 ms */
#define LAPIC_PARTS 1000  /* 1 ms */
#define REFINED_PARTS 250 /* 4 ms */
#define PRECISE 2000

/* QEMU's and KVM's emulated APIC timers run at 1 GHz. */
#define EMULATED_LAPIC_HZ NSEC_PER_SEC

/*
 * A reference is broken if it has not ticked in so many cycles (0.4 ms at 5
 * GHz; the slowest ticks every microsecond), or not got there in a multiple of
 * the time.
 */
#define TICK_CYCLES 2000000
#define MEASURE_CYCLES 50000000

#define LOOKS 8
#define TRIES 5

struct reference {
	u64 hz;
	u32 mask; /* the counter's width */
	bool down;
	u32 (*read)(void);
};

/* ---- ACPI PM timer (ACPI 6.4, 4.8.3.3) ---- */

#define PM_TIMER_HZ 3579545

static u32 pm_timer(void)
{
	return inl((u16)acpi.pm_timer);
}

/* ---- HPET (IA-PC HPET 1.0a, 2.3) ---- */

#define HPET_PERIOD 4 /* upper half of the capabilities: fs */
#define HPET_CONFIG 0x10
#define HPET_COUNTER 0xf0
#define FS_PER_SEC 1000000000000000ull

static volatile u32 *hpet;

static u32 hpet_timer(void)
{
	return hpet[HPET_COUNTER / 4];
}

static u64 hpet_open(void)
{
	u32 period;

	hpet = platform_map_registers(acpi.hpet, 1024);
	if (!hpet)
		return 0;
	period = hpet[HPET_PERIOD / 4];
	if (!period || period > 100000000) /* 2.3.4: at most 100 ns */
		return 0;
	hpet[HPET_CONFIG / 4] |= 1;
	return FS_PER_SEC / period;
}

static void hpet_close(void)
{
	if (hpet)
		unmap_physical((const void *)hpet, 1024);
	hpet = NULL;
}

/* ---- 8254, channel 2 ---- */

#define PIT_COMMAND 0x43
#define PIT_CHANNEL2 0x42
#define PIT_LATCH2 0x80
#define PIT_START2 0xb4 /* channel 2, both bytes, mode 2: rate generator */
#define SPEAKER 0x61    /* bit 0: gate of channel 2, bit 1: speaker */

static u32 pit_timer(void)
{
	u32 v;

	outb(PIT_COMMAND, PIT_LATCH2);
	v = inb(PIT_CHANNEL2);
	return v | (u32)inb(PIT_CHANNEL2) << 8;
}

static void pit_open(void)
{
	outb(SPEAKER, (inb(SPEAKER) & 0xfc) | 1);
	outb(PIT_COMMAND, PIT_START2);
	outb(PIT_CHANNEL2, 0);
	outb(PIT_CHANNEL2, 0);
}

/* ---- measuring ---- */

struct sample {
	u32 ref, lapic;
	u64 tsc;
	u64 window; /* cycles that taking it took */
};

static bool lapic_wanted(void)
{
	return lapic_present() && !lapic_hz;
}

/* Right after the reference has ticked; false: it does not. */
static bool at_tick(const struct reference *r, struct sample *s)
{
	u32 old = r->read();
	u64 start = rdtsc(), before;

	do {
		before = rdtsc_ordered();
		s->ref = r->read();
		s->tsc = rdtsc_ordered();
		/* The sooner it is read again, the better the tick is known. */
		s->lapic = lapic_wanted() ? lapic_timer_current() : 0;
		s->window = rdtsc_ordered() - before;
		if (s->ref != old)
			return true;
	} while (before - start < TICK_CYCLES);
	return false;
}

/*
 * The closest of a few looks: in between, a hypervisor may be doing something
 * else.
 */
static bool look(const struct reference *r, struct sample *best)
{
	struct sample s;

	for (int i = 0; i < LOOKS; i++) {
		if (!at_tick(r, &s))
			return false;
		if (!i || s.window < best->window)
			*best = s;
	}
	return true;
}

/*
 * From sample a to another, *ticks of the reference apart, at least want; false:
 * it stands still.
 */
static bool interval(const struct reference *r, const struct sample *a,
		     struct sample *b, u64 want, u64 *ticks)
{
	do {
		if (!look(r, b))
			return false;
		*ticks = (r->down ? a->ref - b->ref : b->ref - a->ref) &
			 r->mask;
	} while (*ticks < want && b->tsc - a->tsc < MEASURE_CYCLES);
	return *ticks;
}

static u64 lapic_rate(const struct reference *r, const struct sample *a,
		      const struct sample *b, u64 ticks)
{
	return (u64)(a->lapic - b->lapic) * r->hz / ticks;
}

/* Close enough to be what hypervisors emulate? */
static bool emulated(u64 hz)
{
	return cpu_features.hypervisor &&
	       hz - (EMULATED_LAPIC_HZ - EMULATED_LAPIC_HZ / 16) <
		       EMULATED_LAPIC_HZ / 8;
}

/* Where the first measurement began, if it is to be refined; hz 0: not. */
static struct reference begun;
static struct sample beginning;

static bool measure(const struct reference *r)
{
	struct sample a, b;
	u64 ticks, rate = 0;

	/*
	 * Where the host did something else meanwhile, a narrow counter has
	 * gone round (the 8254's does in 55 ms): once more.
	 */
	for (int i = 0; i < TRIES; i++) {
		if (lapic_wanted())
			lapic_timer_start(UINT32_MAX);
		if (!look(r, &a) ||
		    !interval(r, &a, &b, r->hz / FIRST_PARTS, &ticks))
			return false;
		rate = lapic_rate(r, &a, &b, ticks);
		if (emulated(rate)) {
			rate = EMULATED_LAPIC_HZ;
		} else if (lapic_wanted()) {
			if (!interval(r, &a, &b, r->hz / LAPIC_PARTS, &ticks))
				return false;
			rate = lapic_rate(r, &a, &b, ticks);
		}
		if (b.tsc - a.tsc < MEASURE_CYCLES)
			break;
	}
	if (lapic_wanted()) {
		lapic_timer_start(0);
		lapic_hz = rate;
	}
	if (tsc_hz)
		return true;
	tsc_hz = (b.tsc - a.tsc) * r->hz / ticks;
	/*
	 * To be refined, from a sample that was taken without the APIC's timer,
	 * as its counterpart will be.  What is faster would overflow in
	 * expected().
	 */
	if (r->hz <= NSEC_PER_SEC && look(r, &beginning))
		begun = *r;
	return tsc_hz;
}

static bool measure_any(void)
{
	struct reference r = {.hz = PM_TIMER_HZ,
			      .mask = acpi.pm_timer_32 ? UINT32_MAX : 0xffffff,
			      .read = pm_timer};
	bool ok;

	if (acpi.pm_timer && measure(&r))
		return true;
	if (acpi.hpet) {
		r = (struct reference){hpet_open(), UINT32_MAX, false,
				       hpet_timer};
		if (r.hz && measure(&r))
			return true;
		hpet_close();
	}
	pit_open();
	r = (struct reference){PIT_HZ, 0xffff, true, pit_timer};
	if (measure(&r))
		return true;
	/*
	 * Nothing left but the APIC's timer itself, whose speed is known where
	 * it is an emulated one.
	 */
	if (!lapic_present() || !cpu_features.hypervisor)
		return false;
	lapic_hz = EMULATED_LAPIC_HZ;
	r = (struct reference){lapic_hz, UINT32_MAX, true, lapic_timer_current};
	lapic_timer_start(UINT32_MAX);
	ok = measure(&r);
	lapic_timer_start(0);
	begun.hz = 0; /* the timer is needed for what it is there for */
	return ok;
}

/* Ticks of the reference in so many cycles, at most two seconds of them. */
static u64 expected(const struct reference *r, u64 cycles)
{
	return cycles * r->hz / tsc_hz;
}

static bool precise(const struct sample *a, const struct sample *b)
{
	return (a->window + b->window) * PRECISE < b->tsc - a->tsc;
}

/* Measure tsc_hz again; false: it stays what it is. */
static bool measure_again(const struct reference *r)
{
	u64 passed = rdtsc() - beginning.tsc, ticks;
	struct sample a = beginning, b;

	/*
	 * Half the time in which the counter goes round leaves room for any
	 * error of the first measurement.
	 */
	if ((passed > tsc_hz || expected(r, passed) > r->mask / 2) &&
	    !look(r, &a))
		return false;
	do {
		if (!interval(r, &a, &b, 1, &ticks))
			return false;
	} while (!precise(&a, &b) && ticks < r->hz / REFINED_PARTS);
	passed = b.tsc - a.tsc;
	/* The host has done something else: the counter may have gone round. */
	if (passed > 2 * tsc_hz || expected(r, passed) > r->mask - r->mask / 4)
		return false;
	tsc_hz = passed * r->hz / ticks;
	return true;
}

bool tsc_refine(void)
{
	bool refined = false;

	for (int i = 0; i < TRIES && begun.hz && !refined; i++)
		refined = measure_again(&begun);
	hpet_close();
	begun.hz = 0;
	return refined;
}

/* ---- asking ---- */

/* Leaf 0x40000010, VMware's and KVM's: kHz of TSC and of the APIC timer. */
static void ask_hypervisor(void)
{
	struct cpuid c;

	if (!cpu_features.hypervisor || cpu_features.hv_max < 0x40000010)
		return;
	c = cpuid(0x40000010, 0);
	if (!tsc_hz)
		tsc_hz = (u64)c.eax * 1000;
	lapic_hz = (u64)c.ebx * 1000;
}

/* Leaves 0x15 and 0x16 (SDM vol. 2, CPUID; vol. 3, 19.7.3). */
static void ask_processor(void)
{
	struct cpuid c;
	u64 crystal;

	if (cpu_features.max_leaf < 0x15)
		return;
	c = cpuid(0x15, 0);
	if (!c.eax || !c.ebx)
		return;
	crystal = c.ecx;
	/* The crystal follows from the nominal frequency, in MHz. */
	if (!crystal && cpu_features.max_leaf >= 0x16)
		crystal = (u64)(cpuid(0x16, 0).eax & 0xffff) * 1000000 *
			  c.eax / c.ebx;
	if (!crystal)
		return;
	if (!tsc_hz)
		tsc_hz = crystal * c.ebx / c.eax;
	if (!lapic_hz && !cpu_features.hypervisor)
		lapic_hz = crystal;
}

/* kvmclock_init may have set tsc_hz already. */
void tsc_calibrate(void)
{
	bool need_lapic = lapic_present() && !cpu_features.tsc_deadline;

	ask_hypervisor();
	ask_processor();
	if (tsc_hz && (lapic_hz || !need_lapic))
		return;
	if (measure_any())
		return;
	/* Better a clock of the wrong speed than none. */
	kmsg("no clock to compare the time stamp counter with");
	if (!tsc_hz)
		tsc_hz = NSEC_PER_SEC;
	if (!lapic_hz)
		lapic_hz = NSEC_PER_SEC;
}
