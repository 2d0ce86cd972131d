/* sources: core/kern/sched/mutex.c core/kern/sched/smp/spin.c core/kern/sched/waitq.c core/test/unit/sched/host.c */
/* flags: -fno-sanitize=address,undefined -fsanitize=thread -Wno-tsan -lpthread */
/*
 * Mutexes and reader-writer locks with real threads, under ThreadSanitizer, which
 * also finds who touches a lock that the next owner has freed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "host.h"
#include "sync.h"
#include "thread.h"

#define THREADS 4
#define ROUNDS 4000

/* ---- the rest of the kernel: a scheduler of the host's threads ---- */

bool thread_wake(struct thread *t)
{
	bool slept;

	spin_lock(&t->sched_lock);
	slept = __atomic_load_n(&t->state, __ATOMIC_SEQ_CST) == THREAD_SLEEPING;
	if (slept)
		__atomic_store_n(&t->state, THREAD_RUNNABLE, __ATOMIC_SEQ_CST);
	spin_unlock(&t->sched_lock);
	return slept;
}

void schedule(void)
{
	struct thread *t = current_thread();

	__atomic_store_n(&t->on_cpu, false, __ATOMIC_RELAXED);
	while (__atomic_load_n(&t->state, __ATOMIC_SEQ_CST) != THREAD_RUNNABLE)
		host_yield();
	__atomic_store_n(&t->on_cpu, true, __ATOMIC_RELAXED);
	/* As the switch does: what the waker did is seen. */
	spin_lock(&t->sched_lock);
	spin_unlock(&t->sched_lock);
}

bool signal_pending(void) { return false; }
void timer_init(struct timer *t, void (*fn)(struct timer *t)) { host_abort(); }
void timer_set(struct timer *t, nsec_t deadline) { host_abort(); }
bool timer_cancel(struct timer *t) { host_abort(); }

/* Who spins looks at it: it goes on, so that nobody spins for ever. */
nsec_t now_ns(void)
{
	static _Thread_local nsec_t now;

	return now += NSEC_PER_USEC;
}

/* With one nobody spins. */
static unsigned cpus;
unsigned platform_cpus_online(void) { return cpus; }

static void become(struct thread *me)
{
	static _Thread_local struct cpu cpu;

	test_current_thread = me;
	test_cpu = &cpu;
	__atomic_store_n(&me->on_cpu, true, __ATOMIC_RELAXED);
}

static int one_cpu(void **state)
{
	cpus = 1;
	return 0;
}

static int several_cpus(void **state)
{
	cpus = THREADS;
	return 0;
}

static void run_threads(void *(*fn)(void *))
{
	struct thread threads[THREADS] = {0};
	void *arg[THREADS];

	for (int i = 0; i < THREADS; i++)
		arg[i] = &threads[i];
	host_run(THREADS, fn, arg);
}

/*
 * waitq_wake believes an empty queue without its lock, on purpose: a fence on
 * either side orders that with the condition.
 */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:list_empty\n";
}

/* ---- one at a time ---- */

static struct mutex m;
static long counter, tried;

static void *count(void *me)
{
	become(me);
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 8 || !mutex_trylock(&m))
			mutex_lock(&m);
		else
			tried++;
		counter++;
		if (!mutex_held(&m))
			host_abort();
		if (i % 16 == 0)
			host_yield();
		mutex_unlock(&m);
	}
	return NULL;
}

static void exclusion(void **state)
{
	mutex_init(&m);
	counter = 0;
	run_threads(count);
	assert_int_equal(counter, THREADS * ROUNDS);
	assert_true(list_empty(&m.waiters.waiters));
	assert_int_equal(m.word, 0);
	assert_true(tried >= 0);
}

/* ---- whoever comes last frees it ---- */

struct object {
	struct mutex m;
	int left;
};
static struct object *objects[ROUNDS];

static void *use_objects(void *me)
{
	become(me);
	for (int i = 0; i < ROUNDS; i++) {
		struct object *o = objects[i];
		bool last;

		mutex_lock(&o->m);
		last = !--o->left;
		mutex_unlock(&o->m);
		if (last)
			host_free(o);
	}
	return NULL;
}

static void freed_by_the_last(void **state)
{
	for (int i = 0; i < ROUNDS; i++) {
		objects[i] = host_alloc(sizeof(*objects[i]));
		mutex_init(&objects[i]->m);
		objects[i]->left = THREADS;
	}
	run_threads(use_objects);
}

/* ---- readers and writers ---- */

static struct rwlock rw;
static long a, b;

static void *read_and_write(void *me)
{
	become(me);
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 4) {
			rwlock_read(&rw);
			if (a != b)
				host_abort();
			rwlock_read_done(&rw);
		} else {
			rwlock_write(&rw);
			a++;
			b++;
			rwlock_write_done(&rw);
		}
	}
	return NULL;
}

static void readers_and_writers(void **state)
{
	rwlock_init(&rw);
	a = b = 0;
	run_threads(read_and_write);
	assert_int_equal(a, THREADS * ROUNDS / 4);
	assert_int_equal(b, a);
}

/* ---- a wake-up is not lost ---- */

static struct waitq q = WAITQ_INIT(q);
static long tokens;

static bool take_token(void)
{
	long n = __atomic_load_n(&tokens, __ATOMIC_SEQ_CST);

	while (n > 0)
		if (__atomic_compare_exchange_n(&tokens, &n, n - 1, false,
						__ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			return true;
	return false;
}

static void *pass_tokens(void *me)
{
	become(me);
	for (int i = 0; i < ROUNDS; i++) {
		(void)wait_event_common(&q, take_token(), false, NSEC_FOREVER,
					true);
		__atomic_add_fetch(&tokens, 1, __ATOMIC_SEQ_CST);
		waitq_wake(&q, 1, 0);
	}
	return NULL;
}

static void wake_ups(void **state)
{
	tokens = 2;
	run_threads(pass_tokens);
	assert_int_equal(tokens, 2);
	assert_true(list_empty(&q.waiters));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(exclusion, one_cpu),
		cmocka_unit_test_setup(exclusion, several_cpus),
		cmocka_unit_test_setup(freed_by_the_last, one_cpu),
		cmocka_unit_test_setup(freed_by_the_last, several_cpus),
		cmocka_unit_test_setup(readers_and_writers, one_cpu),
		cmocka_unit_test_setup(readers_and_writers, several_cpus),
		cmocka_unit_test(wake_ups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
