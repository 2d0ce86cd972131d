/* Start-up of the kernel. */
#include "init.h"
#include "config.h"
#include "linkset.h"
#include "log.h"
#include "page.h"
#include "platform.h"
#include "private.h"
#include "process.h"
#include "random.h"
#include "signal.h"
#include "syscall.h"
#include "thread.h"
#include "timer.h"

LINKSET_DECLARE(init);

extern u64 __stack_chk_guard;

/* The first thread: everything that may sleep. */
static void init_thread(void *arg)
{
	const struct init_entry *e;

	kthread_start("worker", work_thread, NULL);
	config_init();
	kdebug("up for %lu us", (u64)(now_ns() / NSEC_PER_USEC));
	for (int level = 0; level < INIT_LEVELS; level++) {
		LINKSET_FOREACH(init, e)
			if (e->level == (enum init_level)level)
				e->fn();
	}
	platform_seal();
	run_programs();
}

/*
 * No stack protector here: this is where the guard gets its value.
 */
__attribute__((no_stack_protector)) void kernel_main(void)
{
	u64 guard = 0;

	platform_entropy(&guard, sizeof(guard));
	guard ^= platform_cycles() * 0x9e3779b97f4a7c15ull;
	/* A zero byte first, so that no string copy can forge it. */
	__stack_chk_guard = guard << 8;

	page_init();
	/* We are in the topmost page of the boot stack. */
	(void)sched_init_cpu(this_cpu());
	sched_begin_cpu(this_cpu(),
			PAGE_UP((u64)(uintptr_t)&guard) - KSTACK_SIZE);
	platform_init_late();
	clock_init();
	syscall_init();
	process_init();
	kthread_start("init", init_thread, NULL);
	sched_idle();
}

static void ask_programs_to_end(struct work *w)
{
	signal_all(SIGTERM);
}

static bool shutdown_asked;

void shutdown_request(void)
{
	static struct work w = WORK_INIT(w, ask_programs_to_end);

	if (!__atomic_exchange_n(&shutdown_asked, true, __ATOMIC_SEQ_CST))
		work_queue(&w);
}

bool shutdown_requested(void)
{
	return __atomic_load_n(&shutdown_asked, __ATOMIC_SEQ_CST);
}

static void watch_power_button(void)
{
	platform_shutdown_notify(shutdown_request);
}
INITCALL(INIT_CORE, watch_power_button);
