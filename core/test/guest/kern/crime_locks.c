/* Test only (debug.t): crimes with locks, interrupts and sleeping. */
#include "crimes.h"
#include "log.h"
#include "page.h"
#include "process.h"
#include "timer.h"
#include "uaccess.h"
#include "vm.h"

static spinlock_t spin_a = SPINLOCK_INIT;
static spinlock_t spin_b = SPINLOCK_INIT;
static struct mutex mutex_a = MUTEX_INIT(mutex_a);
static struct mutex mutex_b = MUTEX_INIT(mutex_b);
static struct rwlock rwlock;

void order_of_spin_locks(void)
{
	spin_lock(&spin_a);
	spin_lock(&spin_b);
	spin_unlock(&spin_b);
	spin_unlock(&spin_a);
	spin_lock(&spin_b);
	spin_lock(&spin_a);
}

void order_of_mutexes(void)
{
	mutex_lock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_unlock(&mutex_b);
	mutex_unlock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_lock(&mutex_a);
}

/* By way of a third: a before b, b before c, c before a. */
void order_around_a_corner(void)
{
	static struct mutex c = MUTEX_INIT(c);

	mutex_lock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_unlock(&mutex_b);
	mutex_unlock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_lock(&c);
	mutex_unlock(&c);
	mutex_unlock(&mutex_b);
	mutex_lock(&c);
	mutex_lock(&mutex_a);
}

void written_order(void)
{
	rwlock_read(&current_process()->vm->lock);
	mutex_lock(&process_lock);
}

void two_of_a_kind(void)
{
	struct mutex m[2];

	for (int i = 0; i < 2; i++)
		mutex_init(&m[i]);
	mutex_lock(&m[0]);
	mutex_lock(&m[1]);
}

/* No crime: an interrupt between what a thread says of a lock and the lock. */
void nested_in_between(void)
{
	struct mutex m[2];
	spinlock_t s[2];
	u64 flags;

	for (int i = 0; i < 2; i++) {
		mutex_init(&m[i]);
		spin_init(&s[i]);
	}
	mutex_lock(&m[0]);
	check_nest(&m[1].check, 1);
	flags = irq_save();
	this_cpu()->irq_depth++;
	spin_lock(&s[0]);
	check_nest(&s[1].check, 1);
	spin_lock(&s[1]);
	spin_unlock(&s[1]);
	spin_unlock(&s[0]);
	this_cpu()->irq_depth--;
	irq_restore(flags);
	mutex_lock(&m[1]);
	mutex_unlock(&m[1]);
	mutex_unlock(&m[0]);
}

void taken_twice(void)
{
	spin_lock(&spin_a);
	spin_lock(&spin_a);
}

void not_held(void)
{
	spin_lock(&spin_a);
	spin_unlock(&spin_b);
}

void not_initialised(void)
{
	spinlock_t *l = kzalloc(sizeof(*l), ALLOC_WAIT);

	spin_lock(l);
}

void interrupts_on(void)
{
	u64 flags = irq_save();

	/* As in a handler. */
	this_cpu()->irq_depth++;
	spin_lock(&spin_a);
	spin_unlock(&spin_a);
	this_cpu()->irq_depth--;
	irq_restore(flags);
	spin_lock(&spin_a);
}

void sleep_under_spin_lock(void)
{
	spin_lock(&spin_a);
	kfree(kmalloc(16, ALLOC_WAIT));
}

void sleep_without_interrupts(void)
{
	u64 flags = irq_save();

	mutex_lock(&mutex_a);
	irq_restore(flags);
}

void copy_under_spin_lock(void)
{
	char c;

	spin_lock(&spin_a);
	if (get_user(c, program_text))
		kmsg("crimes: the copy failed");
}

void leave_with_lock(void)
{
	mutex_lock(&mutex_a);
}

static void end_with_lock_thread(void *arg)
{
	mutex_lock(&mutex_a);
}

void end_with_lock(void)
{
	run_thread(end_with_lock_thread);
}

static void holder_thread(void *arg)
{
	spin_lock(&spin_a);
	for (;;)
		cpu_relax();
}

/* On another processor. */
void never_given_back(void)
{
	run_thread(holder_thread);
	spin_lock(&spin_a);
}

static void sleeper_thread(void *arg)
{
	struct waitq q = WAITQ_INIT(q);

	mutex_lock(&mutex_a);
	(void)wait_event_until(&q, READ_ONCE(never), NSEC_FOREVER);
}

/* With RUMPRUN_DEBUG_HUNG, before anybody loses patience. */
void waits_for_sleeper(void)
{
	run_thread(sleeper_thread);
	mutex_lock(&mutex_a);
}

static void keeps_reading_thread(void *arg)
{
	struct waitq q = WAITQ_INIT(q);

	rwlock_read(&rwlock);
	(void)wait_event_until(&q, READ_ONCE(never), NSEC_FOREVER);
}

void waits_for_reader(void)
{
	rwlock_init(&rwlock);
	run_thread(keeps_reading_thread);
	rwlock_write(&rwlock);
}

/* As the clock shows it. */
static void run_for(u64 ms)
{
	nsec_t end = now_ns() + ms * NSEC_PER_MSEC;

	while (now_ns() < end)
		cpu_relax();
}

void held_too_long(void)
{
	for (int i = 0; i < 3; i++) {
		spin_lock(&spin_a);
		run_for(220);
		spin_unlock(&spin_a);
	}
}

/* Who was descheduled by a hypervisor looks like this, and is no criminal. */
void held_long_once(void)
{
	for (int i = 0; i < 12; i++) {
		spin_lock(&spin_a);
		run_for(i % 4 == 3 ? 220 : 0);
		spin_unlock(&spin_a);
	}
}

void masked_too_long(void)
{
	for (int i = 0; i < 3; i++) {
		u64 flags = irq_save();

		run_for(220);
		irq_restore(flags);
	}
}

static u32 done; /* atomic */

static bool contended(const struct mutex *m)
{
	return __atomic_load_n(&m->word, __ATOMIC_RELAXED) & 1; /* mutex.c */
}

static void contending_thread(void *arg)
{
	mutex_lock(&mutex_a);
	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
		spin_lock(&spin_b);
		run_for(1);
		spin_unlock(&spin_b);
		/* The lock is not fair: who takes it back at once may always win. */
		run_for(1);
	}
	while (!contended(&mutex_a))
		cpu_relax();
	mutex_unlock(&mutex_a);
}

/* No crime: two locks that are waited for on another processor. */
void contend(void)
{
	kthread_start("contender", contending_thread, NULL);
	for (int i = 0; i < 10; i++) {
		while (!__atomic_load_n(&spin_b.locked, __ATOMIC_RELAXED))
			cpu_relax();
		spin_lock(&spin_b);
		spin_unlock(&spin_b);
	}
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	mutex_lock(&mutex_a);
	mutex_unlock(&mutex_a);
}

static u32 holders; /* atomic */

/* One of the two ways round, once somebody else is on the other. */
static void take_both(spinlock_t *first, spinlock_t *second)
{
	u64 flags = spin_lock_irqsave(first);

	__atomic_add_fetch(&holders, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&holders, __ATOMIC_SEQ_CST) < 2)
		cpu_relax();
	spin_lock(second);
	spin_unlock(second);
	spin_unlock_irqrestore(first, flags);
}

static void deadlock_thread(void *arg)
{
	take_both(&spin_b, &spin_a);
}

/* Two processors, each with interrupts off and what the other one waits for. */
void deadlock(void)
{
	kthread_start("criminal", deadlock_thread, NULL);
	take_both(&spin_a, &spin_b);
}
