/* sources: core/fs/tmpfs/dir.c core/kern/lib/radix.c */
/* Directories of tmpfs: names against a plain array, and cookies that last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include "../../../fs/tmpfs/dir.h"

#define NAMES 500

static void *inode(int n)
{
	return (void *)(uintptr_t)(n + 1);
}

static size_t name_of(int n, char *buf)
{
	/* Different lengths, and names that are the start of others. */
	return (size_t)sprintf(buf, "%.*s%d", n % 7, "aaaaaaa", n);
}

static struct tmpfs_entry *find(struct tmpfs_dir *d, int n)
{
	char name[32];

	return tmpfs_dir_find(d, name, name_of(n, name));
}

static void clear(struct tmpfs_dir *d)
{
	struct tmpfs_entry *e;

	while ((e = tmpfs_dir_next(d, 0)))
		tmpfs_dir_remove(d, e);
	tmpfs_dir_destroy(d);
}

static void empty(void **state)
{
	struct tmpfs_dir d;

	tmpfs_dir_init(&d);
	assert_null(tmpfs_dir_find(&d, "x", 1));
	assert_null(tmpfs_dir_next(&d, 0));
	tmpfs_dir_destroy(&d);
}

static void random_changes(void **state)
{
	struct tmpfs_dir d;
	int there[NAMES] = {0}, count = 0;
	u64 last_cookie = 0;
	char name[32];

	srand(1);
	tmpfs_dir_init(&d);
	for (int i = 0; i < 20000; i++) {
		int n = rand() % NAMES;
		struct tmpfs_entry *e = find(&d, n);

		assert_int_equal(e != NULL, there[n]);
		if (e) {
			assert_ptr_equal(e->inode, inode(n));
			tmpfs_dir_remove(&d, e);
			count--;
		} else {
			size_t len = name_of(n, name);

			assert_int_equal(
				tmpfs_dir_add(&d, name, len, inode(n)), 0);
			e = find(&d, n);
			/* Never one that was in use before. */
			assert_true(e->cookie > last_cookie);
			last_cookie = e->cookie;
			count++;
		}
		there[n] = !there[n];
		assert_int_equal(d.count, count);
	}
	clear(&d);
}

/* Reading in small pieces while others come and go: what stays comes once. */
static void reading(void **state)
{
	struct tmpfs_dir d;
	int seen[NAMES] = {0};
	struct tmpfs_entry *e;
	u64 pos = 0;
	char name[32];

	srand(2);
	tmpfs_dir_init(&d);
	for (int n = 0; n < NAMES; n++)
		tmpfs_dir_add(&d, name, name_of(n, name), inode(n));
	while ((e = tmpfs_dir_next(&d, pos))) {
		int n = (int)(uintptr_t)e->inode - 1, other;

		pos = e->cookie + 1;
		seen[n]++;
		/* Odd ones go and come back. */
		other = rand() % (NAMES / 2) * 2 + 1;
		e = find(&d, other);
		if (e)
			tmpfs_dir_remove(&d, e);
		else if (pos < 2000)
			tmpfs_dir_add(&d, name, name_of(other, name),
				      inode(other));
	}
	for (int n = 0; n < NAMES; n += 2)
		assert_int_equal(seen[n], 1);
	clear(&d);
}

static void any_bytes(void **state)
{
	struct tmpfs_dir d;
	char name[255];

	tmpfs_dir_init(&d);
	memset(name, 0xff, sizeof(name));
	assert_int_equal(tmpfs_dir_add(&d, name, 255, inode(1)), 0);
	assert_int_equal(tmpfs_dir_add(&d, name, 254, inode(2)), 0);
	assert_ptr_equal(tmpfs_dir_find(&d, name, 255)->inode, inode(1));
	assert_ptr_equal(tmpfs_dir_find(&d, name, 254)->inode, inode(2));
	assert_null(tmpfs_dir_find(&d, name, 253));
	clear(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(random_changes),
		cmocka_unit_test(reading),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
