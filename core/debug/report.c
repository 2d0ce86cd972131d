/* How a failed check is told. */
#include "private.h"
#include "config.h"
#include "init.h"
#include "linkset.h"
#include "log.h"
#include "platform.h"
#include "string.h"
#include "thread.h"
#include "timer.h"
#include <arch/trap.h>

static bool on, keep;

bool checking(void)
{
	return __atomic_load_n(&on, __ATOMIC_RELAXED);
}

/* NULL: it is not there. */
static const char *value_of(const char *name)
{
	const struct json *env = json_get(config(), "env");
	size_t n = strlen(name);

	for (const struct json *e = env ? env->child : NULL; e; e = e->next)
		if (!strncmp(e->string, name, n) && e->string[n] == '=')
			return e->string + n + 1;
	return NULL;
}

bool asked_for(const char *name)
{
	return value_of(name);
}

u64 asked_number(const char *name, u64 otherwise)
{
	const char *v = value_of(name);
	u64 n = 0;

	for (const char *p = v; p && *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (u64)(*p - '0');
	return v ? n : otherwise;
}

static void begin(void)
{
	keep = asked_for("RUMPRUN_DEBUG_KEEP");
	__atomic_store_n(&on, true, __ATOMIC_RELAXED);
}
INITCALL(INIT_CORE, begin);

/* The locks' functions and this component's (image.ld). */
static bool left_out(u64 ip)
{
	extern const char __locks_text_start[], __locks_text_end[];

	return ip - (u64)(uintptr_t)__locks_text_start <
	       (u64)(__locks_text_end - __locks_text_start);
}

/* The frames of interrupts and of switches end the walk. */
static void walk(u64 *ip, unsigned n, const struct thread *t, u64 fp)
{
	unsigned k = 0;

	memset(ip, 0, n * sizeof(*ip));
	while (k < n && t && !(fp & 7) && kstack_contains(t, fp) &&
	       kstack_contains(t, fp + 16)) {
		const u64 *frame = (const u64 *)fp;

		if (k || !left_out(frame[1]))
			ip[k++] = frame[1];
		if (frame[0] <= fp)
			return;
		fp = frame[0];
	}
}

void trace_take(u64 *ip, unsigned n)
{
	walk(ip, n, current_thread(), (u64)(uintptr_t)__builtin_frame_address(0));
}

void trace_thread(const struct thread *t, u64 *ip, unsigned n)
{
	walk(ip, n, t, arch_thread_frame(t));
}

void trace_print(const u64 *ip, unsigned n, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	kvsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kmsg("DEBUG: %s", text);
	for (unsigned i = 0; i < n && ip[i]; i++)
		kmsg("  #%u 0x%016lx kernel", i, ip[i]);
}

void out_add(struct out *o, const char *fmt, ...)
{
	size_t room = o->len < o->size ? o->size - o->len : 0;
	va_list ap;

	va_start(ap, fmt);
	o->len += (size_t)kvsnprintf(o->buf + (o->size - room), room, fmt, ap);
	va_end(ap);
}

bool report_alone(void)
{
	static bool alone;

	if (keep)
		return false;
	irq_disable();
	if (!alone)
		platform_stop_others();
	alone = true;
	return true;
}

/* Where the other CPUs were stopped. */
static void tell_others(void)
{
	u64 ip[TRACE_DEPTH];

	for (unsigned i = 0; i < platform_cpus_online(); i++) {
		const struct cpu *c = platform_cpu(i);

		if (c == this_cpu() || c->current == c->idle || !c->stopped)
			continue;
		ip[0] = c->stopped->rip;
		walk(ip + 1, TRACE_DEPTH - 1, c->current, c->stopped->rbp);
		trace_print(ip, kernel_text(ip[0]) ? TRACE_DEPTH : 0,
			    "meanwhile CPU %u, thread %d (%s)%s", i,
			    c->current->tid, c->current->name,
			    kernel_text(ip[0]) ? "" : ", in the program");
	}
}

void check_end(void)
{
	locks_end();
	sites_end();
}

void report(const char *fmt, ...)
{
	u64 ip[TRACE_DEPTH];
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	kvsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	__atomic_store_n(&on, false, __ATOMIC_RELAXED);
	if (report_alone()) {
		tell_others();
		panic("DEBUG: %s", text);
	}
	trace_take(ip, TRACE_DEPTH);
	trace_print(ip, TRACE_DEPTH, "%s", text);
	kmsg("DEBUG: no more checks");
}
