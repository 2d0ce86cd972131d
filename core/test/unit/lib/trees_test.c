/* sources: core/kern/lib/avl.c core/kern/lib/radix.c */
/* AVL and radix trees against simple models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>
#include "avl.h"
#include "radix.h"

#define N 500

struct item {
	struct avl_node node;
	unsigned key, sum; /* sum of keys in the subtree */
	bool in;
};

static struct item items[N];

static unsigned sum_of(struct avl_node *n)
{
	return n ? container_of(n, struct item, node)->sum : 0;
}

static void update(struct avl_node *n)
{
	struct item *i = container_of(n, struct item, node);

	i->sum = i->key + sum_of(n->child[0]) + sum_of(n->child[1]);
}

static bool less(const struct avl_node *a, const struct avl_node *b)
{
	return container_of(a, struct item, node)->key <
	       container_of(b, struct item, node)->key;
}

/* Checks balance, order, parents and sums; returns the height. */
static int check(struct avl_node *n, struct avl_node *parent)
{
	int l, r;

	if (!n)
		return 0;
	assert_ptr_equal(n->parent, parent);
	l = check(n->child[0], n);
	r = check(n->child[1], n);
	assert_true(l - r <= 1 && r - l <= 1);
	assert_int_equal(n->height, 1 + (l > r ? l : r));
	assert_int_equal(container_of(n, struct item, node)->sum,
			 container_of(n, struct item, node)->key +
				 sum_of(n->child[0]) + sum_of(n->child[1]));
	return n->height;
}

static void test_avl(void **state)
{
	struct avl_tree t = {NULL, update};
	unsigned total = 0, count = 0;

	srand(1);
	for (int i = 0; i < N; i++)
		items[i] = (struct item){.key = (unsigned)rand() % 300};
	for (int step = 0; step < 20000; step++) {
		struct item *i = &items[rand() % N];

		if (i->in) {
			avl_remove(&t, &i->node);
			total -= i->key;
			count--;
		} else {
			avl_add(&t, &i->node, less);
			total += i->key;
			count++;
		}
		i->in = !i->in;
		assert_int_equal(sum_of(t.root), total);
		if (step % 97 == 0) {
			unsigned seen = 0, last = 0;

			check(t.root, NULL);
			for (struct avl_node *n = avl_first(&t); n; n = avl_next(n)) {
				unsigned k = container_of(n, struct item, node)->key;

				assert_true(k >= last);
				last = k;
				seen++;
			}
			assert_int_equal(seen, count);
			for (struct avl_node *n = avl_last(&t); n; n = avl_prev(n))
				seen--;
			assert_int_equal(seen, 0);
		}
	}
}

static u64 spread(int i)
{
	/* Small, large and extreme indices. */
	static const u64 base[] = {0, 60, 4090, 1ull << 20, 1ull << 40, ~0ull - 99};

	return base[i / 100] + (u64)(i % 100);
}

static void test_radix(void **state)
{
	static char in[600];
	struct radix_tree t = {0};
	size_t count = 0;

	srand(2);
	for (int step = 0; step < 20000; step++) {
		int i = rand() % 600;
		/* 0..99 and 60..159 overlap: keep to distinct ones. */
		u64 index = spread(i);

		if (i >= 100 && i < 140)
			continue;
		if (in[i]) {
			assert_int_equal(radix_insert(&t, index, &in[i]), -EEXIST);
			assert_ptr_equal(radix_remove(&t, index), &in[i]);
			count--;
		} else {
			assert_null(radix_remove(&t, index));
			assert_int_equal(radix_insert(&t, index, &in[i]), 0);
			count++;
		}
		in[i] = !in[i];
		assert_int_equal(t.count, count);
		assert_ptr_equal(radix_lookup(&t, index), in[i] ? &in[i] : NULL);
		if (step % 101 == 0) {
			u64 at = 0;
			size_t seen = 0;
			void *p;

			while ((p = radix_next(&t, &at))) {
				assert_ptr_equal(radix_lookup(&t, at), p);
				seen++;
				if (!++at)
					break;
			}
			assert_int_equal(seen, count);
		}
	}
	for (int i = 0; i < 600; i++)
		if (in[i])
			radix_remove(&t, spread(i));
	/* Every node is given back: the leak sanitizer would tell. */
	assert_null(t.root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_avl),
		cmocka_unit_test(test_radix),
	};

	return cmocka_run_group_tests_name("trees", tests, NULL, NULL);
}
