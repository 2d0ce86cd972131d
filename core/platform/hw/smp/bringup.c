/*
 * Starting the other processors (SDM vol. 3, 9.4), all at the same time.  Each
 * finds out by its APIC id who it is, takes over what the boot CPU has set up,
 * says that it is there, and waits, halted.  Those that came get the numbers
 * from 1 on, in the order of the firmware's table.
 */
#include "smp.h"
#include "linkset.h"
#include "page.h"
#include "thread.h"
#include "timer.h"
#include <arch/ap.h>
#include <arch/insn.h>
#include <arch/trap.h>
#include <linux/errno.h>

/* Where a start-up IPI can lead to: a page below the BIOS' 640 KiB. */
#define START_FIRST 0x1000
#define START_LAST 0x9f000

/*
 * SDM vol. 3, 9.4.4.1: 10 ms between the two IPIs; only processors before the
 * first with 64 bits, and those of Intel's family 15, need them.
 */
#define INIT_WAIT (10 * NSEC_PER_MSEC)
/* The same: once more to those who have not come. */
#define AGAIN_WAIT (200 * NSEC_PER_USEC)
/*
 * The firmware has said that they are there, so they do come; but a hypervisor
 * may have others to run first.  Nearly always they come while we sleep, and
 * leave the host's processors to them.  After that enough is when nobody has
 * come while this CPU ran for so long: a busy host holds us back as it does them.
 */
#define SLEEP_WAIT (100 * NSEC_PER_MSEC)
#define COME_WAIT NSEC_PER_SEC

/*
 * Whoever is AP_THERE can be interrupted; it is too late for one that has been
 * given up.
 */
enum { AP_ASKED, AP_THERE, AP_GIVEN_UP };

struct ap {
	struct cpu cpu; /* the id is final once it is in cpus[] */
	u64 kstack;     /* one of them begins on it, not always this one */
	u32 state;      /* AP_*, atomic */
	bool released;  /* it may go on; atomic */
};

static struct ap *aps[MAX_CPUS]; /* n_aps of them */
static unsigned n_aps;
static unsigned arrived;         /* atomic */
static struct waitq arrivals = WAITQ_INIT(arrivals);
static struct page *start_page;

void bringup_prepare(void)
{
	for (paddr_t pa = START_LAST; pa >= START_FIRST && !start_page;
	     pa -= PAGE_SIZE)
		start_page = page_claim(pa);
}

void bringup_interrupt(void)
{
	if (waitq_active(&arrivals))
		waitq_wake_all(&arrivals);
}

/* ---- on the others ---- */

static void stand(void) __noreturn;
static void stand(void)
{
	for (;;)
		__asm__ __volatile__("cli; hlt");
}

static struct ap *who_am_i(void)
{
	u32 id = lapic_id();

	for (unsigned i = 0; i < n_aps; i++)
		if (aps[i]->cpu.apic_id == id)
			return aps[i];
	return NULL;
}

void ap_main(u64 top)
{
	u32 asked = AP_ASKED;
	struct ap *a;

	lapic_enable();
	a = who_am_i();
	if (!a)
		stand();
	/* Who comes first gets the first stack, whatever his number. */
	sched_begin_cpu(&a->cpu, top - KSTACK_SIZE);
	ap_become(&a->cpu);
	kvmclock_init_cpu(&a->cpu);
	lapic_init_cpu();
	timer_init_hw_cpu();
	if (!__atomic_compare_exchange_n(&a->state, &asked, AP_THERE, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		stand();
	__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
	lapic_send(boot_cpu.apic_id, VECTOR_CALL);
	while (!__atomic_load_n(&a->released, __ATOMIC_ACQUIRE))
		arch_idle_wait();
	ap_numbered(&a->cpu);
	sched_idle();
}

/* ---- on the boot CPU ---- */

/* It has not been told to start. */
static void free_ap(struct ap *a)
{
	if (a->cpu.rq)
		sched_free_cpu(&a->cpu);
	if (a->kstack)
		kstack_free(a->kstack);
	kfree(a->cpu.clock);
	kfree(a->cpu.arch);
	kfree(a);
}

/* What a processor needs before it starts.  0 or -ENOMEM. */
static int add(u32 apic_id)
{
	struct ap *a = kzalloc(sizeof(*a), 0);

	if (!a)
		return -ENOMEM;
	a->cpu.self = &a->cpu;
	a->cpu.id = n_aps + 1;
	a->cpu.apic_id = apic_id;
	a->kstack = kstack_alloc();
	if (!a->kstack || !cpu_alloc_tables(&a->cpu) ||
	    !kvmclock_alloc(&a->cpu) || sched_init_cpu(&a->cpu)) {
		free_ap(a);
		return -ENOMEM;
	}
	ap_add_stack(a->kstack + KSTACK_SIZE);
	aps[n_aps++] = a;
	return 0;
}

static void add_all(void)
{
	unsigned listed = MIN(acpi.cpus, (unsigned)MAX_CPUS), left_out = 0;

	if (acpi.cpus > MAX_CPUS)
		kmsg("%u of %u processors are not used: too many",
		     acpi.cpus - MAX_CPUS, acpi.cpus);
	for (unsigned i = 0; i < listed; i++) {
		if (acpi.cpu[i] == boot_cpu.apic_id ||
		    n_aps == MAX_CPUS - 1)
			continue;
		if (acpi.cpu[i] > lapic_max_id()) {
			left_out++;
		} else if (add(acpi.cpu[i])) {
			kmsg("no memory for processor %u and further ones", i);
			break;
		}
	}
	if (left_out)
		kmsg("%u processors are not used: their APIC ids need x2APIC",
		     left_out);
}

static void send_all(u32 what)
{
	for (unsigned i = 0; i < n_aps; i++)
		if (__atomic_load_n(&aps[i]->state, __ATOMIC_SEQ_CST) ==
		    AP_ASKED)
			lapic_send(aps[i]->cpu.apic_id, what);
}

static unsigned have_come(void)
{
	return __atomic_load_n(&arrived, __ATOMIC_SEQ_CST);
}

static void sleep_for_all(nsec_t patience)
{
	(void)wait_event_until(&arrivals, have_come() == n_aps,
			       now_ns() + patience);
}

/* Time in which this CPU runs; anew with each one that comes. */
static void run_for_all(nsec_t patience)
{
	nsec_t seen = now_ns(), ran = 0;
	unsigned before = have_come(), come;

	while ((come = have_come()) < n_aps && ran < patience) {
		cpu_relax();
		cond_resched();
		ran = come > before ? 0 : ran + time_run(&seen);
		before = come;
	}
}

static bool old_processor(void)
{
	struct cpuid v = cpuid(0, 0);
	u32 family = cpuid(1, 0).eax >> 8 & 15;

	/* "GenuineIntel" */
	return v.ebx == 0x756e6547 && v.edx == 0x49656e69 &&
	       v.ecx == 0x6c65746e && family == 15;
}

/*
 * Numbers for those who came.  The others are told to stay where they are; what
 * they would use is kept, since nobody knows what they do.  Returns how many
 * those are.
 */
static unsigned number_all(void)
{
	unsigned id = 1, missing = 0;

	for (unsigned i = 0; i < n_aps; i++) {
		struct ap *a = aps[i];
		u32 asked = AP_ASKED;

		if (__atomic_compare_exchange_n(&a->state, &asked, AP_GIVEN_UP,
						false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST)) {
			kmsg("processor with APIC id %u does not start",
			     a->cpu.apic_id);
			lapic_send(a->cpu.apic_id, IPI_INIT);
			missing++;
			continue;
		}
		a->cpu.id = id;
		cpus[id++] = &a->cpu;
	}
	__atomic_store_n(&cpus_online, id, __ATOMIC_RELEASE);
	return missing;
}

static void release_all(void)
{
	for (unsigned i = 1; i < cpus_online; i++) {
		struct ap *a = container_of(cpus[i], struct ap, cpu);

		__atomic_store_n(&a->released, true, __ATOMIC_RELEASE);
		platform_send_resched(cpus[i]);
	}
}

static void start_all(void)
{
	nsec_t start = now_ns();
	u32 vector = (u32)(page_to_phys(start_page) >> PAGE_SHIFT);
	bool missing;

	send_all(IPI_INIT);
	if (old_processor())
		sleep_for_all(INIT_WAIT);
	send_all(IPI_STARTUP | vector);
	sleep_for_all(AGAIN_WAIT);
	send_all(IPI_STARTUP | vector);
	sleep_for_all(SLEEP_WAIT);
	run_for_all(COME_WAIT);
	missing = number_all();
	release_all();
	if (!missing) {
		ap_trampoline_close();
		page_free(start_page);
	}
	tsc_sync();
	for (unsigned i = 0; i < cpus_online; i++)
		kdebug("processor %u has APIC id %u", i, cpus[i]->apic_id);
	kdebug("%u processors run, after %lu us", cpus_online,
	       (u64)((now_ns() - start) / NSEC_PER_USEC));
}

static void bringup(void)
{
	ap_numbered(&boot_cpu);
	if (!acpi.cpus)
		mptable_read();
	if (!start_page) {
		if (acpi.cpus > 1)
			kmsg("one processor only: no memory below 1 MiB to "
			     "start others in");
		return;
	}
	if (lapic_present())
		add_all();
	if (n_aps && ap_trampoline_open(page_to_phys(start_page))) {
		start_all();
		return;
	}
	if (n_aps)
		kmsg("one processor only: no memory to start others");
	while (n_aps)
		free_ap(aps[--n_aps]);
	page_free(start_page);
}
INITCALL(INIT_CORE, bringup);
