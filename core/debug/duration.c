/*
 * How long locks that spin are held, and interrupts masked.
 *
 * The clock goes on while a hypervisor does not let the CPU run: tens of milliseconds
 * on a busy host, and whoever holds a lock then makes others wait as long.  So the
 * limit is well above that, and once is no evidence: what is reported took too long
 * as often as it happened, for ROW times.  It is there for work under a lock that
 * grows with what a program does; what takes a millisecond is seen in
 * /proc/lock_stat.
 */
#include "private.h"
#include "log.h"
#include "thread.h"
#include "timer.h"

/* Some 10 ms of a real processor in QEMU's emulation. */
#define LIMIT (200 * NSEC_PER_MSEC)
#define ROW 3

#define PLACES 256 /* a power of two; who meets in a slot displaces the other */

static struct {
	u64 key;
	u32 row; /* how often the last ones took too long */
} seen[PLACES]; /* a race of two CPUs loses one of them */

/*
 * When the last one ended that counted.  A hypervisor that stops the whole guest, or
 * one CPU for which others wait, makes several CPUs late at the same time: that
 * is one piece of evidence.
 */
static u64 counted_until;

static bool counted(u64 began)
{
	if (began < READ_ONCE(counted_until))
		return true;
	WRITE_ONCE(counted_until, now_ns());
	return false;
}

bool too_long(u64 key, u64 ns)
{
	unsigned slot = key * 0x9e3779b97f4a7c15ull >> 56;
	bool here = READ_ONCE(seen[slot].key) == key;

	if (likely(ns <= LIMIT)) {
		if (here)
			WRITE_ONCE(seen[slot].row, 0);
		return false;
	}
	if (counted(now_ns() - ns))
		return false;
	if (!here) {
		WRITE_ONCE(seen[slot].key, key);
		WRITE_ONCE(seen[slot].row, 0);
	}
	WRITE_ONCE(seen[slot].row, seen[slot].row + 1);
	return seen[slot].row >= ROW;
}

void check_irqs_off(void)
{
	struct check_cpu *c;

	if (!checking())
		return;
	c = &this_cpu()->check;
	trace_take(c->irqs_ip, HELD_TRACE);
	c->irqs_off = now_ns();
}

void check_irqs_on(void)
{
	struct check_cpu *c;
	u64 ns;

	if (!checking())
		return;
	c = &this_cpu()->check;
	ns = c->irqs_off ? now_ns() - c->irqs_off : 0;
	c->irqs_off = 0;
	if (!too_long(c->irqs_ip[0], ns))
		return;
	trace_print(c->irqs_ip, HELD_TRACE, "interrupts were masked here");
	report("interrupts are masked too long: %lu us, and not for the first "
	       "time",
	       (u64)(ns / NSEC_PER_USEC));
}
