/* sources: core/kern/proc/startstack.c */
/* The stack that a program starts with, read as a C library reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/auxvec.h>
#include "../../../kern/proc/startstack.h"
#include "random.h"
#include "vm.h"

#define SIZE (1u << 20)
#define TOP 0x7fff0000000ull

static char memory[SIZE];
static struct vm_space vm = {.stack_top = TOP};
static vaddr_t lowest;

static char *at(vaddr_t a)
{
	assert_true(a >= TOP - SIZE && a < TOP);
	return memory + (a - (TOP - SIZE));
}

size_t vm_access(struct vm_space *v, vaddr_t addr, void *buf, size_t n,
		 bool write)
{
	assert_true(write);
	if (addr < lowest)
		return 0;
	assert_true(n <= TOP - addr);
	memcpy(at(addr), buf, n);
	return n;
}

void random_bytes(void *buf, size_t n)
{
	memset(buf, 0xa5, n);
}

u64 random_below(u64 n)
{
	return (u64)rand() % n;
}

static void check_list(const u64 *v, const char *const *want, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_string_equal(at(v[i]), want[i]);
	assert_int_equal(v[n], 0);
}

static void layout(void **state)
{
	static const char *const argv[] = {"prog", "", "two words"};
	static const char *const envp[] = {"A=1", "B="};
	static const struct auxv_entry aux[] = {{AT_PAGESZ, 4096}, {AT_UID, 0}};
	struct start_stack s = {argv, envp, 3, 2, "/bin/prog", aux, 2};

	lowest = TOP - SIZE;
	for (int i = 0; i < 1000; i++) {
		long sp = start_stack_write(&vm, &s, 8 << 20);
		u64 *w, seen = 0;

		assert_true(sp > 0);
		assert_int_equal(sp % 16, 0); /* ABI 3.4.1 */
		w = (u64 *)at((vaddr_t)sp);
		assert_int_equal(*w++, 3);
		check_list(w, argv, 3);
		assert_string_equal(at(vm.arg_start), "prog");
		assert_int_equal(vm.arg_end - vm.arg_start, 5 + 1 + 10);
		w += 4;
		check_list(w, envp, 2);
		assert_int_equal(w[0], vm.env_start);
		assert_int_equal(vm.env_end - vm.env_start, 4 + 3);
		w += 3;
		assert_ptr_equal(w, at(vm.auxv));
		for (; w[0] != AT_NULL; w += 2) {
			seen |= 1ull << w[0];
			if (w[0] == AT_RANDOM)
				assert_int_equal(*(u64 *)at(w[1]),
						 0xa5a5a5a5a5a5a5a5);
			if (w[0] == AT_EXECFN)
				assert_string_equal(at(w[1]), "/bin/prog");
			if (w[0] == AT_PLATFORM)
				assert_string_equal(at(w[1]), "x86_64");
			if (w[0] == AT_PAGESZ)
				assert_int_equal(w[1], 4096);
		}
		assert_int_equal(seen,
				 1ull << AT_RANDOM | 1ull << AT_EXECFN |
					 1ull << AT_PLATFORM |
					 1ull << AT_PAGESZ | 1ull << AT_UID);
		assert_ptr_equal(w + 2, at(vm.auxv_end));
		/* Nothing of the lists reaches into the strings. */
		assert_true(vm.auxv_end <= vm.arg_start);
	}
}

static void limits(void **state)
{
	static char big[40 * 4096];
	const char *argv[64];
	struct start_stack s = {argv, argv, 1, 0, "/bin/prog", NULL, 0};

	lowest = TOP - SIZE;
	memset(big, 'x', sizeof(big) - 1);
	argv[0] = big;
	assert_int_equal(start_stack_write(&vm, &s, 8 << 20), -E2BIG);
	big[100000] = 0;
	assert_true(start_stack_write(&vm, &s, 8 << 20) > 0);
	assert_int_equal(start_stack_write(&vm, &s, 100000), -E2BIG);
	for (int i = 0; i < 64; i++)
		argv[i] = big;
	s.argc = 64;
	assert_int_equal(start_stack_write(&vm, &s, 8 << 20), -E2BIG);
	/* No memory for the pages of the stack. */
	s.argc = 1;
	lowest = TOP - 4096;
	assert_int_equal(start_stack_write(&vm, &s, 8 << 20), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(layout),
					   cmocka_unit_test(limits)};

	return cmocka_run_group_tests_name("startstack", tests, NULL, NULL);
}
