/* Which block devices there are. */
#include "log.h"
#include "private.h"
#include "string.h"
#include "sync.h"
#include "timer.h"
#include "syscall.h"

/* A device that does not even tell its serial number by then is given up. */
#define SETTLE_LIMIT (10 * NSEC_PER_SEC)

static struct mutex lock = MUTEX_INIT(lock);
static struct list devices = LIST_INIT(devices); /* lock; only ever grows */
static struct waitq settled = WAITQ_INIT(settled);
static s32 expected; /* atomic */

void blkdev_expect(void)
{
	__atomic_add_fetch(&expected, 1, __ATOMIC_RELAXED);
}

static struct blkdev *find(const char *name, size_t n)
{
	struct blkdev *d;

	list_for_each(d, &devices, link)
		if (strlen(d->name) == n && !memcmp(d->name, name, n))
			return d;
	return NULL;
}

/*
 * Two devices with one serial number: the second is called NAME.1, and so on.
 */
static void make_unique(struct blkdev *d)
{
	char given[sizeof(d->name)];

	strlcpy(given, d->name, sizeof(given));
	for (unsigned i = 1; find(d->name, strlen(d->name)); i++)
		ksnprintf(d->name, sizeof(d->name), "%.16s.%u", given, i);
	if (strcmp(given, d->name))
		kmsg("two block devices are called %s: one becomes %s", given,
		     d->name);
}

void blkdev_register(struct blkdev *d)
{
	if (blkdev_cache_init(d)) {
		kmsg("no memory for block device %s", d->name);
	} else {
		mutex_lock(&lock);
		make_unique(d);
		list_append(&devices, &d->link);
		mutex_unlock(&lock);
		kdebug("block device %s: %lu sectors", d->name, d->sectors);
	}
	__atomic_sub_fetch(&expected, 1, __ATOMIC_RELEASE);
	waitq_wake_all(&settled);
}

static void settle(void)
{
	static bool given_up;
	nsec_t end = now_ns() + SETTLE_LIMIT;

	while (__atomic_load_n(&expected, __ATOMIC_ACQUIRE) > 0) {
		if (READ_ONCE(given_up))
			return;
		if (now_ns() >= end) {
			WRITE_ONCE(given_up, true);
			kmsg("a block device does not answer; going on without "
			     "it");
			return;
		}
		if (wait_event_until(&settled,
				     __atomic_load_n(&expected,
						     __ATOMIC_ACQUIRE) <= 0,
				     end) == -ERESTARTSYS)
			return;
	}
}

struct blkdev *blkdev_find(const char *name)
{
	struct blkdev *d;
	size_t n;

	if (!strncmp(name, "/dev/", 5))
		name += 5;
	n = strlen(name);
	settle();
	mutex_lock(&lock);
	d = find(name, n);
	/* ld0a: NetBSD's partition letter after the unit number */
	if (!d && n > 2 && name[n - 1] >= 'a' && name[n - 1] <= 'p' &&
	    name[n - 2] >= '0' && name[n - 2] <= '9')
		d = find(name, n - 1);
	mutex_unlock(&lock);
	return d;
}

struct blkdev *blkdev_next(struct blkdev *d)
{
	struct list *next;

	if (!d)
		settle();
	mutex_lock(&lock);
	next = d ? d->link.next : devices.next;
	mutex_unlock(&lock);
	return next == &devices ? NULL :
				  list_entry(next, struct blkdev, link);
}
