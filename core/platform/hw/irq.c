/* Interrupts: giving out vectors, calling handlers. */
#include "hw.h"
#include "page.h"
#include "timer.h"
#include <arch/insn.h>
#include <arch/trap.h>
#include <linux/errno.h>

struct action {
	irq_handler fn;
	void *arg;
	struct action *next;
};

/*
 * Index is the vector.  Actions are only ever added, and completely written
 * before they can be seen, so that the interrupt reads them without a lock.
 */
static struct {
	struct action *actions; /* atomic */
	u32 line;               /* NO_LINE: a message, or free */
} vectors[VECTOR_LAST + 1];
static unsigned next_vector = VECTOR_FIRST;
static spinlock_t irq_lock = SPINLOCK_INIT; /* interrupts off */

#define NO_LINE UINT32_MAX

static bool use_8259 __ro_after_init;

/* MSI (SDM vol. 3, 11.11): physical destination, edge. */
#define MSI_ADDRESS 0xfee00000ull

static void add_action(unsigned vector, struct action *a)
{
	a->next = vectors[vector].actions;
	__atomic_store_n(&vectors[vector].actions, a, __ATOMIC_RELEASE);
}

/* 0: none left. */
static unsigned new_vector(u32 line)
{
	if (next_vector == VECTOR_INT80)
		next_vector++;
	if (next_vector > VECTOR_LAST)
		return 0;
	vectors[next_vector].line = line;
	return next_vector++;
}

/*
 * Without interrupt remapping a line or message can name only so many APICs (SDM
 * vol. 3, 11.11.1; 82093AA, 3.2.4); 255 is all of them.
 */
#define TARGET_MAX 0xfe

/*
 * Whose turn it is: lines and messages go to all CPUs, one after the other.
 * NULL: none can be reached.  irq_lock.
 */
static struct cpu *next_target(void)
{
	static unsigned turn;
	unsigned n = platform_cpus_online();

	for (unsigned i = 0; i < n; i++) {
		struct cpu *c = platform_cpu(turn++ % n);

		if (c->apic_id <= TARGET_MAX)
			return c;
	}
	return NULL;
}

static struct action *new_action(irq_handler fn, void *arg)
{
	struct action *a = kmalloc(sizeof(*a), ALLOC_ATOMIC);

	if (a)
		*a = (struct action){fn, arg, NULL};
	return a;
}

/* What ACPI says about a line beats what the bus would have. */
static void override(u32 line, bool *level, bool *active_low)
{
	for (unsigned i = 0; i < ISA_LINES; i++) {
		if (!isa_override[i].valid || isa_override[i].line != line)
			continue;
		if (isa_override[i].has_trigger)
			*level = isa_override[i].level;
		if (isa_override[i].has_polarity)
			*active_low = isa_override[i].active_low;
	}
}

static int attach_8259(u32 line, bool level, struct action *a)
{
	u64 flags;

	if (line >= ISA_LINES)
		return -ENXIO;
	flags = spin_lock_irqsave(&irq_lock);
	add_action(VECTOR_8259 + line, a);
	spin_unlock_irqrestore(&irq_lock, flags);
	i8259_unmask(line, level);
	return 0;
}

static int attach_ioapic(u32 line, bool level, bool active_low,
			 struct action *a)
{
	u64 flags = spin_lock_irqsave(&irq_lock);
	unsigned v = VECTOR_FIRST;
	struct cpu *target;
	int err = 0;

	while (v < next_vector && vectors[v].line != line)
		v++;
	if (v < next_vector) {
		add_action(v, a);
	} else if (!(target = next_target()) || !(v = new_vector(line))) {
		err = -ENOSPC;
	} else {
		add_action(v, a);
		err = ioapic_route(line, (u8)v, level, active_low,
				   (u8)target->apic_id);
		if (err) {
			vectors[v].actions = NULL;
			vectors[v].line = NO_LINE;
			next_vector--;
		}
	}
	spin_unlock_irqrestore(&irq_lock, flags);
	return err;
}

int platform_irq_attach(u32 line, bool level, bool active_low, irq_handler fn,
			void *arg)
{
	struct action *a = new_action(fn, arg);
	int err;

	if (!a)
		return -ENOMEM;
	override(line, &level, &active_low);
	err = use_8259 ? attach_8259(line, level, a) :
			 attach_ioapic(line, level, active_low, a);
	if (err)
		kfree(a);
	return err;
}

/* The ISA bus: edge, active high; where its lines arrive is in the MADT. */
int irq_attach_isa(unsigned irq, irq_handler fn, void *arg)
{
	u32 line = irq;

	if (!use_8259 && isa_override[irq].valid)
		line = isa_override[irq].line;
	return platform_irq_attach(line, false, false, fn, arg);
}

int platform_msi_attach(irq_handler fn, void *arg, struct msi_message *out)
{
	struct cpu *target;
	struct action *a;
	unsigned v;
	u64 flags;

	if (!lapic_present())
		return -ENOSYS;
	a = new_action(fn, arg);
	if (!a)
		return -ENOMEM;
	flags = spin_lock_irqsave(&irq_lock);
	target = next_target();
	v = target ? new_vector(NO_LINE) : 0;
	if (v)
		add_action(v, a);
	spin_unlock_irqrestore(&irq_lock, flags);
	if (!v) {
		kfree(a);
		return -ENOSPC;
	}
	out->address = MSI_ADDRESS | (u64)target->apic_id << 12;
	out->data = v;
	return 0;
}

static void call_actions(unsigned vector)
{
	struct action *a;

	a = __atomic_load_n(&vectors[vector].actions, __ATOMIC_ACQUIRE);
	for (; a; a = a->next)
		a->fn(a->arg);
}

void platform_interrupt(unsigned vector)
{
	if (vector == VECTOR_TIMER) {
		lapic_eoi();
		timer_interrupt();
	} else if (vector == VECTOR_RESCHED) {
		lapic_eoi();
	} else if (vector == VECTOR_CALL) {
		lapic_eoi();
		if (smp)
			smp->interrupt();
	} else if (vector >= VECTOR_FIRST && vector <= VECTOR_LAST) {
		call_actions(vector);
		lapic_eoi();
	} else if (vector >= VECTOR_8259 && vector < VECTOR_FIRST) {
		if (i8259_spurious(vector - VECTOR_8259))
			return;
		call_actions(vector);
		i8259_eoi(vector - VECTOR_8259);
	}
	/* Others are spurious, and have no end of interrupt. */
}

void platform_send_resched(struct cpu *c)
{
	lapic_send(c->apic_id, VECTOR_RESCHED);
}

/* MultiProcessor specification 1.4, 3.6.5 */
#define DEFAULT_IOAPIC 0xfec00000

void irq_init(void)
{
	bool has_8259;

	for (unsigned v = 0; v <= VECTOR_LAST; v++)
		vectors[v].line = NO_LINE;
	for (unsigned i = 0; i < acpi.ioapics; i++)
		ioapic_add(acpi.ioapic[i].base, acpi.ioapic[i].first);
	has_8259 = i8259_init();
	/*
	 * Without tables and without an 8259 there is one where it always is.
	 */
	if (lapic_init() && !has_8259 && !ioapic_present())
		ioapic_add(DEFAULT_IOAPIC, 0);
	if (lapic_present())
		boot_cpu.apic_id = lapic_id();
	use_8259 = !lapic_present() || !ioapic_present();
	if (use_8259 && lapic_present())
		lapic_accept_8259();
}
