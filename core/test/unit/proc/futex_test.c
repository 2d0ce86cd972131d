/* sources: core/kern/proc/futex.c core/kern/proc/futex_ops/ops.c core/kern/proc/futex_ops/pi.c */
/*
 * Futex queues.  There is one real thread: whatever "others" do happens while
 * a waiter sleeps, or at the moment when a word is read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <linux/futex.h>
#include "../../../kern/proc/futex.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"

static struct vm_space vm;
static struct process process = {.vm = &vm};
static struct thread threads[8];
static u32 word, word2;
static const struct futex_timeout forever = {false, NSEC_FOREVER};

static void (*while_asleep)(void);
static void (*at_load)(void);
static int sleep_result, woken_threads;

/* ---- the rest of the kernel ---- */

bool thread_wake(struct thread *t)
{
	woken_threads++;
	return true;
}

void cond_resched(void) {}
void thread_set_boost(struct thread *t, int prio)
{
	t->boost = prio;
}
void rwlock_read(struct rwlock *l) {}
void rwlock_read_done(struct rwlock *l) {}
void thread_put(struct thread *t) {}

void mutex_lock(struct mutex *m)
{
	assert_false(m->word);
	m->word = 1;
}

void mutex_unlock(struct mutex *m)
{
	m->word = 0;
}

struct vma *vm_find(struct vm_space *v, vaddr_t addr)
{
	static struct vma all = {.end = UINT64_MAX};

	return &all;
}

struct thread *process_find_thread(int tid, struct process **owner)
{
	return tid < 8 ? &threads[tid] : NULL;
}

int user_load32(const u32 *p, u32 *val)
{
	void (*fn)(void) = at_load;

	at_load = NULL;
	*val = *p;
	if (fn)
		fn();
	return 0;
}

int user_cmpxchg32(u32 *p, u32 expect, u32 val, u32 *seen)
{
	*seen = *p;
	if (*p == expect)
		*p = val;
	return 0;
}

int sleep_on_flag(const bool *flag, bool realtime, nsec_t until)
{
	void (*fn)(void) = while_asleep;

	while_asleep = NULL;
	if (fn)
		fn();
	return *flag ? 0 : sleep_result;
}

static void be(int tid)
{
	test_current_thread = &threads[tid];
}

LINKSET_DECLARE(init);

static int setup(void **state)
{
	const struct init_entry *e;

	LINKSET_FOREACH(init, e)
		e->fn();
	for (int i = 0; i < 8; i++) {
		threads[i].tid = i;
		threads[i].process = &process;
	}
	be(1);
	word = word2 = 0;
	woken_threads = 0;
	sleep_result = -ETIMEDOUT;
	while_asleep = at_load = NULL;
	return 0;
}

/* ---- wait and wake ---- */

static int wake_result;
static unsigned depth;

static void wake_one(void)
{
	wake_result = futex_wake(&word, 1, FUTEX_BITSET_MATCH_ANY, false);
}

static void wake_bit_2(void)
{
	wake_result = futex_wake(&word, 9, 2, false);
}

static void basics(void **state)
{
	word = 5;
	assert_int_equal(futex_wait(&word, false, 4, ~0u, &forever), -EAGAIN);
	assert_int_equal(futex_wait(&word, false, 5, ~0u, &forever),
			 -ETIMEDOUT);
	assert_int_equal(futex_wait(&word, false, 5, 0, &forever), -EINVAL);
	assert_int_equal(futex_wait((u32 *)((char *)&word + 1), false, 5, ~0u,
				    &forever),
			 -EINVAL);
	while_asleep = wake_one;
	assert_int_equal(futex_wait(&word, false, 5, ~0u, &forever), 0);
	assert_int_equal(wake_result, 1);
	/* Private and shared use of private memory meet. */
	while_asleep = wake_one;
	assert_int_equal(futex_wait(&word, true, 5, ~0u, &forever), 0);
	while_asleep = wake_bit_2;
	assert_int_equal(futex_wait(&word, false, 5, 1, &forever), -ETIMEDOUT);
	assert_int_equal(wake_result, 0);
	while_asleep = wake_bit_2;
	assert_int_equal(futex_wait(&word, false, 5, 3, &forever), 0);
	assert_int_equal(wake_result, 1);
	assert_int_equal(futex_wake(&word, 1, ~0u, false), 0);
}

/* The word changes and is woken between queueing and looking: not lost. */
static void change_and_wake(void)
{
	word = 6;
	wake_one();
}

static void race(void **state)
{
	word = 5;
	at_load = change_and_wake;
	assert_int_equal(futex_wait(&word, false, 5, ~0u, &forever), 0);
	assert_int_equal(wake_result, 1);
	/*
	 * Woken although the value was another: the wake-up counts all the
	 * same.
	 */
	at_load = wake_one;
	assert_int_equal(futex_wait(&word, false, 5, ~0u, &forever), 0);
	assert_int_equal(futex_wake(&word, 1, ~0u, false), 0);
}

/* ---- many waiters: each sleeps inside the sleep of the one before ---- */

static int results[8];
static void (*innermost)(void);

static void wait_deeper(void)
{
	unsigned me = ++depth;

	if (me == 6) {
		innermost();
		return;
	}
	be((int)me + 1);
	while_asleep = wait_deeper;
	results[me] = futex_wait(&word, false, 0, ~0u, &forever);
}

static void with_five_waiters(void (*fn)(void))
{
	memset(results, 0xff, sizeof(results));
	depth = 0;
	innermost = fn;
	wait_deeper();
}

static int count_woken(void)
{
	int n = 0;

	for (int i = 1; i < 6; i++)
		n += !results[i];
	return n;
}

static void requeue_two(void)
{
	assert_int_equal(futex_requeue(&word, &word2, false, 1, 2, NULL), 3);
	/* Two wait for the other word now, two for the first. */
	assert_int_equal(futex_wake(&word2, 99, ~0u, false), 2);
	assert_int_equal(futex_wake(&word, 1, ~0u, false), 1);
}

static void requeue_same(void)
{
	assert_int_equal(futex_requeue(&word, &word, false, 0, 99, NULL), 5);
	assert_int_equal(futex_wake(&word, 99, ~0u, false), 5);
}

static void wake_op(void)
{
	/* word2 = word2 + 3, old value > 6: wake word2's waiters too. */
	word2 = 7;
	assert_int_equal(futex_wake_op(&word, &word2, false, 2, 1,
				       FUTEX_OP(FUTEX_OP_ADD, 3,
						FUTEX_OP_CMP_GT, 6)),
			 2);
	assert_int_equal(word2, 10);
	assert_int_equal(futex_wake_op(&word, &word, false, 1, 1,
				       FUTEX_OP(FUTEX_OP_SET, -1,
						FUTEX_OP_CMP_EQ, 0)),
			 2);
	assert_int_equal(word, (u32)-1);
	word = 0;
	assert_int_equal(futex_wake_op(&word, &word2, false, 1, 1,
				       FUTEX_OP(7, 0, FUTEX_OP_CMP_EQ, 0)),
			 -ENOSYS);
}

static void many(void **state)
{
	with_five_waiters(requeue_two);
	assert_int_equal(count_woken(), 4);
	with_five_waiters(requeue_same);
	assert_int_equal(count_woken(), 5);
	with_five_waiters(wake_op);
	assert_int_equal(count_woken(), 4);
	assert_int_equal(futex_wake(&word, 99, ~0u, false), 0);
	assert_int_equal(futex_wake(&word2, 99, ~0u, false), 0);
}

static void requeue_on_condition(void)
{
	const u32 one = 1, zero = 0;

	assert_int_equal(futex_requeue(&word, &word2, false, 0, 99, &one),
			 -EAGAIN);
	assert_int_equal(futex_requeue(&word, &word2, false, 1, 2, &zero), 3);
	assert_int_equal(futex_wake(&word2, 99, ~0u, false), 2);
	assert_int_equal(futex_wake(&word, 99, ~0u, false), 2);
}

static void cmp_requeue(void **state)
{
	with_five_waiters(requeue_on_condition);
	assert_int_equal(count_woken(), 5);
}

/* ---- with an owner ---- */

static void owner_unlocks(void)
{
	be(2);
	assert_int_equal(word, 2 | FUTEX_WAITERS);
	assert_int_equal(futex_unlock_pi(&word, false), 0);
	assert_int_equal(word, 1);
	be(1);
}

static void owner_dies(void)
{
	futex_pi_thread_exit(&threads[2]);
}

static void pi(void **state)
{
	assert_int_equal(futex_lock_pi(&word, false, &forever, false), 0);
	assert_int_equal(word, 1);
	assert_int_equal(futex_lock_pi(&word, false, &forever, false),
			 -EDEADLK);
	assert_int_equal(futex_unlock_pi(&word, false), 0);
	assert_int_equal(word, 0);
	assert_int_equal(futex_unlock_pi(&word, false), -EPERM);

	word = 2;
	assert_int_equal(futex_lock_pi(&word, false, &forever, true), -EAGAIN);
	assert_int_equal(word, 2);
	while_asleep = owner_unlocks;
	assert_int_equal(futex_lock_pi(&word, false, &forever, false), 0);
	assert_int_equal(word, 1);

	word = 2;
	assert_int_equal(futex_lock_pi(&word, false, &forever, false),
			 -ETIMEDOUT);
	sleep_result = -ERESTARTSYS;
	word = 2;
	assert_int_equal(futex_lock_pi(&word, false, &forever, false),
			 -ERESTARTNOINTR);
	word = 2;
	while_asleep = owner_dies;
	assert_int_equal(futex_lock_pi(&word, false, &forever, false), 0);
	assert_int_equal(word, 1 | FUTEX_OWNER_DIED);
	word = 1000;
	assert_int_equal(futex_lock_pi(&word, false, &forever, false), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(basics, setup),
		cmocka_unit_test_setup(race, setup),
		cmocka_unit_test_setup(many, setup),
		cmocka_unit_test_setup(cmp_requeue, setup),
		cmocka_unit_test_setup(pi, setup),
	};

	return cmocka_run_group_tests_name("futex", tests, NULL, NULL);
}
