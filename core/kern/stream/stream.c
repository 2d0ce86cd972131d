/* Which port carries which standard stream; what the launcher says of them. */
#include "chardev.h"
#include "config.h"
#include "log.h"
#include "signal.h"
#include "timer.h"

/* Output that the host has not taken by then is lost (a stuck reader). */
#define DRAIN_LIMIT (5 * NSEC_PER_SEC)

/* A host that does not name its ports by then does not name them at all. */
#define SETTLE_LIMIT (2 * NSEC_PER_SEC)

static s32 expected; /* drivers still looking; atomic */
static struct waitq settled = WAITQ_INIT(settled);
static struct stream_port *ports[STREAM_COUNT];
static u32 window; /* rows in the upper half, columns in the lower; atomic */
static bool window_known;

void (*stream_input_end)(u64 n);

void stream_register(struct stream_port *p)
{
	__atomic_store_n(&ports[p->stream], p, __ATOMIC_RELEASE);
}

void stream_expect(void)
{
	__atomic_add_fetch(&expected, 1, __ATOMIC_RELAXED);
}

void stream_settled(void)
{
	__atomic_sub_fetch(&expected, 1, __ATOMIC_RELEASE);
	waitq_wake_all(&settled);
}

static bool is_settled(void)
{
	return __atomic_load_n(&expected, __ATOMIC_ACQUIRE) <= 0;
}

struct stream_port *stream_get(enum stream s)
{
	static bool given_up;

	if (unlikely(!is_settled()) && !READ_ONCE(given_up)) {
		wait_event_common(&settled, is_settled(), false,
				  now_ns() + SETTLE_LIMIT, false);
		WRITE_ONCE(given_up, true);
	}
	return __atomic_load_n(&ports[s], __ATOMIC_ACQUIRE);
}

void streams_drain(void)
{
	nsec_t deadline = now_ns() + DRAIN_LIMIT;

	for (unsigned s = 0; s < STREAM_COUNT; s++) {
		struct stream_port *p =
		    __atomic_load_n(&ports[s], __ATOMIC_ACQUIRE);

		if (p && p->drain)
			p->drain(p, deadline);
	}
}

bool stream_is_tty(unsigned fd)
{
	const struct json *console = json_get(config(), "console");
	const struct json *tty = console ? json_get(console, "tty") : NULL;

	if (!tty || tty->type != JSON_ARRAY)
		return true;
	tty = tty->child;
	while (tty && fd--)
		tty = tty->next;
	return tty && tty->type == JSON_BOOL && tty->number;
}

static u16 dimension(const struct json *console, const char *key)
{
	const struct json *j = console ? json_get(console, key) : NULL;

	if (!j || j->type != JSON_NUMBER || j->number < 0 ||
	    j->number > UINT16_MAX)
		return 0;
	return (u16)j->number;
}

void stream_window(u16 *rows, u16 *cols)
{
	const struct json *console;
	u32 w;

	if (__atomic_load_n(&window_known, __ATOMIC_ACQUIRE)) {
		w = READ_ONCE(window);
		*rows = (u16)(w >> 16);
		*cols = (u16)w;
		return;
	}
	console = json_get(config(), "console");
	*rows = dimension(console, "rows");
	*cols = dimension(console, "cols");
}

void stream_window_set(u16 rows, u16 cols)
{
	u16 old_rows, old_cols;

	stream_window(&old_rows, &old_cols);
	WRITE_ONCE(window, (u32)rows << 16 | cols);
	__atomic_store_n(&window_known, true, __ATOMIC_RELEASE);
	if (rows != old_rows || cols != old_cols)
		signal_foreground(SIGWINCH);
}
