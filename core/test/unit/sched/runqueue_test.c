/* sources: core/kern/sched/runqueue.c core/kern/lib/avl.c */
/*
 * Who runs next, and how time is shared: a run queue is driven by a clock of our
 * own, as sched.c does it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/sched.h>
#include <string.h>
#include "../../../kern/sched/runqueue.h"

static struct runqueue rq, other;
static struct cpu cpu, cpu2;
static struct thread idle;
static nsec_t now;

static void begin(void)
{
	memset(&rq, 0, sizeof(rq));
	memset(&other, 0, sizeof(other));
	cpu = (struct cpu){.id = 0, .rq = &rq, .idle = &idle, .current = &idle};
	cpu2 = (struct cpu){.id = 1, .rq = &other, .idle = &idle,
			    .current = &idle};
	rq.cpu = &cpu;
	other.cpu = &cpu2;
	rq.top = rq.prio = other.top = other.prio = -1;
	now = NSEC_PER_SEC;
}

static void make(struct thread *t, int policy, int nice, int prio)
{
	memset(t, 0, sizeof(*t));
	t->policy = policy;
	t->nice = nice;
	t->rt_priority = prio;
	t->affinity = ~0ull;
	t->cpu = &cpu;
	rq_weigh(t);
}

static struct thread *choose(bool yields, bool sleeps)
{
	struct thread *prev = cpu.current, *next;

	rq_charge(&rq, now);
	if (prev != &idle && sleeps) {
		rq.load -= prev->weight;
		prev->on_rq = false;
	} else if (prev != &idle) {
		rq_put_back(&rq, prev, yields);
	}
	next = rq_pick(&rq, now);
	if (!next)
		next = &idle;
	next->run_start = now;
	cpu.current = next;
	return next;
}

/* Let time pass, with a new choice at the end of every turn. */
static void run(nsec_t time)
{
	nsec_t end = now + time;

	while (now < end) {
		nsec_t turn = rq_slice(&rq);

		now += turn == NSEC_FOREVER ? NSEC_PER_MSEC : turn;
		choose(false, false);
	}
}

static void equal_shares(void **state)
{
	struct thread t[3];

	begin();
	for (int i = 0; i < 3; i++) {
		make(&t[i], SCHED_NORMAL, 0, 0);
		rq_join(&rq, &t[i], true);
	}
	choose(false, false);
	run(9 * NSEC_PER_SEC);
	for (int i = 0; i < 3; i++)
		assert_in_range(t[i].cpu_time, 2900 * NSEC_PER_MSEC,
				3100 * NSEC_PER_MSEC);
	assert_int_equal(rq.load, 3 * 1024);
}

static void weights(void **state)
{
	struct thread a, b;

	begin();
	make(&a, SCHED_NORMAL, 0, 0);
	make(&b, SCHED_NORMAL, 5, 0);
	rq_join(&rq, &a, true);
	rq_join(&rq, &b, true);
	choose(false, false);
	run(20 * NSEC_PER_SEC);
	/* Linux' sched_prio_to_weight: 1024 to 335 */
	assert_in_range(a.cpu_time * 100 / b.cpu_time, 295, 320);
	/* One of the idle policy next to a normal one: 3 to 1024. */
	begin();
	make(&a, SCHED_NORMAL, 0, 0);
	make(&b, SCHED_IDLE, 0, 0);
	rq_join(&rq, &a, true);
	rq_join(&rq, &b, true);
	choose(false, false);
	run(20 * NSEC_PER_SEC);
	assert_true(b.cpu_time && a.cpu_time / b.cpu_time > 100);
}

/* Who has slept for long gets no more than the others from then on. */
static void sleeper(void **state)
{
	struct thread a, b;

	begin();
	make(&a, SCHED_NORMAL, 0, 0);
	make(&b, SCHED_NORMAL, 0, 0);
	rq_join(&rq, &a, true);
	choose(false, false);
	run(10 * NSEC_PER_SEC);
	rq_join(&rq, &b, true);
	a.cpu_time = b.cpu_time = 0;
	run(NSEC_PER_SEC);
	assert_in_range(b.cpu_time, 490 * NSEC_PER_MSEC, 515 * NSEC_PER_MSEC);
}

static void real_time_order(void **state)
{
	struct thread t[6];
	static const int prio[6] = {10, 20, 20, 0, 99, 20};
	static const int order[6] = {4, 1, 2, 5, 0, 3};

	begin();
	for (int i = 0; i < 6; i++) {
		make(&t[i], prio[i] ? SCHED_FIFO : SCHED_NORMAL, -20, prio[i]);
		rq_join(&rq, &t[i], true);
	}
	assert_int_equal(rq.nr, 6);
	assert_int_equal(rq.nr_rt, 5);
	assert_int_equal(sched_rt_waiting, 5);
	assert_int_equal(rq.top, 99);
	for (int i = 0; i < 6; i++)
		assert_ptr_equal(choose(false, true), &t[order[i]]);
	assert_ptr_equal(choose(false, true), &idle);
	assert_int_equal(rq.load, 0);
	assert_int_equal(rq.top, -1);
	assert_int_equal(sched_rt_waiting, 0);
}

/* Who is preempted goes on first; who yields, or has had its quantum, last. */
static void turns(void **state)
{
	struct thread a, b, c;

	begin();
	make(&a, SCHED_RR, 0, 5);
	make(&b, SCHED_FIFO, 0, 5);
	make(&c, SCHED_FIFO, 0, 6);
	rq_join(&rq, &a, true);
	rq_join(&rq, &b, true);
	assert_ptr_equal(choose(false, false), &a);
	rq_join(&rq, &c, true);
	assert_true(rq_preempts(&rq, &c));
	now += NSEC_PER_MSEC;
	assert_ptr_equal(choose(false, false), &c);
	assert_ptr_equal(choose(false, true), &a);
	assert_int_equal(rq_slice(&rq), RR_QUANTUM - NSEC_PER_MSEC);
	now += RR_QUANTUM - NSEC_PER_MSEC;
	assert_ptr_equal(choose(false, false), &b);
	now += NSEC_PER_SEC;
	assert_ptr_equal(choose(false, false), &b);
	assert_ptr_equal(choose(true, false), &a);
}

/* A real-time thread that never sleeps leaves 5 % to others, if there are any. */
static void throttling(void **state)
{
	struct thread rt, fair;

	begin();
	make(&rt, SCHED_FIFO, 0, 50);
	make(&fair, SCHED_NORMAL, 0, 0);
	rq_join(&rq, &rt, true);
	choose(false, false);
	run(5 * NSEC_PER_SEC);
	assert_int_equal(rt.cpu_time, 5 * NSEC_PER_SEC);
	rq_join(&rq, &fair, true);
	run(20 * NSEC_PER_SEC);
	assert_in_range(fair.cpu_time, 900 * NSEC_PER_MSEC,
			1300 * NSEC_PER_MSEC);
}

static void preemption(void **state)
{
	struct thread cur, t;

	begin();
	make(&cur, SCHED_NORMAL, 0, 0);
	rq_join(&rq, &cur, true);
	make(&t, SCHED_IDLE, 0, 0);
	assert_true(rq_preempts(&rq, &t)); /* nothing runs */
	choose(false, false);
	assert_false(rq_preempts(&rq, &t));
	make(&t, SCHED_FIFO, 0, 1);
	assert_true(rq_preempts(&rq, &t));
	/* Fair ones only if they are well behind. */
	make(&t, SCHED_NORMAL, 0, 0);
	cur.vruntime = NSEC_PER_SEC;
	t.vruntime = NSEC_PER_SEC - NSEC_PER_USEC;
	assert_false(rq_preempts(&rq, &t));
	t.vruntime = NSEC_PER_SEC - 2 * NSEC_PER_MSEC;
	assert_true(rq_preempts(&rq, &t));
	t.policy = SCHED_BATCH;
	assert_false(rq_preempts(&rq, &t));
	cur.policy = SCHED_IDLE;
	t.policy = SCHED_NORMAL;
	t.vruntime = 2 * NSEC_PER_SEC;
	assert_true(rq_preempts(&rq, &t));
}

/* A thread is as far ahead of the others as where it came from. */
static void migration(void **state)
{
	struct thread t;

	begin();
	rq.min_vruntime = 100 * NSEC_PER_SEC;
	other.min_vruntime = 7 * NSEC_PER_SEC;
	make(&t, SCHED_NORMAL, 0, 0);
	t.cpu = &cpu2;
	t.vruntime = 7 * NSEC_PER_SEC + 5;
	rq_join(&rq, &t, false);
	assert_int_equal(t.vruntime, 100 * NSEC_PER_SEC + 5);
	assert_ptr_equal(t.cpu, &cpu);
	rq_remove(&rq, &t);
	rq_join(&other, &t, false);
	assert_int_equal(t.vruntime, 7 * NSEC_PER_SEC + 5);
	rq_remove(&other, &t);
	assert_int_equal(rq.load + other.load + rq.nr + other.nr, 0);
}

/* What waiters lend makes a fair thread a real-time one, and takes it back. */
static void boost(void **state)
{
	struct thread t;

	begin();
	make(&t, SCHED_NORMAL, 3, 0);
	unsigned before = t.weight;

	t.boost = 7;
	rq_weigh(&t);
	assert_int_equal(t.prio, 7);
	t.boost = 0;
	rq_weigh(&t);
	assert_int_equal(t.prio, 0);
	assert_int_equal(t.weight, before);
	make(&t, SCHED_FIFO, 0, 9);
	t.boost = 7;
	rq_weigh(&t);
	assert_int_equal(t.prio, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_shares),
		cmocka_unit_test(weights),
		cmocka_unit_test(sleeper),
		cmocka_unit_test(real_time_order),
		cmocka_unit_test(turns),
		cmocka_unit_test(throttling),
		cmocka_unit_test(preemption),
		cmocka_unit_test(migration),
		cmocka_unit_test(boost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
