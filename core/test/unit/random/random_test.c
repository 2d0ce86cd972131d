/* sources: core/kern/random/chacha.c core/kern/random/blake2s.c core/kern/random/pool.c core/kern/random/generator.c */
/* The generator's primitives against their RFCs, and its behaviour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../kern/random/private.h"

static uint64_t cycles;

u64 platform_cycles(void)
{
	return cycles;
}

/* RFC 8439, 2.3.2: with its nonce and counter put into the state by hand. */
static void chacha_vector(void **state)
{
	static const u8 expect[64] = {
		0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd,
		0x1f, 0xa3, 0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0,
		0x68, 0x03, 0x04, 0x22, 0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2,
		0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa, 0x09, 0x14, 0xc2, 0xd7, 0x05,
		0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1, 0xde, 0x16, 0x4e,
		0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
	};
	u8 key[32], out[64];
	struct chacha c;

	for (unsigned i = 0; i < 32; i++)
		key[i] = (u8)i;
	chacha_init(&c, key);
	c.state[12] = 1;
	c.state[13] = 0x09000000;
	c.state[14] = 0x4a000000;
	c.state[15] = 0;
	chacha_block(&c, out);
	assert_memory_equal(out, expect, 64);
	assert_int_equal(c.state[12], 2);
	c.state[12] = UINT32_MAX;
	chacha_block(&c, out);
	assert_int_equal(c.state[12], 0);
	assert_int_equal(c.state[13], 0x09000001);
}

/* RFC 7693, appendix B. */
static void blake2s_vector(void **state)
{
	static const u8 expect[32] = {
		0x50, 0x8c, 0x5e, 0x8c, 0x32, 0x7c, 0x14, 0xe2, 0xe1, 0xa7, 0x2b,
		0xa3, 0x4e, 0xeb, 0x45, 0x2f, 0x37, 0x45, 0x8b, 0x20, 0x9e, 0xd6,
		0x3a, 0x29, 0x4d, 0x99, 0x9b, 0x4c, 0x86, 0x67, 0x59, 0x82,
	};
	struct blake2s b;
	u8 out[32];

	blake2s_init(&b, NULL, 0);
	blake2s_update(&b, "a", 1);
	blake2s_update(&b, "bc", 2);
	blake2s_final(&b, out);
	assert_memory_equal(out, expect, 32);
}

static void sequence(u8 *out, size_t n, u32 seed)
{
	u32 a = 0xdead4bad * seed, b = 1;

	for (size_t i = 0; i < n; i++) {
		u32 t = a + b;

		a = b;
		b = t;
		out[i] = (u8)(t >> 24);
	}
}

/*
 * RFC 7693, appendix E: the grand hash of 32-byte results, as in its self test.
 */
static void blake2s_self_test(void **state)
{
	static const u32 lengths[] = {0, 3, 64, 65, 255, 1024};
	/* Computed with another implementation (Python's hashlib). */
	static const u8 expect[32] = {
		0xca, 0xf4, 0xe0, 0xcc, 0x21, 0x11, 0x75, 0x5c, 0x0b, 0x96, 0x72,
		0x54, 0x1e, 0xb9, 0x47, 0x40, 0x6e, 0xa1, 0x71, 0xd4, 0xb6, 0x2c,
		0xb3, 0x63, 0xcf, 0x80, 0xab, 0x56, 0x02, 0x14, 0xd8, 0x04,
	};
	struct blake2s grand, b;
	u8 in[1024], out[32], key[32];

	blake2s_init(&grand, NULL, 0);
	for (unsigned i = 0; i < 6; i++) {
		sequence(in, lengths[i], lengths[i]);
		blake2s_init(&b, NULL, 0);
		blake2s_update(&b, in, lengths[i]);
		blake2s_final(&b, out);
		blake2s_update(&grand, out, 32);
		sequence(key, 32, 32);
		blake2s_init(&b, key, 32);
		for (unsigned k = 0; k < lengths[i]; k++)
			blake2s_update(&b, in + k, 1);
		blake2s_final(&b, out);
		blake2s_update(&grand, out, 32);
	}
	blake2s_final(&grand, out);
	assert_memory_equal(out, expect, 32);
}

/* Same clock, same requests: the outputs differ all the same. */
static void output_changes(void **state)
{
	u8 a[100], b[100];

	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, b, 32);
	random_bytes(a, 0);
	for (unsigned n = 1; n < 200; n++) {
		u8 *exact = malloc(n);

		random_bytes(exact, n);
		free(exact);
	}
}

static void becomes_ready(void **state)
{
	u32 before;
	u8 in[8] = "12345678";

	assert_false(random_ready());
	before = pool_generation();
	for (unsigned i = 0; i < 31; i++)
		random_add(in, sizeof(in), 8);
	assert_false(random_ready());
	random_add(in, sizeof(in), 8);
	assert_true(random_ready());
	assert_int_not_equal(pool_generation(), before);
}

static void below_is_uniform(void **state)
{
	unsigned seen[7] = {0};

	for (unsigned i = 0; i < 7000; i++) {
		u64 v = random_below(7);

		assert_true(v < 7);
		seen[v]++;
	}
	for (unsigned i = 0; i < 7; i++)
		assert_in_range(seen[i], 800, 1200);
	assert_int_equal(random_below(1), 0);
}

static void bits_are_balanced(void **state)
{
	static u8 buf[1 << 16];
	unsigned ones = 0;

	random_bytes(buf, sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		ones += (unsigned)__builtin_popcount(buf[i]);
	assert_in_range(ones, (1 << 18) - 3000, (1 << 18) + 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chacha_vector),
		cmocka_unit_test(blake2s_vector),
		cmocka_unit_test(blake2s_self_test),
		cmocka_unit_test(output_changes),
		cmocka_unit_test(becomes_ready),
		cmocka_unit_test(below_is_uniform),
		cmocka_unit_test(bits_are_balanced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
