/* How a failed check is told. */
#include "private.h"
#include "config.h"
#include "init.h"
#include "linkset.h"
#include "log.h"
#include "string.h"
#include "thread.h"

static bool on, keep;

bool checking(void)
{
	return __atomic_load_n(&on, __ATOMIC_RELAXED);
}

static void begin(void)
{
	const struct json *env = json_get(config(), "env");

	for (const struct json *e = env ? env->child : NULL; e; e = e->next)
		if (!strncmp(e->string, "RUMPRUN_DEBUG_KEEP=", 19))
			keep = true;
	__atomic_store_n(&on, true, __ATOMIC_RELAXED);
}
INITCALL(INIT_CORE, begin);

void trace_take(struct trace *t)
{
	u64 fp = (u64)(uintptr_t)__builtin_frame_address(0);
	const struct thread *th = current_thread();
	unsigned n = 0;

	memset(t, 0, sizeof(*t));
	/* The frames of interrupts and of switches end the walk. */
	while (n < TRACE_DEPTH && !(fp & 7) && kstack_contains(th, fp) &&
	       kstack_contains(th, fp + 16)) {
		u64 *frame = (u64 *)fp;

		t->ip[n++] = frame[1];
		if (frame[0] <= fp)
			return;
		fp = frame[0];
	}
}

void trace_print(const struct trace *t, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	kvsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kmsg("DEBUG: %s", text);
	for (int i = 0; i < TRACE_DEPTH && t->ip[i]; i++)
		kmsg("  #%d 0x%016lx kernel", i, t->ip[i]);
}

void report(const char *fmt, ...)
{
	struct trace t;
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	kvsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	__atomic_store_n(&on, false, __ATOMIC_RELAXED);
	if (!keep)
		panic("DEBUG: %s", text);
	trace_take(&t);
	trace_print(&t, "%s", text);
	kmsg("DEBUG: no more checks");
}
