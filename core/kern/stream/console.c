/*
 * Standard streams without virtio ports: the platform's console carries input
 * and output, the log channel standard error.
 */
#include "chardev.h"
#include "linkset.h"
#include "platform.h"

static struct waitq input_wait = WAITQ_INIT(input_wait);

/* One byte is kept to answer "is there input?" without losing it. */
static spinlock_t lock = SPINLOCK_INIT; /* interrupts off; the fields below */
static char kept;
static bool have_kept;

static ssize_t console_write(struct stream_port *p, const void *buf, size_t n,
			     bool nonblocking)
{
	/* The port is slow: let others run between pieces. */
	n = MIN(n, (size_t)256);
	platform_console_write(buf, n);
	return (ssize_t)n;
}

static size_t console_read(struct stream_port *p, void *buf, size_t n)
{
	char *out = buf;
	size_t got = 0;
	u64 flags;

	if (!n)
		return 0;
	flags = spin_lock_irqsave(&lock);
	if (have_kept) {
		out[got++] = kept;
		have_kept = false;
	}
	got += platform_console_read(out + got, n - got);
	spin_unlock_irqrestore(&lock, flags);
	return got;
}

static void input_arrived(void)
{
	waitq_wake_all(&input_wait);
}

/* Interrupts for what arrives, once somebody asks whether there is input. */
static void listen(void)
{
	static bool listening; /* atomic */

	if (!__atomic_exchange_n(&listening, true, __ATOMIC_RELAXED))
		platform_console_notify(input_arrived);
}

/* Everybody calls it first: to read, to wait, to poll. */
static bool console_readable(struct stream_port *p)
{
	u64 flags;
	bool yes;

	listen();
	flags = spin_lock_irqsave(&lock);
	if (!have_kept)
		have_kept = platform_console_read(&kept, 1) == 1;
	yes = have_kept;
	spin_unlock_irqrestore(&lock, flags);
	return yes;
}

static ssize_t log_write(struct stream_port *p, const void *buf, size_t n,
			 bool nonblocking)
{
	n = MIN(n, (size_t)256);
	platform_log(buf, n);
	return (ssize_t)n;
}

static size_t no_read(struct stream_port *p, void *buf, size_t n)
{
	return 0;
}

static bool no(struct stream_port *p)
{
	return false;
}

static bool yes(struct stream_port *p)
{
	return true;
}

static struct stream_port console = {
	.stream = STREAM_STDIO,
	.write = console_write,
	.read = console_read,
	.readable = console_readable,
	.writable = yes,
	.wait = &input_wait,
};

static struct stream_port log = {
	.stream = STREAM_STDERR,
	.write = log_write,
	.read = no_read,
	.readable = no,
	.writable = yes,
	.wait = &input_wait,
};

static void console_init(void)
{
	stream_register(&console);
	stream_register(&log);
}
INITCALL(INIT_CORE, console_init);
