/*
 * Test only (debug.t): a device that does in the kernel what the checks of hw_debug
 * must find.  What is written to /dev/crimes names the crime; the check ends the
 * guest, so one that comes back was not found.
 */
#include "file.h"
#include "fs.h"
#include "linkset.h"
#include "log.h"
#include "page.h"
#include "process.h"
#include "refs.h"
#include "string.h"
#include "thread.h"
#include "uaccess.h"
#include "vm.h"
#include <linux/errno.h>

#define MAJOR 240 /* local or experimental use */
#define MINOR 101

static spinlock_t spin_a = SPINLOCK_INIT;
static spinlock_t spin_b = SPINLOCK_INIT;
static struct mutex mutex_a = MUTEX_INIT(mutex_a);
static struct mutex mutex_b = MUTEX_INIT(mutex_b);
static const char __user *program_text;

static void order_of_spin_locks(void)
{
	spin_lock(&spin_a);
	spin_lock(&spin_b);
	spin_unlock(&spin_b);
	spin_unlock(&spin_a);
	spin_lock(&spin_b);
	spin_lock(&spin_a);
}

static void order_of_mutexes(void)
{
	mutex_lock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_unlock(&mutex_b);
	mutex_unlock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_lock(&mutex_a);
}

/* By way of a third: a before b, b before c, c before a. */
static void order_around_a_corner(void)
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

static void written_order(void)
{
	rwlock_read(&current_process()->vm->lock);
	mutex_lock(&process_lock);
}

static void two_of_a_kind(void)
{
	struct mutex m[2];

	for (int i = 0; i < 2; i++)
		mutex_init(&m[i]);
	mutex_lock(&m[0]);
	mutex_lock(&m[1]);
}

static void taken_twice(void)
{
	spin_lock(&spin_a);
	spin_lock(&spin_a);
}

static void not_held(void)
{
	spin_lock(&spin_a);
	spin_unlock(&spin_b);
}

static void not_initialised(void)
{
	spinlock_t *l = kzalloc(sizeof(*l), ALLOC_WAIT);

	spin_lock(l);
}

static void interrupts_on(void)
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

static void sleep_under_spin_lock(void)
{
	spin_lock(&spin_a);
	kfree(kmalloc(16, ALLOC_WAIT));
}

static void sleep_without_interrupts(void)
{
	u64 flags = irq_save();

	mutex_lock(&mutex_a);
	irq_restore(flags);
}

static void copy_under_spin_lock(void)
{
	char c;

	spin_lock(&spin_a);
	if (get_user(c, program_text))
		kmsg("crimes: the copy failed");
}

static void leave_with_lock(void)
{
	mutex_lock(&mutex_a);
}

static void end_with_lock_thread(void *arg)
{
	mutex_lock(&mutex_a);
}

static bool never;

static void run_thread(void (*fn)(void *arg))
{
	struct waitq q = WAITQ_INIT(q);

	kthread_start("criminal", fn, NULL);
	(void)wait_event_until(&q, READ_ONCE(never), now_ns() + NSEC_PER_SEC);
}

static void end_with_lock(void)
{
	run_thread(end_with_lock_thread);
}

/* Until little is left above end. */
static __attribute__((noinline)) u64 deeper(volatile u64 *up, u64 end)
{
	volatile u64 here[16];

	here[0] = *up + 1;
	if ((u64)(uintptr_t)here < end + 800)
		return 0;
	return deeper(here, end) + here[0];
}

static void deep_thread(void *arg)
{
	u64 zero = 0;

	(void)deeper(&zero, current_thread()->kstack);
}

static void deep_stack(void)
{
	run_thread(deep_thread);
}

static void holder_thread(void *arg)
{
	spin_lock(&spin_a);
	for (;;)
		cpu_relax();
}

/* On another processor. */
static void never_given_back(void)
{
	run_thread(holder_thread);
	spin_lock(&spin_a);
}

/* As the clock shows it. */
static void run_for(u64 ms)
{
	nsec_t end = now_ns() + ms * NSEC_PER_MSEC;

	while (now_ns() < end)
		cpu_relax();
}

static void held_too_long(void)
{
	for (int i = 0; i < 3; i++) {
		spin_lock(&spin_a);
		run_for(220);
		spin_unlock(&spin_a);
	}
}

/* Who was descheduled by a hypervisor looks like this, and is no criminal. */
static void held_long_once(void)
{
	for (int i = 0; i < 12; i++) {
		spin_lock(&spin_a);
		run_for(i % 4 == 3 ? 220 : 0);
		spin_unlock(&spin_a);
	}
}

static void masked_too_long(void)
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
static void contend(void)
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

/* The program's descriptor LEAKED is never given back. */
#define LEAKED 100

static void leak(void)
{
	(void)fd_get(LEAKED);
}

static s32 count; /* of references */

static void reference_revived(void)
{
	ref_get(&count);
}

static void reference_below_zero(void)
{
	count = 1;
	(void)ref_put(&count);
	(void)ref_put(&count);
}

static void reference_to_freed(void)
{
	s32 *refs = kzalloc(40, ALLOC_WAIT);

	kfree(refs);
	ref_get(refs);
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
static void deadlock(void)
{
	kthread_start("criminal", deadlock_thread, NULL);
	take_both(&spin_a, &spin_b);
}

static void overrun(void)
{
	volatile char *p = kmalloc(40, ALLOC_WAIT);

	p[40] = 0;
	kfree((void *)(uintptr_t)p);
}

static void use_after_free(void)
{
	volatile char *p = kmalloc(40, ALLOC_WAIT);

	kfree((void *)(uintptr_t)p);
	p[8] = 0;
	/* Until it is looked at. */
	for (int i = 0; i < 1000; i++)
		kfree(kmalloc(40, ALLOC_WAIT));
}

static void free_twice(void)
{
	void *volatile p = kmalloc(40, ALLOC_WAIT);

	kfree(p);
	kfree(p);
}

static void free_foreign(void)
{
	char *p = kmalloc(400, ALLOC_WAIT);

	kfree(p + 16);
}

static void page_after_free(void)
{
	struct page *p = page_alloc(0, ALLOC_WAIT);
	volatile char *a = page_address(p);

	page_put(p);
	a[100] = 1;
	/* What was freed last is taken first. */
	page_put(page_alloc(0, ALLOC_WAIT));
}

static const struct {
	const char *name;
	void (*fn)(void);
} crimes[] = {
	{"order-of-spin-locks", order_of_spin_locks},
	{"order-of-mutexes", order_of_mutexes},
	{"order-around-a-corner", order_around_a_corner},
	{"written-order", written_order},
	{"two-of-a-kind", two_of_a_kind},
	{"taken-twice", taken_twice},
	{"not-held", not_held},
	{"not-initialised", not_initialised},
	{"interrupts-on", interrupts_on},
	{"sleep-under-spin-lock", sleep_under_spin_lock},
	{"sleep-without-interrupts", sleep_without_interrupts},
	{"copy-under-spin-lock", copy_under_spin_lock},
	{"leave-with-lock", leave_with_lock},
	{"end-with-lock", end_with_lock},
	{"deep-stack", deep_stack},
	{"never-given-back", never_given_back},
	{"deadlock", deadlock},
	{"held-too-long", held_too_long},
	{"held-long-once", held_long_once},
	{"masked-too-long", masked_too_long},
	{"contend", contend},
	{"leak", leak},
	{"reference-revived", reference_revived},
	{"reference-below-zero", reference_below_zero},
	{"reference-to-freed", reference_to_freed},
	{"overrun", overrun},
	{"use-after-free", use_after_free},
	{"free-twice", free_twice},
	{"free-foreign", free_foreign},
	{"page-after-free", page_after_free},
};

static ssize_t crimes_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	char name[64] = "";
	size_t n = it->count;

	if (n >= sizeof(name))
		return -EINVAL;
	program_text = (const char __user *)(uintptr_t)
		current_thread()->tf->rip;
	if (iov_copy_from(it, name, n) < n)
		return -EFAULT;
	for (size_t i = 0; i < ARRAY_SIZE(crimes); i++)
		if (!strcmp(name, crimes[i].name)) {
			crimes[i].fn();
			return (ssize_t)n;
		}
	return -EINVAL;
}

static const struct file_ops ops = {.write = crimes_write};
static const struct chrdev dev_crimes = {"crimes", MAJOR, MINOR, 0600, &ops,
					 NULL};
LINKSET(chrdevs, dev_crimes);
