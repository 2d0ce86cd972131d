/* The hooks of core/include/plain/selfcheck.h, which says what they are for, made real. */
#ifndef RR_SELFCHECK_H
#define RR_SELFCHECK_H

#include "list.h"
#include "types.h"

struct page;
struct lock_class;
struct thread;

struct lock_check {
	const char *place;        /* where it was initialised; names its class */
	struct lock_class *class; /* found at first use */
	const void *holder;       /* struct cpu or struct thread; not if shared */
	u64 taken_ip;             /* by whom last */
};

#define CHECK_TEXT_(x) #x
#define CHECK_TEXT(x) CHECK_TEXT_(x)
#define CHECK_PLACE __FILE__ ":" CHECK_TEXT(__LINE__)
#define CHECK_INIT(name)                                                       \
	{                                                                      \
		.place = CHECK_PLACE " " #name                                 \
	}

/*
 * Every place that initialises locks makes a class of them.  The functions are
 * defined with their names in brackets, so that these macros leave them alone.
 */
#define CHECK_LOCK_INIT(function, lock)                                        \
	({                                                                     \
		__typeof__(lock) lock_ = (lock);                               \
		(function)(lock_);                                             \
		lock_->check = (struct lock_check){                            \
			.place = CHECK_PLACE " " #lock};                       \
	})
#define spin_init(l) CHECK_LOCK_INIT(spin_init, l)
#define mutex_init(m) CHECK_LOCK_INIT(mutex_init, m)
#define rwlock_init(l) CHECK_LOCK_INIT(rwlock_init, l)
#define waitq_init(q)                                                          \
	({                                                                     \
		struct waitq *q_ = (q);                                        \
		(waitq_init)(q_);                                              \
		q_->lock.check =                                               \
			(struct lock_check){.place = CHECK_PLACE " " #q};      \
	})

#define CHECK_HELD_MAX 16

#define HELD_TRACE 4

/* A lock that is held, and by which return addresses it was taken. */
struct held_lock {
	struct lock_check *lock;
	struct lock_class *class;
	u64 since; /* ns; 0: not known */
	u64 ip[HELD_TRACE];
};

struct held_locks {
	unsigned n;
	struct held_lock v[CHECK_HELD_MAX];
};

/* What check_nest said of the lock that is taken next; a lock of NULL: nothing. */
struct nest {
	const struct lock_check *lock;
	unsigned level;
};

struct check_cpu {
	u64 irqs_off;           /* since when, ns; 0: they are on, or not known */
	u64 irqs_ip[HELD_TRACE]; /* by whom */
	struct nest nest;        /* of interrupt handlers */
};

struct thread_check {
	struct held_locks held; /* the locks that sleep; own thread only */
	struct nest nest;
};

struct check_wait {
	u64 since; /* ns; 0: the lock was free */
	u64 holder_ip; /* by whom it was held then */
	u64 seen;  /* the clock, when a CPU that spins looked at it last */
	u64 spun;  /* ns for which it was seen to run */
	/* hung.c: of a thread that may sleep. */
	struct list link; /* link.next is NULL: of a CPU, or it is over */
	struct lock_check *lock;
	const struct thread *thread;
	u64 ip[HELD_TRACE];
	u32 looks; /* how often it was met */
};
#define CHECK_WAIT_INIT                                                         \
	{                                                                      \
		0                                                              \
	}

enum lock_kind { LOCK_SPINS, LOCK_SLEEPS, LOCK_SHARED };

void check_acquire(struct lock_check *c, enum lock_kind k);
void check_acquired(struct lock_check *c, enum lock_kind k,
		    struct check_wait *w);
void check_release(struct lock_check *c, enum lock_kind k);
void check_waits(struct lock_check *c, struct check_wait *w);
void check_spinning(struct lock_check *c, struct check_wait *w);
#define LOCK_DEEPER 15
void check_nest(struct lock_check *c, unsigned level);
void check_irqs_off(void);
void check_irqs_on(void);
void check_may_sleep(void);
void check_may_fault(void);
void check_leave(void);
void check_thread_end(void);
void check_end(void);
void check_ref(const s32 *refs, s32 old, s32 least);
void check_stack_new(u64 base);
void check_stack_end(u64 base);
void check_pages_free(struct page *p, u64 count);
void check_pages_taken(struct page *p, u64 count);

#endif
