/* What the processor can do. */
#include <arch/features.h>
#include <arch/insn.h>

struct cpu_features cpu_features __ro_after_init;

/* SDM vol. 2, CPUID; AMD APM vol. 3, appendix E. */
#define LEAF1_ECX_X2APIC BIT(21)
#define LEAF1_ECX_TSC_DEADLINE BIT(24)
#define LEAF1_ECX_XSAVE BIT(26)
#define LEAF1_ECX_RDRAND BIT(30)
#define LEAF1_ECX_HYPERVISOR BIT(31)
#define LEAF1_EDX_APIC BIT(9)
#define LEAF6_EAX_ARAT BIT(2)
#define LEAF7_EBX_FSGSBASE BIT(0)
#define LEAF7_EBX_RDSEED BIT(18)
#define LEAFD1_EAX_XSAVEOPT BIT(0)
#define EXT1_EDX_NX BIT(20)
#define EXT1_EDX_PAGE1G BIT(26)
#define EXT7_EDX_TSC_INVARIANT BIT(8)

/*
 * State components (SDM vol. 1, 13.1) that are kept for programs: x87, SSE, AVX
 * and the three of AVX-512.  The others need more than room to save them (AMX a
 * permission call, PKRU pkeys, PT privileges) and are left off.
 */
#define XCR0_KEPT (BIT(0) | BIT(1) | BIT(2) | BIT(5) | BIT(6) | BIT(7))
#define XCR0_AVX512 (BIT(5) | BIT(6) | BIT(7))
#define XCR0_AVX BIT(2)

static void look_at_xsave(struct cpu_features *f)
{
	struct cpuid d = cpuid(0xd, 0);
	u64 avail = (u64)d.edx << 32 | d.eax;
	u64 end = 576; /* legacy area and header (SDM vol. 1, 13.4) */

	f->xcr0 = avail & XCR0_KEPT;
	/* Allowed combinations: SDM vol. 1, 13.3. */
	if ((f->xcr0 & XCR0_AVX512) != XCR0_AVX512 || !(f->xcr0 & XCR0_AVX))
		f->xcr0 &= ~XCR0_AVX512;
	if ((f->xcr0 & 3) != 3) {
		f->xsave = false;
		return;
	}
	/* Each component's place in the standard format. */
	for (unsigned i = 2; i < 63; i++) {
		if (!(f->xcr0 & BIT(i)))
			continue;
		d = cpuid(0xd, i);
		end = MAX(end, (u64)d.eax + d.ebx);
	}
	f->xsave_size = (u32)end;
	f->xsaveopt = cpuid(0xd, 1).eax & LEAFD1_EAX_XSAVEOPT;
}

/*
 * KVM's leaves are where its signature is; a hypervisor that also answers as
 * another one puts them further up, at multiples of 0x100.
 */
static void look_for_kvm(struct cpu_features *f)
{
	struct cpuid h = cpuid(0x40000000, 0);

	f->hv_max = h.eax;
	for (u32 base = 0x40000000; base < 0x40010000; base += 0x100) {
		h = cpuid(base, 0);
		/* "KVMKVMKVM\0\0\0" */
		if (h.ebx == 0x4b4d564b && h.ecx == 0x564b4d56 &&
		    h.edx == 0x4d) {
			f->kvm = true;
			f->kvm_base = base;
			f->kvm_features = cpuid(base + 1, 0).eax;
			return;
		}
		if (h.eax < base || h.eax > base + 0xff)
			return;
	}
}

void features_init(void)
{
	struct cpu_features *f = &cpu_features;
	u32 max = cpuid(0, 0).eax, ext = cpuid(0x80000000, 0).eax;
	struct cpuid c = cpuid(1, 0);

	f->max_leaf = max;
	f->edx1 = c.edx;
	f->apic = c.edx & LEAF1_EDX_APIC;
	f->x2apic = c.ecx & LEAF1_ECX_X2APIC;
	f->tsc_deadline = c.ecx & LEAF1_ECX_TSC_DEADLINE;
	f->rdrand = c.ecx & LEAF1_ECX_RDRAND;
	f->hypervisor = c.ecx & LEAF1_ECX_HYPERVISOR;
	f->xsave = !without_xsave && (c.ecx & LEAF1_ECX_XSAVE) && max >= 0xd;
	if (max >= 6)
		f->arat = cpuid(6, 0).eax & LEAF6_EAX_ARAT;
	if (max >= 7) {
		c = cpuid(7, 0);
		f->fsgsbase = c.ebx & LEAF7_EBX_FSGSBASE;
		f->rdseed = c.ebx & LEAF7_EBX_RDSEED;
	}
	if (ext >= 0x80000001) {
		c = cpuid(0x80000001, 0);
		f->nx = c.edx & EXT1_EDX_NX;
		f->page1g = c.edx & EXT1_EDX_PAGE1G;
	}
	if (ext >= 0x80000007)
		f->tsc_invariant =
			cpuid(0x80000007, 0).edx & EXT7_EDX_TSC_INVARIANT;
	f->phys_bits = 36;
	if (ext >= 0x80000008)
		f->phys_bits = (u8)cpuid(0x80000008, 0).eax;
	if (f->xsave)
		look_at_xsave(f);
	if (!f->xsave)
		f->xsave_size = 512;
	if (f->hypervisor)
		look_for_kvm(f);
}
