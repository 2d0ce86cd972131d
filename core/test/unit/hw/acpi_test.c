/* sources: core/platform/hw/acpi.c core/platform/hw/acpi_dsdt.c core/platform/hw/mmio/dsdt.c */
/*
 * ACPI tables: good ones are understood, damaged ones are survived.  Each
 * piece of physical memory is a heap block of exactly its size, so that the
 * sanitizer sees every byte read beyond a table.
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
#include "../../../platform/hw/hw.h"

#define MEMORY 0x8000
#define BASE 0xe0000 /* where the BIOS keeps tables */

static u8 memory[MEMORY];
static size_t used;
/* Blocks handed out, until the next tables are built. */
#define GIVEN_MAX 2000
static void *given[GIVEN_MAX];
static size_t given_count;
struct boot_info boot_info;
u64 platform_direct_map;

static struct mmio_device found[16];
static unsigned n_found;

const void *boot_memory(u64 pa, u64 size)
{
	u8 *p = pa ? malloc(size) : NULL;

	if (!p)
		return NULL;
	assert_in_range(given_count, 0, GIVEN_MAX - 1);
	given[given_count++] = p;
	memset(p, 0, size);
	for (size_t i = 0; i < size; i++)
		if (pa + i >= BASE && pa + i < BASE + MEMORY)
			p[i] = memory[pa + i - BASE];
	return p;
}

static void forget(void)
{
	while (given_count)
		free(given[--given_count]);
}

void mmio_found(paddr_t base, u64 size, u32 line, bool level, bool low)
{
	if (n_found < 16)
		found[n_found++] =
			(struct mmio_device){base, size, line, level, low};
}

/* A table with this body; its physical address. */
static u32 add(const char *signature, const void *body, size_t n)
{
	u8 *p = memory + used;
	u32 at = (u32)(BASE + used);

	memset(p, 0, 36);
	memcpy(p, signature, 4);
	put(p + 4, 36 + n, 4);
	memcpy(p + 10, "BOCHS BXPC    ", 14);
	memcpy(p + 36, body, n);
	fix(p, 36 + n, 9);
	used += (36 + n + 15) & ~15ul;
	return at;
}

static const u8 dsdt[] = {
	/* Name (_S5, Package () {5, 6, 0, 0}) */
	0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x04, 0x0a, 0x05, 0x0a, 0x06, 0,
	0,
	/* Device (VR07), _HID "LNRO0005", _CRS */
	0x08, '_', 'H', 'I', 'D', 0x0d, 'L', 'N', 'R', 'O', '0', '0', '0', '5',
	0, 0x08, '_', 'C', 'R', 'S', 0x11, 0x1a, 0x0a, 0x17, 0x86, 0x09, 0x00,
	0x01, 0x00, 0x2e, 0xb0, 0xfe, 0x00, 0x02, 0x00, 0x00, 0x89, 0x06, 0x00,
	0x01, 0x01, 0x2f, 0x00, 0x00, 0x00, 0x79, 0x00,
	/*
	 * Device (GED), _HID "ACPI0013", OperationRegion (EREG, 0, 0xfea00000,
	 * 4)
	 */
	0x08, '_', 'H', 'I', 'D', 0x0d, 'A', 'C', 'P', 'I', '0', '0', '1', '3',
	0, 0x5b, 0x80, 'E', 'R', 'E', 'G', 0x00, 0x0c, 0x00, 0x00, 0xa0, 0xfe,
	0x0a, 0x04, 0x89, 0x06, 0x00, 0x03, 0x01, 0x09, 0x00, 0x00, 0x00, 0x79,
	0x00};

static const u8 madt[] = {
	0, 0, 0xe0, 0xfe, 1, 0, 0, 0,
	0, 8, 0, 0, 1, 0, 0, 0,             /* a processor */
	0, 8, 1, 1, 0, 0, 0, 0,             /* one that is off */
	9, 16, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,
	1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,
	1, 12, 1, 0, 0, 0x10, 0xc0, 0xfe, 24, 0, 0, 0,
	2, 10, 0, 0, 2, 0, 0, 0, 0, 0,      /* IRQ 0 is line 2, as the bus */
	2, 10, 0, 9, 9, 0, 0, 0, 0x0d, 0,   /* IRQ 9: high, level */
	2, 10, 0, 200, 9, 0, 0, 0, 0x0d, 0, /* no such IRQ */
};

static void build(bool reduced)
{
	u8 fadt[240] = {0}, hpet[20] = {0}, mcfg[24] = {0}, list[4 * 4];
	u8 *rsdp = memory;

	memset(memory, 0, sizeof(memory));
	memset(&acpi, 0, sizeof(acpi));
	memset(isa_override, 0, sizeof(isa_override));
	n_found = 0;
	forget();
	used = 48;
	put(fadt + 40 - 36, add("DSDT", dsdt, sizeof(dsdt)), 4);
	put(fadt + 46 - 36, 9, 2);
	put(fadt + 48 - 36, 0xb2, 4);
	fadt[52 - 36] = 2;
	put(fadt + 56 - 36, 0x600, 4);
	put(fadt + 64 - 36, 0x604, 4);
	put(fadt + 76 - 36, 0x608, 4);
	fadt[88 - 36] = 4;
	put(fadt + 112 - 36, BIT(10) | (reduced ? BIT(20) : 0), 4);
	put(fadt + 116 - 36 + 4, 0xcf9, 8);
	fadt[116 - 36] = 1;
	fadt[128 - 36] = 0x0f;
	put(fadt + 244 - 36 + 4, 0xfea00200, 8);
	put(hpet + 44 - 36, 0xfed00000, 8);
	put(mcfg + 44 - 36, 0xb0000000, 8);
	mcfg[55 - 36] = 0xff;
	put(list, add("FACP", fadt, sizeof(fadt)), 4);
	put(list + 4, add("APIC", madt, sizeof(madt)), 4);
	put(list + 8, add("HPET", hpet, sizeof(hpet)), 4);
	put(list + 12, add("MCFG", mcfg, sizeof(mcfg)), 4);
	put(rsdp + 16, add("RSDT", list, sizeof(list)), 4);
	memcpy(rsdp, "RSD PTR ", 8);
	fix(rsdp, 20, 8);
	boot_info.rsdp = rsdp;
}

static void good_tables(void **state)
{
	build(false);
	acpi_init();
	assert_true(acpi.present);
	assert_int_equal(acpi.cpus, 2);
	assert_int_equal(acpi.sci_line, 9);
	assert_int_equal(acpi.pm1a_event, 0x600);
	assert_int_equal(acpi.pm1a_control, 0x604);
	assert_int_equal(acpi.pm_timer, 0x608);
	assert_int_equal(acpi.pm1_event_len, 4);
	assert_int_equal(acpi.reset.address, 0xcf9);
	assert_int_equal(acpi.reset_value, 0x0f);
	assert_int_equal(acpi.hpet, 0xfed00000);
	assert_int_equal(acpi.ecam, 0xb0000000);
	assert_int_equal(acpi.ecam_last, 0xff);
	assert_int_equal(acpi.ioapics, 2);
	assert_int_equal(acpi.ioapic[1].base, 0xfec01000);
	assert_int_equal(acpi.ioapic[1].first, 24);
	assert_true(isa_override[0].valid);
	assert_int_equal(isa_override[0].line, 2);
	assert_false(isa_override[0].has_trigger);
	assert_true(isa_override[9].level);
	assert_true(isa_override[9].has_polarity);
	assert_false(isa_override[9].active_low);
	assert_false(isa_override[8].valid);
}

static void dsdt_devices(void **state)
{
	build(false);
	acpi_init();
	assert_true(acpi.has_s5);
	assert_int_equal(acpi.s5_type_a, 5);
	assert_int_equal(acpi.s5_type_b, 6);
	assert_int_equal(n_found, 1);
	assert_int_equal(found[0].base, 0xfeb02e00);
	assert_int_equal(found[0].size, 0x200);
	assert_int_equal(found[0].irq, 0x2f);
	assert_true(found[0].level);
	assert_false(found[0].active_low);
	/* Fixed hardware has the button. */
	assert_false(acpi.has_ged);
}

static void hardware_reduced(void **state)
{
	build(true);
	acpi_init();
	assert_true(acpi.hw_reduced);
	assert_int_equal(acpi.pm_timer, 0);
	assert_int_equal(acpi.sleep_control.address, 0xfea00200);
	assert_true(acpi.has_ged);
	assert_int_equal(acpi.ged, 0xfea00000);
	assert_int_equal(acpi.ged_line, 9);
	assert_false(acpi.ged_level);
}

/* A MADT alone, with these entries. */
static void madt_alone(const u8 *entries, size_t n)
{
	u8 body[3000] = {0}, list[4];

	build(false);
	assert_true(8 + n <= sizeof(body));
	memcpy(body + 8, entries, n);
	put(list, add("APIC", body, 8 + n), 4);
	put(memory + 16, add("RSDT", list, 4), 4);
	fix(memory, 20, 8);
	acpi_init();
}

static void processors(void **state)
{
	static const u8 list[] = {
		0, 8, 0, 4, 1, 0, 0, 0,    /* not in order, with gaps */
		0, 8, 1, 0, 1, 0, 0, 0,
		0, 8, 2, 2, 2, 0, 0, 0,    /* online capable: not there yet */
		0, 8, 3, 255, 1, 0, 0, 0,  /* the address of all */
		0, 8, 4, 4, 1, 0, 0, 0,    /* again */
		/* In the other way: one again, one new, all, one that is off. */
		9, 16, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		9, 16, 0, 0, 0x2c, 1, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0,
		9, 16, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0,
		9, 16, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0,
		/* Too short to be either. */
		0, 6, 0, 9, 1, 0,
		9, 12, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0,
		/* Longer than it need be. */
		0, 10, 0, 11, 1, 0, 0, 0, 0, 0,
	};

	madt_alone(list, sizeof(list));
	assert_int_equal(acpi.cpus, 4);
	assert_int_equal(acpi.cpu[0], 4);
	assert_int_equal(acpi.cpu[1], 0);
	assert_int_equal(acpi.cpu[2], 0x12c);
	assert_int_equal(acpi.cpu[3], 11);
}

static void processors_without_end(void **state)
{
	/* An entry of no length, one that leads out of the table, half a one. */
	static const u8 none[] = {0, 8, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 8};
	static const u8 beyond[] = {0, 8, 0, 1, 1, 0, 0, 0, 0, 9, 0, 2, 1, 0,
				    0, 0};
	static const u8 half[] = {0, 8, 0, 1, 1, 0, 0, 0, 0};

	madt_alone(none, sizeof(none));
	assert_int_equal(acpi.cpus, 1);
	madt_alone(beyond, sizeof(beyond));
	assert_int_equal(acpi.cpus, 1);
	madt_alone(half, sizeof(half));
	assert_int_equal(acpi.cpus, 1);
}

static void many_processors(void **state)
{
	u8 list[100 * 16] = {0};

	for (unsigned i = 0; i < 100; i++) {
		list[i * 16] = 9;
		list[i * 16 + 1] = 16;
		put(list + i * 16 + 4, 1000 + i, 4);
		list[i * 16 + 8] = 1;
	}
	madt_alone(list, sizeof(list));
	assert_int_equal(acpi.cpus, 100);
	assert_int_equal(acpi.cpu[MAX_CPUS - 1], 1000 + MAX_CPUS - 1);
}

static void bad_checksum(void **state)
{
	build(false);
	memory[10] ^= 1;
	acpi_init();
	assert_false(acpi.present);
}

/* Some bytes wrong, checksums made right, so that the damage is believed. */
static void damaged(void **state)
{
	for (int round = 0; round < 4000; round++) {
		build(round & 1);
		for (u64 n = chance() % 12 + 1; n; n--)
			memory[chance() % used] = (u8)chance();
		for (size_t at = 48; at + 36 < used; at += 16) {
			u32 size;

			memcpy(&size, memory + at + 4, 4);
			if (size >= 36 && size <= used - at)
				fix(memory + at, size, 9);
		}
		memcpy(memory, "RSD PTR ", 8);
		fix(memory, 20, 8);
		acpi_init();
		}
}

/* Any bytes at all as DSDT, of any length. */
static void noise(void **state)
{
	for (int round = 0; round < 20000; round++) {
		size_t n = 36 + chance() % 400;
		u8 *p = malloc(n);

		for (size_t i = 0; i < n; i++)
			p[i] = i < sizeof(dsdt) && chance() % 16 ?
				       dsdt[i] :
				       (u8)chance();
		n_found = 0;
		acpi_scan_dsdt(p, n);
		free(p);
	}
}

static int end(void **state)
{
	forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_tables),
		cmocka_unit_test(dsdt_devices),
		cmocka_unit_test(hardware_reduced),
		cmocka_unit_test(processors),
		cmocka_unit_test(processors_without_end),
		cmocka_unit_test(many_processors),
		cmocka_unit_test(bad_checksum),
		cmocka_unit_test(damaged),
		cmocka_unit_test(noise),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, end);
}
