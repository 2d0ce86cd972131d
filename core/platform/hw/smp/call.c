/* Having other CPUs call a function. */
#include "smp.h"
#include <arch/trap.h>

/*
 * One call at a time.  Who waits for the lock, or for the others, has interrupts
 * on, so that he answers the one who has it.
 */
static spinlock_t call_lock = SPINLOCK_INIT;
static struct {
	void (*fn)(void *arg);
	void *arg;
	u64 pending; /* CPUs that have not called it yet; atomic */
} call;

void call_others(u64 mask, void (*fn)(void *arg), void *arg)
{
	assert(irqs_enabled());
	spin_lock(&call_lock);
	call.fn = fn;
	call.arg = arg;
	__atomic_store_n(&call.pending, mask, __ATOMIC_RELEASE);
	for (u64 left = mask; left; left &= left - 1)
		lapic_send(cpus[__builtin_ctzll(left)]->apic_id, VECTOR_CALL);
	while (__atomic_load_n(&call.pending, __ATOMIC_ACQUIRE))
		cpu_relax();
	spin_unlock(&call_lock);
}

void call_interrupt(void)
{
	u64 me = BIT(this_cpu()->id);

	if (!(__atomic_load_n(&call.pending, __ATOMIC_ACQUIRE) & me))
		return;
	call.fn(call.arg);
	__atomic_fetch_and(&call.pending, ~me, __ATOMIC_RELEASE);
}
