/* sources: core/fs/vfs/lockrange.c */
/* Record locks against an array with one entry for each byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../fs/vfs/lockrange.h"

#define BYTES 40
#define OWNERS 3

static struct list locks;
static int model[OWNERS][BYTES]; /* 0 none, 1 read, 2 write */
static int owners[OWNERS];

static void set(int owner, u64 start, u64 end, int kind)
{
	struct range_lock want = {.owner = &owners[owner], .start = start,
				  .end = end, .write = kind == 2};
	struct range_lock *spare[2] = {malloc(sizeof(want)),
				       malloc(sizeof(want))};
	struct list unused = LIST_INIT(unused);

	ranges_set(&locks, &want, !kind, spare, &unused);
	while (!list_empty(&unused)) {
		struct range_lock *l =
			list_first(&unused, struct range_lock, link);

		list_del(&l->link);
		free(l);
	}
	free(spare[0]);
	free(spare[1]);
}

static int kind_at(int owner, u64 byte)
{
	struct range_lock *l;
	int kind = 0;

	list_for_each(l, &locks, link) {
		if (l->owner != &owners[owner] || byte < l->start ||
		    byte > l->end)
			continue;
		assert_int_equal(kind, 0); /* only one covers a byte */
		kind = l->write ? 2 : 1;
	}
	return kind;
}

static int model_conflict(int owner, int start, int end, int kind)
{
	for (int o = 0; o < OWNERS; o++)
		for (int b = start; b <= end && o != owner; b++)
			if (model[o][b] && (model[o][b] == 2 || kind == 2))
				return 1;
	return 0;
}

/* Neighbours of one kind and owner are one lock. */
static void check_joined(void)
{
	struct range_lock *a, *b;

	list_for_each(a, &locks, link)
		list_for_each(b, &locks, link)
			assert_false(a->owner == b->owner &&
				     a->write == b->write && a != b &&
				     a->end != UINT64_MAX &&
				     a->end + 1 == b->start);
}

static void release(void)
{
	while (!list_empty(&locks)) {
		struct range_lock *l =
			list_first(&locks, struct range_lock, link);

		list_del(&l->link);
		free(l);
	}
}

static void random_locks(void **state)
{
	list_init(&locks);
	srand(3);
	for (int i = 0; i < 20000; i++) {
		int owner = rand() % OWNERS, start = rand() % BYTES;
		int end = start + rand() % (BYTES - start), kind = rand() % 3;
		struct range_lock want = {.owner = &owners[owner],
					  .start = (u64)start,
					  .end = (u64)end,
					  .write = kind == 2};
		int conflict = ranges_conflict(&locks, &want) != NULL;

		if (kind)
			assert_int_equal(conflict, model_conflict(owner, start,
								  end, kind));
		if (kind && conflict)
			continue;
		set(owner, (u64)start, (u64)end, kind);
		for (int b = start; b <= end; b++)
			model[owner][b] = kind;
		for (int o = 0; o < OWNERS; o++)
			for (int b = 0; b < BYTES; b++)
				assert_int_equal(kind_at(o, (u64)b),
						 model[o][b]);
		check_joined();
	}
	release();
}

static void edges(void **state)
{
	list_init(&locks);
	set(0, 0, UINT64_MAX, 2);
	set(0, UINT64_MAX, UINT64_MAX, 0);
	assert_int_equal(kind_at(0, UINT64_MAX), 0);
	assert_int_equal(kind_at(0, UINT64_MAX - 1), 2);
	set(0, UINT64_MAX, UINT64_MAX, 2);
	assert_int_equal(locks.next->next == &locks, 1);
	set(0, 0, 0, 1);
	assert_int_equal(kind_at(0, 0), 1);
	assert_int_equal(kind_at(0, 1), 2);
	set(0, 0, UINT64_MAX, 0);
	assert_true(list_empty(&locks));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_locks),
		cmocka_unit_test(edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
