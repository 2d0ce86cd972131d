/* KVM's clock (Linux Documentation/virt/kvm/x86/msr.rst). */
#include "hw.h"
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

static volatile struct vcpu_time vcpu_time;
static volatile struct wall_clock wall;
static u32 msr_wall __ro_after_init;
static nsec_t last; /* atomic; where the clock is not stable across CPUs */

static nsec_t scale(u64 delta, u32 mul, s8 shift)
{
	delta = shift < 0 ? delta >> -shift : delta << shift;
	return mul_shift(delta, mul, 32);
}

nsec_t kvmclock_now(void)
{
	u32 version;
	u8 flags;
	nsec_t ns, seen;

	do {
		version = vcpu_time.version;
		barrier();
		ns = vcpu_time.system_time +
		     scale(rdtsc_ordered() - vcpu_time.tsc_timestamp,
			   vcpu_time.tsc_to_system_mul, vcpu_time.tsc_shift);
		flags = vcpu_time.flags;
		barrier();
	} while ((version & 1) || version != vcpu_time.version);
	if (flags & TIME_TSC_STABLE)
		return ns;
	seen = __atomic_load_n(&last, __ATOMIC_RELAXED);
	do {
		if (ns <= seen)
			return seen;
	} while (!__atomic_compare_exchange_n(&last, &seen, ns, true,
					      __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return ns;
}

bool kvmclock_init(void)
{
	u64 pa = image_to_phys((const void *)&vcpu_time);
	u32 f = cpu_features.kvm_features, msr;

	if (!cpu_features.kvm)
		return false;
	if (f & KVM_FEATURE_CLOCKSOURCE2) {
		msr = MSR_KVM_SYSTEM_TIME_NEW;
		msr_wall = MSR_KVM_WALL_CLOCK_NEW;
	} else if (f & KVM_FEATURE_CLOCKSOURCE) {
		msr = MSR_KVM_SYSTEM_TIME;
		msr_wall = MSR_KVM_WALL_CLOCK;
	} else {
		return false;
	}
	if (!wrmsr_safe(msr, pa | MSR_ENABLE) ||
	    !vcpu_time.tsc_to_system_mul) {
		msr_wall = 0;
		return false;
	}
	tsc_hz = (NSEC_PER_SEC << 32) / vcpu_time.tsc_to_system_mul;
	if (vcpu_time.tsc_shift < 0)
		tsc_hz <<= -vcpu_time.tsc_shift;
	else
		tsc_hz >>= vcpu_time.tsc_shift;
	return true;
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
