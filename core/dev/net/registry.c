/*
 * Which network devices there are.  Part of the kernel: stack and drivers meet
 * here.
 */
#include "netdev.h"

static spinlock_t lock = SPINLOCK_INIT;
static struct list devices = LIST_INIT(devices); /* lock; only ever grows */

void netdev_register(struct netdev *nd)
{
	u64 flags = spin_lock_irqsave(&lock);

	list_append(&devices, &nd->link);
	spin_unlock_irqrestore(&lock, flags);
}

struct netdev *netdev_next(struct netdev *nd)
{
	u64 flags = spin_lock_irqsave(&lock);
	struct list *next = nd ? nd->link.next : devices.next;

	spin_unlock_irqrestore(&lock, flags);
	return next == &devices ? NULL : list_entry(next, struct netdev, link);
}
