/* KVM's clock (Linux Documentation/virt/kvm/x86/msr.rst). */
#include "hw.h"
#include "page.h"
#include <arch/features.h>
#include <arch/insn.h>
#include <arch/msr.h>

/* Written by the hypervisor; odd version: in the middle of it. */
struct vcpu_time {
	u32 version, pad0;
	u64 tsc_timestamp, system_time;
	u32 tsc_to_system_mul;
	s8 tsc_shift;
	u8 flags, pad[2];
} __packed __aligned(64);
#define TIME_TSC_STABLE 0x1 /* the same on all CPUs */
#define MSR_ENABLE 0x1

struct wall_clock {
	u32 version, sec, nsec;
} __packed __aligned(16);

static struct vcpu_time boot_time;
static volatile struct wall_clock wall;
static u32 msr_time __ro_after_init, msr_wall __ro_after_init;

static nsec_t scale(u64 delta, u32 mul, s8 shift)
{
	delta = shift < 0 ? delta >> -shift : delta << shift;
	return mul_shift(delta, mul, 32);
}

nsec_t kvmclock_now(void)
{
	/* Of the CPU whose counter is read: the kernel is not preempted. */
	const volatile struct vcpu_time *t = this_cpu()->clock;
	u32 version;
	u8 flags;
	nsec_t ns;

	do {
		version = t->version;
		barrier();
		ns = t->system_time + scale(rdtsc_ordered() - t->tsc_timestamp,
					    t->tsc_to_system_mul, t->tsc_shift);
		flags = t->flags;
		barrier();
	} while ((version & 1) || version != t->version);
	return flags & TIME_TSC_STABLE ? ns : clock_ascend(ns);
}

static bool start(struct cpu *c, struct vcpu_time *t, paddr_t pa)
{
	c->clock = t;
	return wrmsr_safe(msr_time, pa | MSR_ENABLE) &&
	       READ_ONCE(t->tsc_to_system_mul);
}

bool kvmclock_init(void)
{
	u32 f = cpu_features.kvm_features;

	if (!cpu_features.kvm)
		return false;
	if (f & KVM_FEATURE_CLOCKSOURCE2) {
		msr_time = MSR_KVM_SYSTEM_TIME_NEW;
		msr_wall = MSR_KVM_WALL_CLOCK_NEW;
	} else if (f & KVM_FEATURE_CLOCKSOURCE) {
		msr_time = MSR_KVM_SYSTEM_TIME;
		msr_wall = MSR_KVM_WALL_CLOCK;
	} else {
		return false;
	}
	if (!start(&boot_cpu, &boot_time, image_to_phys(&boot_time))) {
		msr_time = msr_wall = 0;
		return false;
	}
	tsc_hz = (NSEC_PER_SEC << 32) / boot_time.tsc_to_system_mul;
	if (boot_time.tsc_shift < 0)
		tsc_hz <<= -boot_time.tsc_shift;
	else
		tsc_hz >>= boot_time.tsc_shift;
	return true;
}

bool kvmclock_alloc(struct cpu *c)
{
	if (!msr_time)
		return true;
	/* Powers of two are aligned to their size, so it is within a page. */
	_Static_assert(sizeof(struct vcpu_time) == 64, "size");
	c->clock = kzalloc(sizeof(struct vcpu_time), 0);
	return c->clock;
}

void kvmclock_init_cpu(struct cpu *c)
{
	if (msr_time && !start(c, c->clock, virt_to_phys(c->clock)))
		panic("processor with APIC id %u has no KVM clock", c->apic_id);
}

bool kvmclock_wall(s64 *ns)
{
	u32 version;

	if (!msr_wall ||
	    !wrmsr_safe(msr_wall, image_to_phys((const void *)&wall)))
		return false;
	do {
		version = wall.version;
		barrier();
		*ns = (s64)wall.sec * (s64)NSEC_PER_SEC + wall.nsec;
		barrier();
	} while ((version & 1) || version != wall.version);
	return wall.sec;
}
