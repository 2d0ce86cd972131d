/* Vector registers of threads: areas, switching. */
#include "fpu_private.h"
#include "log.h"
#include "page.h"
#include "string.h"
#include "thread.h"
#include <arch/features.h>
#include <arch/fpu.h>
#include <arch/insn.h>
#include <linux/errno.h>

u32 fpu_mxcsr_mask __ro_after_init;

#define CONTROL_WORD 0x37f /* SDM vol. 1, 8.1.5: as FNINIT leaves it */
#define MXCSR_RESET 0x1f80 /* SDM vol. 1, 10.2.3 */

void fpu_save(void *area)
{
	u32 lo = (u32)cpu_features.xcr0, hi = (u32)(cpu_features.xcr0 >> 32);

	if (cpu_features.xsaveopt)
		__asm__ __volatile__("xsaveopt64 (%0)" ::"r"(area), "a"(lo),
				     "d"(hi)
				     : "memory");
	else
		fpu_save_all(area);
}

void fpu_save_all(void *area)
{
	u32 lo = (u32)cpu_features.xcr0, hi = (u32)(cpu_features.xcr0 >> 32);

	if (cpu_features.xsave)
		__asm__ __volatile__("xsave64 (%0)" ::"r"(area), "a"(lo),
				     "d"(hi)
				     : "memory");
	else
		__asm__ __volatile__("fxsave64 (%0)" ::"r"(area) : "memory");
}

bool fpu_restore(const void *area)
{
	u32 lo = (u32)cpu_features.xcr0, hi = (u32)(cpu_features.xcr0 >> 32);
	u8 ok = 0;

	if (cpu_features.xsave)
		__asm__ __volatile__("1: xrstor64 (%1)\n"
				     "movb $1, %0\n"
				     "2:\n" EX_TABLE("1b", "2b")
				     : "+c"(ok)
				     : "r"(area), "a"(lo), "d"(hi)
				     : "memory");
	else
		__asm__ __volatile__("1: fxrstor64 (%1)\n"
				     "movb $1, %0\n"
				     "2:\n" EX_TABLE("1b", "2b")
				     : "+c"(ok)
				     : "r"(area)
				     : "memory");
	return ok;
}

void fpu_area_init(void *area)
{
	struct fpu_legacy *l = area;

	memset(area, 0, cpu_features.xsave_size);
	l->fcw = CONTROL_WORD;
	l->mxcsr = MXCSR_RESET;
}

void fpu_init_cpu(void)
{
	u64 cr4 = read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT;
	u8 buf[512 + 64] = {0};
	struct fpu_legacy *l = (void *)ALIGN_UP((uintptr_t)buf, 64);

	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE);
	if (cpu_features.xsave)
		cr4 |= CR4_OSXSAVE;
	if (cpu_features.fsgsbase)
		cr4 |= CR4_FSGSBASE;
	write_cr4(cr4);
	if (cpu_features.xsave)
		__asm__ __volatile__(
			"xsetbv" ::"c"(0), "a"((u32)cpu_features.xcr0),
			"d"((u32)(cpu_features.xcr0 >> 32)));
	__asm__ __volatile__("fninit");
	__asm__ __volatile__("fxsave64 (%0)" ::"r"(l) : "memory");
	/* SDM vol. 1, 11.6.6: 0 means this default. */
	fpu_mxcsr_mask = l->mxcsr_mask ? l->mxcsr_mask : 0xffbf;
}

/*
 * Saved whenever its owner leaves the processor, so that it may go on
 * elsewhere; loaded only if something else was in between.
 */
void fpu_switch(struct cpu *c, struct thread *from, struct thread *to)
{
	if (from->arch.fpu)
		fpu_save(from->arch.fpu);
	if (!to->arch.fpu ||
	    (c->fpu_owner == to && to->arch.fpu_cpu == c->id))
		return;
	if (!fpu_restore(to->arch.fpu))
		panic("thread %d has invalid vector registers", to->tid);
	c->fpu_owner = to;
	to->arch.fpu_cpu = c->id;
}

/*
 * XSAVE wants 64 bytes of alignment; kmalloc aligns powers of two to their
 * size.
 */
int arch_fpu_alloc(struct thread *t, const struct thread *copy_from)
{
	size_t size = 512;
	void *area;
	u64 flags;

	while (size < cpu_features.xsave_size)
		size *= 2;
	area = kzalloc(size, 0);
	if (!area)
		return -ENOMEM;
	fpu_area_init(area);
	if (copy_from == current_thread() && copy_from->arch.fpu) {
		flags = irq_save();
		fpu_save_all(area);
		irq_restore(flags);
	} else if (copy_from && copy_from->arch.fpu) {
		memcpy(area, copy_from->arch.fpu, cpu_features.xsave_size);
	}
	t->arch.fpu_cpu = ~0u;
	t->arch.fpu = area;
	return 0;
}

void arch_fpu_free(struct thread *t)
{
	kfree(t->arch.fpu);
	t->arch.fpu = NULL;
}

/* With the thread's area as it should be, make the registers so. */
bool fpu_load_current(void)
{
	struct thread *t = current_thread();
	struct cpu *c = this_cpu();

	if (!fpu_restore(t->arch.fpu))
		return false;
	c->fpu_owner = t;
	t->arch.fpu_cpu = c->id;
	return true;
}

void arch_fpu_reset(void)
{
	u64 flags = irq_save();

	fpu_area_init(current_thread()->arch.fpu);
	if (!fpu_load_current())
		panic("the initial vector registers are invalid");
	irq_restore(flags);
}
