/*
 * Component ring3: programs in ring 3.
 *
 * The entries (entry.S), copying from and to the program (usercopy.S), and here
 * what processors have to keep the two apart.  The wall is the supervisor bit
 * of page tables; there is no second set of tables without the kernel (KPTI), so
 * on a processor with the Meltdown defect (CPUID without RDCL_NO, Intel before
 * 2018) a program can read the kernel's memory, which is that of this one guest.
 */
#include "thread.h"
#include <arch/auxv.h>
#include <arch/features.h>
#include <arch/insn.h>
#include <arch/msr.h>
#include <arch/ring.h>
#include <linux/errno.h>

/* SDM vol. 3, 2.5; vol. 2, CPUID, leaf 7 */
#define CR0_AM BIT(18)
#define CR4_UMIP BIT(11)
#define CR4_SMEP BIT(20)
#define CR4_SMAP BIT(21)
#define LEAF7_EBX_SMEP BIT(7)
#define LEAF7_EBX_SMAP BIT(20)
#define LEAF7_ECX_UMIP BIT(2)
/* Linux' asm/hwcap2.h: RDFSBASE and friends may be used */
#define HWCAP2_FSGSBASE BIT(1)

const bool program_ring3 = true;

/* Known to assembly: stac and clac exist. */
u8 ring3_smap __ro_after_init;

void ring_init_cpu(void)
{
	u64 cr4 = read_cr4();

	if (cpu_features.max_leaf >= 7) {
		struct cpuid seven = cpuid(7, 0);

		if (seven.ebx & LEAF7_EBX_SMEP)
			cr4 |= CR4_SMEP;
		if (seven.ebx & LEAF7_EBX_SMAP)
			cr4 |= CR4_SMAP;
		if (seven.ecx & LEAF7_ECX_UMIP)
			cr4 |= CR4_UMIP;
	}
	if (!this_cpu()->id)
		ring3_smap = !!(cr4 & CR4_SMAP);
	write_cr4(cr4);
	/* The program may ask for alignment checks (EFLAGS.AC), as on Linux. */
	write_cr0(read_cr0() | CR0_AM);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	/* Null, as programs on Linux find them; the kernel does not need them. */
	__asm__ __volatile__("mov %0, %%ds; mov %0, %%es" ::"r"(0));
}

/* The program's, while the kernel runs with its own. */
static u64 exchange_gs_base(u64 base)
{
	u64 old;

	/* rdgsbase here is quicker than rdmsr. */
	__asm__ __volatile__("swapgs\n"
			     "rdgsbase %0\n"
			     "wrgsbase %1\n"
			     "swapgs\n"
			     : "=&r"(old)
			     : "r"(base)
			     : "memory");
	return old;
}

/*
 * With FSGSBASE the program may have set it by an instruction.  Without, it may
 * have cleared it, by loading a null selector, which is not kept over a switch.
 */
void ring_switch_gs(struct thread *from, struct thread *to)
{
	u64 base = to->process ? to->arch.gs_base : 0;

	if (cpu_features.fsgsbase) {
		base = exchange_gs_base(base);
		if (from->process)
			from->arch.gs_base = base;
	} else if (to->process) {
		wrmsr(MSR_KERNEL_GS_BASE, base);
	}
}

int ring_set_gs_base(u64 base)
{
	u64 flags;

	if (base >= PROGRAM_END)
		return -EPERM;
	flags = irq_save();
	current_thread()->arch.gs_base = base;
	wrmsr(MSR_KERNEL_GS_BASE, base);
	irq_restore(flags);
	return 0;
}

u64 ring_get_gs_base(void)
{
	return cpu_features.fsgsbase ? rdmsr(MSR_KERNEL_GS_BASE) :
				       current_thread()->arch.gs_base;
}

u64 arch_hwcap2(void)
{
	return cpu_features.fsgsbase ? HWCAP2_FSGSBASE : 0;
}

/*
 * None: libc then keeps its own stub, which executes the instruction.  A page of
 * ours with the same instruction would only be one more thing to map.
 */
u64 arch_sysinfo(void)
{
	return 0;
}
