/* sources: core/platform/hw/memory.c core/platform/hw/mmio.c core/platform/hw/mmio/devices.c */
/*
 * Memory maps: sorting, melting, reserving; devices named on the command line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../platform/hw/hw.h"

struct boot_info boot_info;
u64 platform_direct_map;

#define MIB (1ull << 20)

/* The state is static and lasts: one story in steps. */
static void map(void **state)
{
	size_t n;
	const struct phys_range *r;

	memory_add(1 * MIB, 3 * MIB);
	memory_add(0, 0x9fc00);
	memory_add(4 * MIB, 1 * MIB);     /* touches the first */
	memory_add(8 * MIB + 1, 2 * MIB); /* not whole pages */
	memory_add(7 * MIB, 100);         /* no page at all */
	r = memory_all(&n);
	assert_int_equal(n, 3);
	assert_int_equal(r[0].base, 0x1000); /* page 0 is left out */
	assert_int_equal(r[0].size, 0x9e000);
	assert_int_equal(r[1].base, 1 * MIB);
	assert_int_equal(r[1].size, 4 * MIB);
	assert_int_equal(r[2].base, 8 * MIB + 4096);
	assert_int_equal(r[2].size, 2 * MIB - 4096);
	/* Melts two into one. */
	memory_add(2 * MIB, 7 * MIB);
	memory_all(&n);
	assert_int_equal(n, 2);
	assert_true(memory_contains(1 * MIB, 9 * MIB));
	assert_false(memory_contains(1 * MIB, 9 * MIB + 1));
	assert_false(memory_contains(0x9f000, 4096));
	assert_false(memory_contains(5 * MIB, UINT64_MAX));
	/* Wraps around: cut off. */
	memory_add(UINT64_MAX - 4096, 8192);
	memory_all(&n);
	assert_int_equal(n, 2);
}

static void reserve(void **state)
{
	u8 *fake = calloc(1, 10 * MIB);
	const struct phys_range *r;
	size_t n;

	platform_direct_map = (u64)(uintptr_t)fake;
	memory_reserve(1 * MIB, 0x80000, false);
	memory_reserve(0x180000, 0x6000, true);
	memory_reserve(0x1000, 0x1000, true);
	memset(fake + 0x2000, 0xff, 4096);
	assert_int_equal(memory_early_page(), 0x2000);
	assert_int_equal(fake[0x2000], 0);
	assert_int_equal(memory_early_page(), 0x3000);
	/* Too large for what is below: behind image and tables. */
	assert_int_equal(memory_early(0xa0000), 0x186000);
	memory_finish();
	r = platform_memory(&n);
	assert_int_equal(n, 4);
	assert_int_equal(r[0].base, 0x1000); /* was temporary */
	assert_int_equal(r[0].size, 0x1000);
	assert_int_equal(r[1].base, 0x4000);
	assert_int_equal(r[2].base, 0x180000);
	assert_int_equal(r[2].size, 0x6000);
	assert_int_equal(r[3].base, 0x226000);
	assert_int_equal(r[3].base + r[3].size, 10 * MIB);
	free(fake);
}

static void command_line(void **state)
{
	char line[] = "a=b virtio_mmio.device=512@0xfeb00e00:12 "
		      "virtio_mmio.device=4K@0xd0000000:5:1 "
		      "virtio_mmio.device=junk {\"x\":1}";
	const struct mmio_device *d;
	size_t n;

	boot_info.cmdline = line;
	mmio_init();
	d = platform_mmio_devices(&n);
	assert_int_equal(n, 2);
	assert_int_equal(d[0].base, 0xfeb00e00);
	assert_int_equal(d[0].size, 512);
	assert_int_equal(d[0].irq, 12);
	assert_int_equal(d[1].base, 0xd0000000);
	assert_int_equal(d[1].size, 4096);
	assert_int_equal(d[1].irq, 5);
	/* What is left is the configuration's, at its place. */
	assert_null(strstr(line, "virtio"));
	assert_non_null(strstr(line, "a=b "));
	assert_non_null(strstr(line, " {\"x\":1}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map),
		cmocka_unit_test(reserve),
		cmocka_unit_test(command_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
