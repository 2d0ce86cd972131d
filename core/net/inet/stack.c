/* The network lock and the network thread. */
#include "stack.h"
#include "configure.h"
#include "icmp_errors.h"
#include "log.h"
#include "page.h"
#include "thread.h"
#include "linkset.h"
#include "lwip/init.h"
#include <linux/sched.h>

static struct mutex net_mutex = MUTEX_INIT(net_mutex);
struct thread *net_owner; /* who has it, for lwIP's assertions */
static struct waitq net_wait = WAITQ_INIT(net_wait);
static bool pending; /* the thread has work; atomic */

/*
 * So many frames at once, and more are likely to be on their way: the thread leaves
 * interrupts off and stays runnable behind everybody else, to look again when they
 * had their turn (give_way).  A server so gets requests by the dozen, without an
 * interrupt and two switches for each.
 */
#define BUSY 2

/*
 * That pays while programs come to the stack again and again, one step after the
 * other with less than a lull in between.  What computes for longer does not keep
 * the thread from its turn beyond the shortest turn of the scheduler
 * (kern/sched/runqueue.c); and where somebody computes who has nothing to do with
 * the network, each packet interrupts him for a while.
 */
#define LULL (250 * NSEC_PER_USEC)
#define TURN_MAX (1 * NSEC_PER_MSEC)
#define CALM (10 * NSEC_PER_MSEC)

/* The thread will have its turn soon; network lock. */
static bool busy;
/* Of a program in the stack while busy; network lock, or a hint. */
static struct {
	nsec_t when;
	struct thread *who;
} last_step;

void net_lock(void)
{
	mutex_lock(&net_mutex);
	WRITE_ONCE(net_owner, current_thread());
}

bool net_locked(void)
{
	return mutex_held(&net_mutex);
}

void lwip_not_locked(void)
{
	panic("lwip is entered without the network lock");
}

void net_kick(void)
{
	__atomic_store_n(&pending, true, __ATOMIC_RELEASE);
	waitq_wake_all(&net_wait);
}

/*
 * While the thread is to come, what was sent may wait for it: the answers of a
 * server to all that lay in its sockets then cost few notifications, which are exits
 * to the hypervisor.  Not after a lull, and not if this thread's priority keeps
 * others from running.
 */
static bool may_wait(void)
{
	struct thread *me = current_thread();
	nsec_t before = last_step.when, now;

	if (!busy || me->policy != SCHED_NORMAL)
		return false;
	now = now_ns();
	WRITE_ONCE(last_step.when, now);
	WRITE_ONCE(last_step.who, me);
	return now - before < LULL;
}

static void leave(bool flush)
{
	struct interface *i;
	bool again;

	/* What we sent to ourselves; its answers too, until all is quiet. */
	do {
		again = false;
		list_for_each(i, &interfaces, link)
		{
			if (i->netif.loop_first) {
				netif_poll(&i->netif);
				again = true;
			}
		}
	} while (again);
	tcp_reap();
	tcp_linger_look();
	interfaces_flush(flush);
	if (timers_changed())
		net_kick();
	WRITE_ONCE(net_owner, NULL);
	mutex_unlock(&net_mutex);
}

void net_unlock(void)
{
	leave(!may_wait());
}

static void timer_due(struct timer *t)
{
	net_kick();
}

static struct {
	struct timer timer;
	struct thread *thread;
	/* What the timer has found; it does not run when the thread looks. */
	bool boosted, stranger;
	nsec_t calm_until; /* the thread does not give way before */
} turn;

/* A lull: the thread runs next, before all that are not real-time. */
static void turn_due(struct timer *t)
{
	nsec_t now = now_ns();

	if (now - READ_ONCE(last_step.when) < LULL) {
		timer_set(t, now + TURN_MAX);
		return;
	}
	turn.boosted = true;
	turn.stranger = current_thread() != READ_ONCE(last_step.who);
	thread_set_boost(turn.thread, 1);
}

static void give_way(void)
{
	timer_set(&turn.timer, now_ns() + TURN_MAX);
	thread_yield();
	timer_cancel(&turn.timer);
	if (!turn.boosted)
		return;
	turn.boosted = false;
	thread_set_boost(turn.thread, 0);
	if (turn.stranger)
		turn.calm_until = now_ns() + CALM;
}

/*
 * Polls the devices, with their interrupts off as long as there is something, and
 * runs the timers.  It sleeps until a device has something or a timer is due.
 */
static void net_thread(void *arg)
{
	nsec_t armed = NSEC_FOREVER, deadline;
	struct timer timer;

	timer_init(&timer, timer_due);
	timer_init(&turn.timer, turn_due);
	turn.thread = current_thread();
	for (;;) {
		bool many;

		__atomic_store_n(&pending, false, __ATOMIC_RELEASE);
		net_lock();
		many = interfaces_poll() >= BUSY && now_ns() >= turn.calm_until;
		deadline = timers_run();
		busy = many || interfaces_idle();
		if (busy)
			__atomic_store_n(&pending, true, __ATOMIC_RELEASE);
		leave(true);
		/* It mostly is what it was: the timer goes on. */
		if (deadline != armed) {
			armed = deadline;
			timer_set(&timer, deadline);
		}
		if (many)
			give_way();
		else if (busy)
			cond_resched();
		wait_event(&net_wait,
			   __atomic_load_n(&pending, __ATOMIC_ACQUIRE));
	}
}

/*
 * The receive window that is offered: a 256th of memory, so that many connections
 * together cannot eat it up, up to 256 KiB.
 */
static void window_init(void)
{
	struct memory_stats ms;
	u64 w;

	memory_stats(&ms);
	w = MIN(ms.total * PAGE_SIZE / 256, 256ull * 1024);
	lwip_tcp_window_extra = w > 32768 ? (u32)w - 32768 : 0;
}

static void net_init(void)
{
	window_init();
	net_lock();
	lwip_init();
	timers_init();
	loopback_attach();
	icmp_errors_init();
	net_configure();
	net_unlock();
	kthread_start("net", net_thread, NULL);
}
INITCALL(INIT_NET, net_init);
