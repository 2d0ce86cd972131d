/* Queues of pending signals. */
#include "private.h"
#include "page.h"
#include "string.h"

/*
 * Of these the program is told before all others, since they have just
 * happened.
 */
#define SYNCHRONOUS                                                            \
	(SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) |       \
	 SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSYS))

void sigpending_init(struct sigpending *q)
{
	q->set = 0;
	list_init(&q->items);
}

/* Out of its queue; freed, unless a timer owns it. */
static void sigitem_remove(struct sigitem *it)
{
	list_del(&it->link);
	if (it->timer)
		return;
	it->owner->sig_queued--;
	kfree(it);
}

void sigpending_drop(struct sigpending *q, u64 set)
{
	struct sigitem *it, *next;

	if (!(q->set & set))
		return;
	list_for_each_safe(it, next, &q->items, link)
		if (SIGNAL_BIT(it->info.si_signo) & set)
			sigitem_remove(it);
	q->set &= ~set;
}

void sigpending_flush(struct sigpending *q)
{
	sigpending_drop(q, ~0ull);
}

struct sigitem *sigitem_new(struct process *p, const siginfo_t *info)
{
	struct sigitem *it;

	if (p->sig_queued >= p->limits[RLIMIT_SIGPENDING].rlim_cur)
		return NULL;
	it = kmalloc(sizeof(*it), ALLOC_ATOMIC);
	if (!it)
		return NULL;
	p->sig_queued++;
	list_init(&it->link);
	it->info = *info;
	it->owner = p;
	it->timer = false;
	return it;
}

void sigitem_withdraw(struct process *p, struct thread *t, struct sigitem *it)
{
	struct sigpending *q = t ? &t->pending : &p->pending;

	if (list_empty(&it->link))
		return;
	list_del(&it->link);
	if (!sigpending_has_item(q, it->info.si_signo))
		q->set &= ~SIGNAL_BIT(it->info.si_signo);
}

void sigpending_add(struct sigpending *q, int sig, struct sigitem *item)
{
	q->set |= SIGNAL_BIT(sig);
	if (item)
		list_append(&q->items, &item->link);
}

bool sigpending_has_item(const struct sigpending *q, int sig)
{
	const struct sigitem *it;

	list_for_each(it, &q->items, link)
		if (it->info.si_signo == sig)
			return true;
	return false;
}

int sigpending_take(struct sigpending *q, u64 set, siginfo_t *info)
{
	struct sigitem *it, *found = NULL;
	int sig;

	set &= q->set;
	if (!set)
		return 0;
	if (set & SYNCHRONOUS)
		set &= SYNCHRONOUS;
	sig = __builtin_ctzll(set) + 1;
	list_for_each(it, &q->items, link) {
		if (it->info.si_signo == sig) {
			found = it;
			break;
		}
	}
	if (found) {
		*info = found->info;
		sigitem_remove(found);
	} else {
		/*
		 * Memory was short when it was sent: only the number is left.
		 */
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
	}
	if (!sigpending_has_item(q, sig))
		q->set &= ~SIGNAL_BIT(sig);
	return sig;
}
