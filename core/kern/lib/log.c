/* Kernel messages and panic. */
#include "log.h"
#include "config.h"
#include "platform.h"
#include "thread.h"

#define PREFIX "rumprun: "

static u32 log_lock; /* no spinlock_t: it is given up on */
static bool kdebug_enabled __ro_after_init;

/*
 * One line, whole.  The lock only keeps lines apart, so whoever cannot have it (an
 * NMI, a panic on a CPU that holds it) writes all the same.
 */
static void log_line(const char *fmt, va_list ap)
{
	char line[400];
	size_t n = sizeof(PREFIX) - 1;
	u64 flags = irq_save();
	bool locked = false;

	__builtin_memcpy(line, PREFIX, n);
	n += (size_t)kvsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	n = MIN(n, sizeof(line) - 2);
	line[n++] = '\n';
	for (unsigned i = 0; i < 100000 && !locked; i++) {
		locked = !__atomic_exchange_n(&log_lock, 1, __ATOMIC_ACQUIRE);
		cpu_relax();
	}
	platform_log(line, n);
	if (locked)
		__atomic_store_n(&log_lock, 0, __ATOMIC_RELEASE);
	irq_restore(flags);
}

void kmsg(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

void kdebug(const char *fmt, ...)
{
	va_list ap;

	if (!kdebug_enabled)
		return;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

void kdebug_enable(void)
{
	kdebug_enabled = true;
}

void backtrace_from(u64 rip, u64 fp)
{
	struct thread *t = current_thread();

	for (int i = 0; i < 32; i++) {
		kmsg("  #%d 0x%016lx kernel", i, rip);
		if (!t || (fp & 7) || !kstack_contains(t, fp) ||
		    !kstack_contains(t, fp + 16))
			return;
		rip = ((u64 *)fp)[1];
		if (((u64 *)fp)[0] <= fp || !rip)
			return;
		fp = ((u64 *)fp)[0];
	}
}

void panic(const char *fmt, ...)
{
	static u32 panicking;
	va_list ap;

	irq_disable();
	platform_stop_others();
	/* A fault while panicking must not begin all over again. */
	if (!__atomic_exchange_n(&panicking, 1, __ATOMIC_RELAXED)) {
		char text[300];

		va_start(ap, fmt);
		kvsnprintf(text, sizeof(text), fmt, ap);
		va_end(ap);
		kmsg("panic: %s", text);
		backtrace_from((u64)(uintptr_t)__builtin_return_address(0),
			       (u64)(uintptr_t)__builtin_frame_address(0));
	}
	platform_halt(HALT_PANIC, 0);
}

void config_error(const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	kvsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kmsg("configuration: %s", text);
	platform_halt(HALT_EXIT, 2);
}
