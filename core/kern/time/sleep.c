/* Sleeping until a point of monotonic or wall-clock time. */
#include "signal.h"
#include "sync.h"
#include "syscall.h"
#include "thread.h"
#include "timer.h"

int sleep_on_flag(const bool *flag, bool realtime, nsec_t until)
{
	bool wall = realtime && until != NSEC_FOREVER;
	struct waiter clock_set;
	int err = 0;

	if (wall) {
		waiter_init(&clock_set);
		waitq_add(&realtime_changed, &clock_set);
	}
	for (;;) {
		sleep_prepare(true);
		if (READ_ONCE(*flag))
			break;
		err = sleep_until(wall ? realtime_deadline(until) : until);
		/* Somebody may have set the wall clock back meanwhile. */
		if (err == -ETIMEDOUT && wall &&
		    realtime_deadline(until) > now_ns())
			err = 0;
		if (err)
			break;
	}
	sleep_cancel();
	if (wall)
		waitq_remove(&realtime_changed, &clock_set);
	return READ_ONCE(*flag) ? 0 : err;
}
