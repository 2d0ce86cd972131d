/*
 * Test only (debug.t): a device that does in the kernel what the checks of hw_debug
 * must find.  What is written to /dev/crimes names the crime; the check ends the
 * guest, so one that comes back was not found.
 */
#include "crimes.h"
#include "file.h"
#include "fsfile.h"
#include "linkset.h"
#include "string.h"
#include "timer.h"
#include <linux/errno.h>

#define MAJOR 240 /* local or experimental use */
#define MINOR 101

const char __user *program_text;
bool never;

void run_thread(void (*fn)(void *arg))
{
	struct waitq q = WAITQ_INIT(q);

	kthread_start("criminal", fn, NULL);
	(void)wait_event_until(&q, READ_ONCE(never), now_ns() + NSEC_PER_SEC);
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
	{"nested-in-between", nested_in_between},
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
	{"waits-for-sleeper", waits_for_sleeper},
	{"waits-for-reader", waits_for_reader},
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
