/* sources: core/kern/mm/packed/unpack.c core/tools/rumprun-bake/lz.c */
/* Pages of programs: what the bake packs is what the kernel unpacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../tools/rumprun-bake/lz.h"
#include "image.h"
#include "vm.h"

#define VADDR 0x7000
#define PAGES 2
#define MAP_BYTES (PAGE_SIZE / 64) /* of one page */

static uint8_t page[PAGES][PAGE_SIZE];

/* As the bake writes it: head, offsets, map, pages; no byte more. */
static struct packed_segment *pack(const uint64_t *map)
{
	size_t head = sizeof(struct packed_segment) + PAGES * 4;
	size_t at = ALIGN_UP(head, 8ul) + (map ? PAGES * MAP_BYTES : 0);
	struct packed_segment *s =
		malloc(at + PAGES * LZ_MOST(PAGE_SIZE));

	s->vaddr = VADDR;
	s->relocs = map ? (unsigned)ALIGN_UP(head, 8ul) : 0;
	if (map)
		memcpy((char *)s + s->relocs, map, PAGES * MAP_BYTES);
	for (unsigned i = 0; i < PAGES; i++) {
		s->at[i] = (unsigned)at;
		at += lz_pack(page[i], PAGE_SIZE, (uint8_t *)s + at);
	}
	s->at[PAGES] = (unsigned)at;
	return realloc(s, at);
}

/* Unpacks into memory that ends with the page. */
static void same(const uint64_t *map, uint64_t bias)
{
	struct packed_segment *s = pack(map);

	for (unsigned i = 0; i < PAGES; i++) {
		uint64_t *out = malloc(PAGE_SIZE), word;

		vm_unpack_page(s, VADDR + i * PAGE_SIZE, bias, out);
		for (unsigned w = 0; w < PAGE_SIZE / 8; w++) {
			memcpy(&word, &page[i][8 * w], 8);
			if (map && map[i * 8 + w / 64] >> w % 64 & 1)
				word += bias;
			assert_int_equal(out[w], word);
		}
		free(out);
	}
	free(s);
}

static void zeroes(void **state)
{
	struct packed_segment *s;

	memset(page, 0, sizeof(page));
	same(NULL, 0);
	s = pack(NULL);
	assert_in_range(s->at[PAGES] - s->at[0], 1, 64);
	free(s);
}

static void noise(void **state)
{
	for (unsigned i = 0; i < PAGES; i++)
		for (unsigned k = 0; k < PAGE_SIZE; k++)
			page[i][k] = (uint8_t)rand();
	same(NULL, 0);
}

/*
 * Runs of all lengths around those at which a length takes one byte more, of one
 * byte repeated, and of what was there before.
 */
static void runs(void **state)
{
	static const unsigned lengths[] = {1,  3,  4,	5,   14,  15,  16,  18,
					   19, 20, 269, 270, 271, 273, 274, 275};

	for (unsigned n = 0; n < ARRAY_SIZE(lengths); n++)
		for (unsigned m = 0; m < ARRAY_SIZE(lengths); m++) {
			unsigned k = 0;

			memset(page, 0, sizeof(page));
			for (; k < lengths[n]; k++)
				page[0][k] = (uint8_t)rand();
			memset(&page[0][k], 7, lengths[m]);
			k += lengths[m];
			memcpy(&page[0][k], page[0], lengths[n]);
			/* The same up to the very end. */
			memcpy(page[1], &page[0][1], PAGE_SIZE - 1);
			memcpy(&page[1][PAGE_SIZE - lengths[n]], page[0],
			       lengths[n]);
			same(NULL, 0);
		}
}

static void pointers(void **state)
{
	uint64_t map[PAGES * 8];

	for (unsigned round = 0; round < 100; round++) {
		for (unsigned i = 0; i < ARRAY_SIZE(map); i++)
			map[i] = (uint64_t)rand() << 40 ^ (uint64_t)rand();
		map[0] |= 1;
		map[7] |= 1ull << 63;
		for (unsigned w = 0; w < sizeof(page) / 8; w++) {
			uint64_t word = (uint64_t)(rand() % 0x500000);

			memcpy((uint8_t *)page + 8 * w, &word, 8);
		}
		same(map, 0x5555deadb000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroes),
		cmocka_unit_test(noise),
		cmocka_unit_test(runs),
		cmocka_unit_test(pointers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
