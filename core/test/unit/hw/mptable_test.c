/* sources: core/platform/hw/smp/mptable.c */
/*
 * MP tables: processors are found in good ones, damaged ones are survived.  Each
 * mapping of physical memory is a heap block of exactly its size, so that the
 * sanitizer sees every byte read beyond it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../chance.h"
#include "tables.h"
#include "../../../platform/hw/smp/smp.h"

#define MEMORY 0x100000
#define POINTER 0xf5a00
#define TABLE 0xf6000

static u8 memory[MEMORY];
static int mapped;
static u32 found[300];
static unsigned n_found;

void *map_physical(paddr_t pa, size_t size, unsigned bits)
{
	u8 *p = malloc(size);

	assert_non_null(p);
	memset(p, 0, size);
	for (size_t i = 0; i < size; i++)
		if (pa + i < MEMORY)
			p[i] = memory[pa + i];
	mapped++;
	return p;
}

void unmap_physical(const void *p, size_t size)
{
	free((void *)p);
	mapped--;
}

void processor_found(u32 apic_id)
{
	assert_true(n_found < 300);
	found[n_found++] = apic_id;
}

static const u8 entries[] = {
	0, 0, 0x14, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 2, 0x14, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 3, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* off */
	1, 0, 'P', 'C', 'I', ' ', ' ', ' ',
	2, 4, 0x11, 1, 0, 0, 0xc0, 0xfe,
	3, 0, 0, 0, 0, 0, 4, 0,
	0, 5, 0x14, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
#define ENTRIES 7

static void build(paddr_t pointer)
{
	u8 *p = memory + pointer, *t = memory + TABLE;
	size_t size = 44 + sizeof(entries);

	memset(memory, 0, sizeof(memory));
	n_found = 0;
	put(memory + 0x40e, 0x9fc0, 2);
	put(memory + 0x413, 639, 2);
	memcpy(p, "_MP_", 4);
	put(p + 4, TABLE, 4);
	p[8] = 1;
	p[9] = 4;
	fix(p, 16, 10);
	memcpy(t, "PCMP", 4);
	put(t + 4, size, 2);
	put(t + 34, ENTRIES, 2);
	memcpy(t + 44, entries, sizeof(entries));
	fix(t, size, 7);
}

static void places(void **state)
{
	static const paddr_t at[] = {POINTER, 0x9fc00, 0x9fff0, 0xffff0};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		build(at[i]);
		mptable_read();
		assert_int_equal(mapped, 0);
		assert_int_equal(n_found, 3);
		assert_int_equal(found[0], 0);
		assert_int_equal(found[1], 2);
		assert_int_equal(found[2], 5);
	}
}

static void none(void **state)
{
	build(POINTER);
	memory[POINTER + 4] ^= 1; /* the pointer's checksum */
	mptable_read();
	assert_int_equal(n_found, 0);
	build(POINTER);
	memory[TABLE + 50] ^= 1; /* the table's */
	mptable_read();
	assert_int_equal(n_found, 0);
	build(POINTER);
	memory[POINTER + 11] = 5; /* a default configuration */
	fix(memory + POINTER, 16, 10);
	mptable_read();
	assert_int_equal(n_found, 0);
	memset(memory, 0, sizeof(memory));
	mptable_read();
	assert_int_equal(n_found, 0);
	assert_int_equal(mapped, 0);
}

static void short_tables(void **state)
{
	for (size_t size = 0; size < 44 + sizeof(entries); size++) {
		build(POINTER);
		put(memory + TABLE + 4, size, 2);
		if (size > 7)
			fix(memory + TABLE, size, 7);
		mptable_read();
		assert_int_equal(mapped, 0);
		assert_true(n_found <= 3);
	}
	build(POINTER);
	put(memory + TABLE + 34, 0xffff, 2);
	fix(memory + TABLE, 44 + sizeof(entries), 7);
	mptable_read();
	assert_int_equal(n_found, 3);
}

/* Some bytes wrong, the checksum made right, so that it is believed. */
static void damaged(void **state)
{
	for (int round = 0; round < 300; round++) {
		u64 size;

		build(POINTER);
		for (u64 n = chance() % 8 + 1; n; n--)
			memory[TABLE + 4 + chance() % (40 + sizeof(entries))] =
				(u8)chance();
		size = memory[TABLE + 4] | (u64)memory[TABLE + 5] << 8;
		if (size > 7 && TABLE + size <= MEMORY)
			fix(memory + TABLE, size, 7);
		mptable_read();
		assert_int_equal(mapped, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(none),
		cmocka_unit_test(short_tables),
		cmocka_unit_test(damaged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
