/* sources: core/kern/time/timer.c core/kern/lib/avl.c */
/* flags: -fno-sanitize=address,undefined -fsanitize=thread -lpthread */
/*
 * Timers on several CPUs, which are threads here: set, moved and cancelled by
 * anybody while they go off, under ThreadSanitizer.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include "platform.h"
#include "sync.h"
#include "timer.h"

#define CPUS 3
#define ROUNDS 20000

static struct cpu cpu[CPUS];
static struct timer_queue queue[CPUS];
static u64 clock_now; /* atomic */

nsec_t platform_monotonic(void)
{
	return __atomic_load_n(&clock_now, __ATOMIC_SEQ_CST);
}
s64 platform_wall_offset(void) { return 0; }
static _Thread_local nsec_t armed;
void platform_timer_arm(nsec_t deadline) { armed = deadline; }
struct cpu *platform_cpu(unsigned id) { return &cpu[id]; }
unsigned platform_cpus_online(void) { return CPUS; }
void waitq_wake(struct waitq *q, u32 n, u32 events) {}

static void start_cpus(void)
{
	memset(queue, 0, sizeof(queue));
	for (u32 i = 0; i < CPUS; i++) {
		cpu[i] = (struct cpu){.id = i};
		timer_init_cpu(&cpu[i], &queue[i]);
	}
	test_cpu = &cpu[0];
	clock_now = 1000;
}

/* ---- one CPU: order, replacing, cancelling ---- */

struct note {
	struct timer timer;
	int fired;
};
static struct note *seen[16];
static int n_seen;

static void note(struct timer *t)
{
	struct note *n = container_of(t, struct note, timer);

	n->fired++;
	seen[n_seen++] = n;
}

static void order(void **state)
{
	struct note n[4];

	start_cpus();
	memset(n, 0, sizeof(n));
	for (int i = 0; i < 4; i++)
		timer_init(&n[i].timer, note);
	timer_set(&n[0].timer, 3000);
	timer_set(&n[1].timer, 2000);
	timer_set(&n[2].timer, 5000);
	timer_set(&n[3].timer, 2500);
	timer_set(&n[2].timer, 1500);
	assert_int_equal(armed, 1500);
	assert_true(timer_cancel(&n[3].timer));
	assert_false(timer_cancel(&n[3].timer));
	clock_now = 2000;
	timer_interrupt();
	assert_int_equal(n_seen, 2);
	assert_ptr_equal(seen[0], &n[2]);
	assert_ptr_equal(seen[1], &n[1]);
	assert_int_equal(armed, 3000);
	clock_now = 9000;
	timer_interrupt();
	assert_int_equal(n[0].fired, 1);
	assert_int_equal(n[3].fired, 0);
	assert_false(timer_cancel(&n[0].timer));
	assert_int_equal(queue[0].armed, NSEC_FOREVER);
}

/* ---- several: nothing runs after it was cancelled ---- */

struct shared {
	struct timer timer;
	int running; /* atomic */
	bool again;
};

static void fire(struct timer *t)
{
	struct shared *s = container_of(t, struct shared, timer);

	__atomic_store_n(&s->running, 1, __ATOMIC_SEQ_CST);
	if (s->again)
		timer_set(t, platform_monotonic() + 1);
	sched_yield();
	__atomic_store_n(&s->running, 0, __ATOMIC_SEQ_CST);
}

static struct shared *slots[4];
static pthread_mutex_t slot_lock[4];
static int stopped;

static void *other_cpu(void *arg)
{
	test_cpu = arg;
	while (!__atomic_load_n(&stopped, __ATOMIC_SEQ_CST)) {
		unsigned i = (unsigned)rand() % 4;

		__atomic_add_fetch(&clock_now, 1, __ATOMIC_SEQ_CST);
		/* The slot's owner may free it only while nobody sets it. */
		pthread_mutex_lock(&slot_lock[i]);
		if (slots[i])
			timer_set(&slots[i]->timer, platform_monotonic() +
							    rand() % 3);
		pthread_mutex_unlock(&slot_lock[i]);
		timer_interrupt();
	}
	return NULL;
}

static void cancelled_is_over(void **state)
{
	pthread_t p[CPUS];

	start_cpus();
	stopped = 0;
	for (int i = 0; i < 4; i++)
		pthread_mutex_init(&slot_lock[i], NULL);
	for (int i = 1; i < CPUS; i++)
		pthread_create(&p[i], NULL, other_cpu, &cpu[i]);
	for (int n = 0; n < ROUNDS; n++) {
		unsigned i = (unsigned)n % 4;
		struct shared *s = slots[i];

		pthread_mutex_lock(&slot_lock[i]);
		if (s) {
			slots[i] = NULL;
			timer_cancel(&s->timer);
			assert_int_equal(
				__atomic_load_n(&s->running, __ATOMIC_SEQ_CST),
				0);
			assert_false(s->timer.armed);
			free(s);
		}
		s = calloc(1, sizeof(*s));
		s->again = n % 3 == 0;
		timer_init(&s->timer, fire);
		slots[i] = s;
		pthread_mutex_unlock(&slot_lock[i]);
		timer_interrupt();
	}
	__atomic_store_n(&stopped, 1, __ATOMIC_SEQ_CST);
	for (int i = 1; i < CPUS; i++)
		pthread_join(p[i], NULL);
	for (int i = 0; i < 4; i++) {
		timer_cancel(&slots[i]->timer);
		free(slots[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(cancelled_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
