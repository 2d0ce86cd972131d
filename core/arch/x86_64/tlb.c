/*
 * What processors have cached of programs' page tables: which space each has
 * loaded, and how all forget what has changed.
 *
 * A CPU that runs a kernel thread or idles keeps the last space loaded, and is lazy
 * there: it is not interrupted for every change, but told that it is stale.
 */
#include "pte.h"
#include "tlb.h"
#include <arch/insn.h>

/*
 * Interrupts are off, or the caller stays here anyhow.  invlpg also forgets all
 * cached upper-level entries (SDM vol. 3, 4.10.4.1).
 */
static void flush_here(const struct flush *f)
{
	if (!loaded_here(f->pm))
		return;
	if (f->n > FLUSH_SINGLE_MAX)
		write_cr3(read_cr3());
	else
		for (unsigned i = 0; i < f->n; i++)
			invlpg(f->va[i]);
}

/* The same for a CPU that has been interrupted; where it is lazy, it leaves. */
static void flush_there(void *arg)
{
	const struct flush *f = arg;

	if (this_cpu()->lazy && loaded_here(f->pm))
		pmap_activate(NULL);
	else
		flush_here(f);
}

/*
 * Those CPUs of the mask that have to be interrupted.  The lazy ones need not
 * be, as long as the tables stay: they see that they are stale when they go
 * back to the program.
 */
static u64 not_lazy(struct pmap *pm, u64 mask)
{
	for (u64 left = mask; left; left &= left - 1) {
		unsigned id = (unsigned)__builtin_ctzll(left);
		struct cpu *c = platform_cpu(id);

		if (!READ_ONCE(c->lazy))
			continue;
		/* In this order, and pmap_activate in the other. */
		__atomic_fetch_or(&pm->stale, BIT(id), __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&c->lazy, __ATOMIC_SEQ_CST))
			mask &= ~BIT(id);
	}
	return mask;
}

void flush_now(struct flush *f)
{
	u64 others;

	if (!f->n)
		return;
	flush_here(f);
	others = __atomic_load_n(&f->pm->cpus, __ATOMIC_SEQ_CST) &
		 ~BIT(this_cpu()->id);
	if (others && !f->tables)
		others = not_lazy(f->pm, others);
	if (others)
		platform_call_others(others, flush_there, f);
	f->n = 0;
}

void flush_page(struct pmap *pm, vaddr_t va)
{
	struct flush f;

	flush_begin(&f, pm);
	flush_add(&f, va);
	flush_now(&f);
}

void pmap_activate(struct pmap *pm)
{
	u64 flags = irq_save();
	struct cpu *c = this_cpu();
	struct pmap *old = c->pmap;
	u64 bit = BIT(c->id);

	if (c->lazy) {
		/* From here on we are interrupted; what was before is in stale. */
		__atomic_store_n(&c->lazy, false, __ATOMIC_SEQ_CST);
		if (pm && old == pm && unlikely(READ_ONCE(pm->stale) & bit)) {
			__atomic_fetch_and(&pm->stale, ~bit, __ATOMIC_SEQ_CST);
			write_cr3(read_cr3());
		}
	}
	if (old != pm) {
		if (pm) {
			__atomic_fetch_or(&pm->cpus, bit, __ATOMIC_SEQ_CST);
			__atomic_fetch_and(&pm->stale, ~bit, __ATOMIC_SEQ_CST);
		}
		c->pmap = pm;
		write_cr3(pm ? pm->root : image_to_phys(kernel_root));
		if (old)
			__atomic_fetch_and(&old->cpus, ~bit, __ATOMIC_SEQ_CST);
	}
	irq_restore(flags);
}
