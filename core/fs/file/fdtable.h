/* The insides of a descriptor table, for those who change it. */
#ifndef RR_FDTABLE_H
#define RR_FDTABLE_H

#include "names.h"

#define WORD_BITS 64u

struct fdtable {
	s32 refs;        /* atomic */
	spinlock_t lock; /* all that follows, for changes; see fd_get */
	unsigned size;   /* slots, a multiple of WORD_BITS */
	unsigned lowest; /* no slot below is free */
	struct file **files;
	u64 *used;       /* a slot in use without a file is reserved */
	u64 *cloexec;
};

static inline bool bit_test(const u64 *map, unsigned n)
{
	return map[n / WORD_BITS] & BIT(n % WORD_BITS);
}

static inline void bit_assign(u64 *map, unsigned n, bool on)
{
	if (on)
		map[n / WORD_BITS] |= BIT(n % WORD_BITS);
	else
		map[n / WORD_BITS] &= ~BIT(n % WORD_BITS);
}

/* First bit from n on that is (not) set, or size. */
static inline unsigned bit_next(const u64 *map, unsigned size, unsigned n, bool set)
{
	for (unsigned w = n / WORD_BITS; w < size / WORD_BITS; w++) {
		u64 bits = set ? map[w] : ~map[w];

		if (w == n / WORD_BITS)
			bits &= ~0ull << n % WORD_BITS;
		if (bits)
			return w * WORD_BITS + (unsigned)__builtin_ctzll(bits);
	}
	return size;
}

/* Have more than n slots: 0 or -ENOMEM.  The lock is held, and dropped meanwhile. */
int fdtable_grow(struct fdtable *t, unsigned n);
/* f has just been taken out of t. */
void fdtable_close_file(struct fdtable *t, struct file *f);

#endif
