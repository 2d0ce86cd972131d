/* The local APIC (SDM vol. 3, chapter 11), by MSR (x2APIC) or by memory. */
#include "hw.h"
#include <arch/features.h>
#include <arch/insn.h>
#include <arch/msr.h>
#include <arch/trap.h>

/* Register offsets, SDM vol. 3, table 11-1 */
#define ID 0x20
#define TPR 0x80
#define EOI 0xb0
#define SVR 0xf0
#define ESR 0x280
#define ICR_LOW 0x300
#define ICR_HIGH 0x310
#define LVT_TIMER 0x320
#define LVT_LINT0 0x350
#define LVT_LINT1 0x360
#define LVT_ERROR 0x370
#define TIMER_INITIAL 0x380
#define TIMER_CURRENT 0x390
#define TIMER_DIVIDE 0x3e0

#define SVR_ENABLE 0x100
#define LVT_MASKED 0x10000
#define LVT_NMI 0x400
#define LVT_EXTINT 0x700
#define LVT_TSC_DEADLINE 0x40000
#define DIVIDE_BY_1 0xb
#define ICR_PENDING 0x1000

static volatile u32 *regs __ro_after_init; /* NULL: x2APIC */
static bool present __ro_after_init;

static u32 get(u32 reg)
{
	return regs ? regs[reg / 4] : (u32)rdmsr(MSR_X2APIC + reg / 16);
}

static void put(u32 reg, u32 v)
{
	if (regs)
		regs[reg / 4] = v;
	else
		wrmsr(MSR_X2APIC + reg / 16, v);
}

static bool find(void)
{
	u64 base;

	if (!cpu_features.apic || !rdmsr_safe(MSR_APIC_BASE, &base))
		return false;
	/*
	 * Firmware that has turned it off for good (it needs a reset to come
	 * back) shows no APIC in CPUID, so enabling is safe here.
	 */
	base |= APIC_BASE_ENABLE;
	if (cpu_features.x2apic &&
	    wrmsr_safe(MSR_APIC_BASE, base | APIC_BASE_X2APIC))
		return true;
	if (!wrmsr_safe(MSR_APIC_BASE, base))
		return false;
	regs = platform_map_registers(base & APIC_BASE_ADDRESS, PAGE_SIZE);
	return regs != NULL;
}

void lapic_init_cpu(void)
{
	put(TPR, 0);
	/* First: while it is off, no entry can be unmasked (11.4.7.2). */
	put(SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	put(LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	put(LVT_LINT0, LVT_MASKED);
	put(LVT_LINT1, LVT_NMI);
	put(LVT_ERROR, LVT_MASKED);
	/* What was pending from before the kernel started. */
	put(EOI, 0);
}

bool lapic_init(void)
{
	if (!find())
		return false;
	lapic_init_cpu();
	present = true;
	return true;
}

void lapic_enable(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base);
	if (!regs)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
}

u32 lapic_max_id(void)
{
	return regs ? 0xfe : UINT32_MAX - 1;
}

bool lapic_present(void)
{
	return present;
}

u32 lapic_id(void)
{
	return regs ? get(ID) >> 24 : get(ID);
}

void lapic_accept_8259(void)
{
	put(LVT_LINT0, LVT_EXTINT);
}

void lapic_eoi(void)
{
	put(EOI, 0);
}

void lapic_send(u32 id, u32 what)
{
	u64 flags = irq_save();

	if (!regs) {
		/*
		 * No serialising write: what was stored before must be seen by
		 * who takes the interrupt (SDM vol. 3, 11.12.3).
		 */
		__asm__ __volatile__("mfence; lfence" ::: "memory");
		wrmsr(MSR_X2APIC + ICR_LOW / 16, (u64)id << 32 | what);
	} else {
		put(ICR_HIGH, id << 24);
		put(ICR_LOW, what);
		while (get(ICR_LOW) & ICR_PENDING)
			cpu_relax();
	}
	irq_restore(flags);
}

void lapic_timer_init(bool tsc_deadline)
{
	put(TIMER_DIVIDE, DIVIDE_BY_1);
	put(LVT_TIMER, VECTOR_TIMER | (tsc_deadline ? LVT_TSC_DEADLINE : 0));
	/* SDM vol. 3, 11.5.4.1: before the MSR is written. */
	__asm__ __volatile__("mfence" ::: "memory");
}

void lapic_timer_start(u32 count)
{
	put(TIMER_INITIAL, count);
}

u32 lapic_timer_current(void)
{
	return get(TIMER_CURRENT);
}
