/*
 * What this processor can do.  Everything here has a path without it; a field
 * is what CPUID says, less what cannot be used for another reason.
 */
#ifndef RR_ARCH_FEATURES_H
#define RR_ARCH_FEATURES_H

#include "types.h"

struct cpu_features {
	bool nx;            /* no-execute pages */
	bool page1g;        /* 1 GiB pages */
	bool fsgsbase;      /* RDFSBASE and friends */
	bool xsave;
	bool xsaveopt;
	bool rdrand;
	bool rdseed;
	bool apic;
	bool x2apic;
	bool tsc_deadline;  /* timer mode of the local APIC */
	bool tsc_invariant; /* constant rate, in all power states */
	bool arat;          /* the APIC timer runs in all power states */
	bool hypervisor;
	bool kvm;           /* KVM's leaves at kvm_base */
	u32 kvm_base;       /* 0x40000000, or higher up (nested leaves) */
	u32 kvm_features;   /* KVM_FEATURE_* */
	u32 hv_max;         /* highest hypervisor leaf */
	u64 xcr0;           /* state components that we save */
	u32 xsave_size;     /* bytes for them; 512 with FXSAVE */
	u32 edx1;           /* leaf 1 EDX, AT_HWCAP */
	u32 max_leaf;
	u8 phys_bits;
};

/* Filled in by features_init before anything looks. */
extern struct cpu_features cpu_features;

void features_init(void);

/* There if a component wants FXSAVE on processors with XSAVE, too. */
extern const char without_xsave[] __weak;

/* Hypervisor leaves of KVM (Linux Documentation/virt/kvm/x86/cpuid.rst). */
#define KVM_FEATURE_CLOCKSOURCE BIT(0)
#define KVM_FEATURE_CLOCKSOURCE2 BIT(3)
#define KVM_FEATURE_CLOCKSOURCE_STABLE BIT(24)

#endif
