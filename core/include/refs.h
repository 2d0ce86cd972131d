/*
 * Reference counts: how many hold an object that goes with the last of them.
 *
 * Whoever takes one has one, or a lock under which the last one is given back (then
 * the count may be 0: what is found in a cache).
 */
#ifndef RR_REFS_H
#define RR_REFS_H

#include <selfcheck.h>
#include "types.h"

/* One more, of at least one. */
static inline void ref_get(s32 *refs)
{
	s32 old = __atomic_fetch_add(refs, 1, __ATOMIC_RELAXED);

	check_ref(refs, old, 1);
}

/* One more, or the first again. */
static inline void ref_get_cached(s32 *refs)
{
	s32 old = __atomic_fetch_add(refs, 1, __ATOMIC_RELAXED);

	check_ref(refs, old, 0);
}

/* One less; true: that was the last, and all that others did before is seen. */
static inline bool ref_put(s32 *refs)
{
	s32 old = __atomic_fetch_sub(refs, 1, __ATOMIC_ACQ_REL);

	check_ref(refs, old, 1);
	return old == 1;
}

/*
 * One less, unless it is the last, which is to be given back under a lock; true:
 * done.
 */
static inline bool ref_put_unless_last(s32 *refs)
{
	s32 n = __atomic_load_n(refs, __ATOMIC_RELAXED);

	check_ref(refs, n, 1);
	while (n > 1)
		if (__atomic_compare_exchange_n(refs, &n, n - 1, true,
						__ATOMIC_RELEASE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

#endif
