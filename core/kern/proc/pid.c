/* Numbers of threads and processes, and finding them by number. */
#include "private.h"
#include "linkset.h"
#include "log.h"

/*
 * As on Linux with 64 bits (PID_MAX_LIMIT in include/linux/threads.h): below
 * 2^22, so that a thread id fits the 30 bits it has in a futex; after the first
 * round the low numbers stay with what was there from the start.
 */
#define ID_LIMIT 4194304
#define ID_RESERVED 300

/* All of these; interrupts off. */
static spinlock_t id_lock = SPINLOCK_INIT;
static struct radix_tree thread_ids, process_ids;
static int last_id;
static bool went_round;
static u64 ids_given;

int thread_new_id(void)
{
	u64 flags = spin_lock_irqsave(&id_lock);
	int id;

	do {
		if (++last_id == ID_LIMIT) {
			last_id = ID_RESERVED;
			went_round = true;
		}
	} while (went_round && (radix_lookup(&thread_ids, (u64)last_id) ||
				radix_lookup(&process_ids, (u64)last_id)));
	id = last_id;
	ids_given++;
	spin_unlock_irqrestore(&id_lock, flags);
	return id;
}

u64 thread_ids_given(int *last)
{
	u64 flags = spin_lock_irqsave(&id_lock), n = ids_given;

	*last = last_id;
	spin_unlock_irqrestore(&id_lock, flags);
	return n;
}

static int id_add(struct radix_tree *table, int id, void *item)
{
	u64 flags = spin_lock_irqsave(&id_lock);
	int err = radix_insert(table, (u64)id, item);

	spin_unlock_irqrestore(&id_lock, flags);
	return err;
}

static void id_remove(struct radix_tree *table, int id)
{
	u64 flags = spin_lock_irqsave(&id_lock);

	radix_remove(table, (u64)id);
	spin_unlock_irqrestore(&id_lock, flags);
}

int id_add_thread(struct thread *t)
{
	return id_add(&thread_ids, t->tid, t);
}

void id_remove_thread(struct thread *t)
{
	id_remove(&thread_ids, t->tid);
}

int id_add_process(struct process *p)
{
	return id_add(&process_ids, p->pid, p);
}

void id_remove_process(struct process *p)
{
	id_remove(&process_ids, p->pid);
}

struct process *process_find(int pid)
{
	u64 flags = spin_lock_irqsave(&id_lock);
	struct process *p;

	p = pid > 0 ? radix_lookup(&process_ids, (u64)pid) : NULL;
	if (p)
		process_get(p);
	spin_unlock_irqrestore(&id_lock, flags);
	return p;
}

struct thread *process_find_thread(int tid, struct process **owner)
{
	u64 flags = spin_lock_irqsave(&id_lock);
	struct thread *t;

	t = tid > 0 ? radix_lookup(&thread_ids, (u64)tid) : NULL;
	if (t) {
		thread_get(t);
		if (owner) {
			*owner = t->process;
			process_get(*owner);
		}
	}
	spin_unlock_irqrestore(&id_lock, flags);
	return t;
}

bool process_is_there(int pid, int tid)
{
	u64 flags = spin_lock_irqsave(&id_lock);
	struct thread *t;
	bool yes = pid > 0 && radix_lookup(&process_ids, (u64)pid);

	if (yes && tid) {
		t = radix_lookup(&thread_ids, (u64)tid);
		yes = t && t->process->pid == pid;
	}
	spin_unlock_irqrestore(&id_lock, flags);
	return yes;
}

struct process *process_next(int pid)
{
	u64 index = (u64)pid + 1;
	u64 flags = spin_lock_irqsave(&id_lock);
	struct process *p = radix_next(&process_ids, &index);

	if (p)
		process_get(p);
	spin_unlock_irqrestore(&id_lock, flags);
	return p;
}

struct thread *process_next_thread(struct process *p, int tid)
{
	struct thread *t, *best = NULL;
	u64 flags = spin_lock_irqsave(&p->lock);

	list_for_each(t, &p->threads, process_link)
		if (t->tid > tid && (!best || t->tid < best->tid))
			best = t;
	if (best)
		thread_get(best);
	spin_unlock_irqrestore(&p->lock, flags);
	return best;
}

/* The kernel is a process too, for /proc and for kill. */
static void number_the_kernel(void)
{
	assert(!id_add_process(&kernel_process));
}
INITCALL(INIT_CORE, number_the_kernel);
