/* What all timers of programs have in common. */
#include "ptimer.h"
#include "syscall.h"

/*
 * A timer whose signal is ignored keeps its rhythm without anybody noticing; it
 * need not be fast.  (Linux takes a tick.)
 */
#define IGNORED_INTERVAL (4 * NSEC_PER_MSEC)

/* Locked; the deadline is computed outside, since that may take other locks. */
static void arm(struct ptimer *t, nsec_t deadline)
{
	if (!t->quiet)
		timer_set(&t->timer, deadline);
}

/*
 * Move expires past now by whole intervals; how many beyond the first. Locked.
 */
static u64 forward(struct ptimer *t, nsec_t now)
{
	u64 n;

	if (now < t->expires)
		return 0;
	n = (now - t->expires) / t->interval;
	t->expires += (n + 1) * t->interval;
	return n;
}

static void expired(struct timer *timer)
{
	struct ptimer *t = container_of(timer, struct ptimer, timer);
	nsec_t now = clock_read(&t->clock), deadline, expires;
	bool due, again = false;
	u64 flags;

	flags = spin_lock_irqsave(&t->lock);
	expires = t->expires;
	due = expires && now >= expires && !t->waits;
	if (due) {
		t->waits = t->interval;
		if (!t->interval)
			t->expires = 0;
	}
	spin_unlock_irqrestore(&t->lock, flags);

	if (due && !t->fire(t)) {
		flags = spin_lock_irqsave(&t->lock);
		if (t->waits) {
			t->waits = false;
			forward(t, now);
			t->expires = MAX(t->expires, now + IGNORED_INTERVAL);
			again = true;
			expires = t->expires;
		}
		spin_unlock_irqrestore(&t->lock, flags);
	}
	if ((due && !again) || !expires)
		return;
	/* Not yet (the clock was set, or stood still), or the next one. */
	deadline = clock_deadline(&t->clock, expires);
	flags = spin_lock_irqsave(&t->lock);
	if (t->expires == expires && !t->waits)
		arm(t, deadline);
	spin_unlock_irqrestore(&t->lock, flags);
}

/* The wall clock was set: look again at once. Under the wait queue's lock. */
static bool look_again(struct waiter *w, u32 events)
{
	struct ptimer *t = container_of(w, struct ptimer, clock_set);

	if (READ_ONCE(t->expires) && !READ_ONCE(t->waits))
		timer_set(&t->timer, 0);
	return false;
}

void ptimer_init(struct ptimer *t, const struct clock *c,
		 bool (*fire)(struct ptimer *t))
{
	timer_init(&t->timer, expired);
	list_init(&t->clock_set.link);
	t->clock_set.wake = look_again;
	t->clock_set.exclusive = false;
	t->clock = *c;
	t->fire = fire;
	t->quiet = false;
	spin_init(&t->lock);
	t->expires = t->interval = 0;
	t->waits = t->wall = false;
}

/* Follow changes of the wall clock, or no longer. */
static void set_wall(struct ptimer *t, bool wall)
{
	if (wall == t->wall)
		return;
	t->wall = wall;
	if (wall)
		waitq_add(&realtime_changed, &t->clock_set);
	else
		waitq_remove(&realtime_changed, &t->clock_set);
}

void ptimer_destroy(struct ptimer *t)
{
	u64 flags = spin_lock_irqsave(&t->lock);

	t->expires = 0;
	t->waits = false;
	set_wall(t, false);
	spin_unlock_irqrestore(&t->lock, flags);
	timer_cancel(&t->timer);
	clock_release(&t->clock);
}

void ptimer_get(struct ptimer *t, nsec_t *left, nsec_t *interval)
{
	nsec_t now = clock_read(&t->clock), expires;
	u64 flags = spin_lock_irqsave(&t->lock);

	expires = t->expires;
	if (expires && now >= expires && t->interval)
		expires += ((now - expires) / t->interval + 1) * t->interval;
	*left = 0;
	if (expires > now)
		*left = expires - now;
	else if (expires && !t->quiet)
		*left = 1; /* it is due, but has not happened yet */
	*interval = t->interval;
	spin_unlock_irqrestore(&t->lock, flags);
}

void ptimer_set(struct ptimer *t, nsec_t value, nsec_t interval, bool absolute)
{
	nsec_t expires = value, deadline = NSEC_FOREVER, now;
	bool wall = absolute && t->clock.kind == CLOCK_IS_WALL;
	u64 flags;

	if (value && !absolute) {
		now = clock_read(&t->clock);
		expires = value < NSEC_FOREVER - now ? now + value
						     : NSEC_FOREVER;
	}
	if (value)
		deadline = clock_deadline(&t->clock, expires);
	flags = spin_lock_irqsave(&t->lock);
	t->expires = expires;
	t->interval = interval;
	t->waits = false;
	set_wall(t, value && wall);
	if (value)
		arm(t, deadline);
	spin_unlock_irqrestore(&t->lock, flags);
	if (!value)
		timer_cancel(&t->timer);
}

int ptimer_delivered(struct ptimer *t)
{
	nsec_t now = clock_read(&t->clock), expires = 0, deadline;
	u64 flags, missed = 0;

	flags = spin_lock_irqsave(&t->lock);
	if (t->waits) {
		t->waits = false;
		missed = forward(t, now);
		expires = t->expires;
	}
	spin_unlock_irqrestore(&t->lock, flags);
	if (expires) {
		deadline = clock_deadline(&t->clock, expires);
		flags = spin_lock_irqsave(&t->lock);
		if (t->expires == expires && !t->waits)
			arm(t, deadline);
		spin_unlock_irqrestore(&t->lock, flags);
	}
	return (int)MIN(missed, (u64)INT32_MAX);
}
