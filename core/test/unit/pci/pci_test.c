/* sources: core/dev/pci/access.c core/dev/pci/scan.c core/dev/pci/interrupt.c */
/* PCI against configuration spaces made up by the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "pci.h"
#include <linux/errno.h>

/* ---- the platform: functions by bus, device 0 to 3, function 0 ---- */

static u8 space[256][4][256];
static u32 bar_mask[6]; /* of bus 0 device 0: the bits that can be written */
static u8 registers[8192];
static unsigned messages, reads;

u32 platform_pci_read(u8 bus, u8 dev, u8 fn, u16 reg, unsigned size)
{
	u32 v = 0;

	reads++;
	assert_true(reg + size <= 256);
	if (dev >= 4 || fn || !space[bus][dev][0])
		return ~0u >> (32 - 8 * size);
	memcpy(&v, &space[bus][dev][reg], size);
	return v;
}

void platform_pci_write(u8 bus, u8 dev, u8 fn, u16 reg, unsigned size, u32 v)
{
	u8 *p = &space[bus][dev][reg];

	assert_true(reg + size <= 256);
	if (reg >= 0x10 && reg < 0x28) {
		u32 old, mask = bar_mask[(reg - 0x10) / 4];

		memcpy(&old, p, 4);
		v = (old & ~mask & 0xf) | (v & mask);
	}
	memcpy(p, &v, size);
}

int platform_pci_irq(u8 bus, u8 dev, u8 fn)
{
	return 11;
}

int platform_irq_attach(u32 line, bool level, bool active_low, irq_handler fn,
			void *arg)
{
	return line == 11 && level && active_low ? 0 : -EINVAL;
}

int platform_msi_attach(irq_handler fn, void *arg, struct msi_message *out)
{
	if (++messages > 2)
		return -ENOSPC;
	*out = (struct msi_message){0xfee00000, 0x40 + messages};
	return 0;
}

volatile void *platform_map_registers(paddr_t pa, size_t size)
{
	if (pa < 0xfe000000 || pa + size > 0xfe000000 + sizeof(registers))
		return NULL;
	return registers + (pa - 0xfe000000);
}

/* ---- a driver that takes what it is offered ---- */

static struct pci_device found[20];
static unsigned found_count;

static bool match(u16 vendor, u16 device)
{
	return vendor == 0x1af4;
}

static int probe(struct pci_device *p)
{
	found[found_count++] = *p;
	free(p);
	return 0;
}

static const struct pci_driver driver = {"test", match, probe};
PCI_DRIVER(driver);

LINKSET_DECLARE(init);

static void scan(void)
{
	const struct init_entry *e;

	found_count = reads = 0;
	LINKSET_FOREACH(init, e)
		e->fn();
}

static void put32(u8 *p, u32 v)
{
	memcpy(p, &v, 4);
}

static void function(u8 bus, u8 dev, u16 device)
{
	memset(space[bus][dev], 0, 256);
	put32(space[bus][dev], 0x1af4 | (u32)device << 16);
}

static void bridge(u8 bus, u8 dev, u8 to)
{
	function(bus, dev, 1);
	space[bus][dev][PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
	space[bus][dev][PCI_SECONDARY_BUS] = to;
}

static void buses(void **state)
{
	memset(space, 0, sizeof(space));
	scan();
	assert_int_equal(found_count, 0);
	assert_int_equal(reads, 32); /* one for each place of bus 0 */
	function(0, 0, 0x1000);
	bridge(0, 1, 200);
	function(200, 2, 0x1001);
	bridge(200, 3, 5);
	function(5, 0, 0x1002);
	/* Bridges in a circle, and onto themselves. */
	bridge(5, 1, 0);
	bridge(5, 2, 5);
	bridge(5, 3, 200);
	scan();
	assert_int_equal(found_count, 3);
	assert_int_equal(found[0].device, 0x1000);
	assert_int_equal(found[0].bus, 0);
	assert_string_equal(found[0].where, "00:00.0");
	assert_true(found[1].bus == 5 || found[1].bus == 200);
}

static struct pci_device dev0;

static void capabilities(void **state)
{
	u8 *s = space[0][0];

	memset(space, 0, sizeof(space));
	function(0, 0, 0x1041);
	memset(&dev0, 0, sizeof(dev0));
	assert_int_equal(pci_capability(&dev0, 9, 0), 0); /* no list */
	s[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	assert_int_equal(pci_capability(&dev0, 9, 0), 0); /* empty */
	s[PCI_CAPABILITY_LIST] = 0x40;
	s[0x40] = 9;
	s[0x41] = 0x53; /* low bits are reserved */
	s[0x50] = 17;
	s[0x51] = 0x60;
	s[0x60] = 9;
	assert_int_equal(pci_capability(&dev0, 9, 0), 0x40);
	assert_int_equal(pci_capability(&dev0, 9, 0x40), 0x60);
	assert_int_equal(pci_capability(&dev0, 9, 0x60), 0);
	assert_int_equal(pci_capability(&dev0, 17, 0), 0x50);
	s[0x61] = 0x40; /* a circle */
	assert_int_equal(pci_capability(&dev0, 5, 0), 0);
	s[0x61] = 0x10; /* into the header */
	assert_int_equal(pci_capability(&dev0, 5, 0), 0);
	s[0x61] = 0xfc; /* the last place */
	s[0xfc] = 5;
	assert_int_equal(pci_capability(&dev0, 5, 0), 0xfc);
}

static void bars(void **state)
{
	struct pci_bar b;
	u8 *s = space[0][0];

	function(0, 0, 0x1041);
	put32(s + 0x10, 0xc001); /* ports */
	bar_mask[0] = 0xffe0;    /* with the upper half hard-wired */
	put32(s + 0x14, 0xfe000000);
	bar_mask[1] = 0xfffff000;
	put32(s + 0x18, 0xfe001004); /* 64 bits */
	bar_mask[2] = 0xfffff000;
	bar_mask[3] = 0xffffffff;
	put32(s + 0x20, 0); /* there, not assigned */
	bar_mask[4] = 0xfffff000;
	bar_mask[5] = 0; /* not there */
	memset(&dev0, 0, sizeof(dev0));
	assert_int_equal(pci_bar(&dev0, 0, &b), 0);
	assert_true(b.io);
	assert_int_equal(b.base, 0xc000);
	assert_int_equal(b.size, 32);
	assert_int_equal(pci_bar(&dev0, 1, &b), 0);
	assert_false(b.io);
	assert_int_equal(b.size, 4096);
	assert_int_equal(pci_bar(&dev0, 2, &b), 0);
	assert_int_equal(b.base, 0xfe001000);
	assert_int_equal(b.size, 4096);
	assert_int_equal(pci_bar(&dev0, 4, &b), -EINVAL);
	assert_int_equal(pci_bar(&dev0, 5, &b), -ENXIO);
	assert_int_equal(pci_bar(&dev0, 6, &b), -ENXIO);
	/* What was there is there again. */
	assert_int_equal(pci_read32(&dev0, 0x10), 0xc001);
	assert_int_equal(pci_read32(&dev0, 0x18), 0xfe001004);
	assert_null(pci_map(&dev0, 0, 0, 4)); /* ports */
	assert_non_null(pci_map(&dev0, 1, 0, 4096));
	assert_null(pci_map(&dev0, 1, 0, 4097));
	assert_null(pci_map(&dev0, 1, 4096, 1));
	assert_null(pci_map(&dev0, 1, UINT64_MAX, 2));
	assert_null(pci_map(&dev0, 1, 1, UINT64_MAX));
	assert_null(pci_map(&dev0, 1, 0, 0));
	assert_null(pci_map(&dev0, 4, 0, 16));
}

static void nothing(void *arg) {}

static void msix(void **state)
{
	volatile u32 *t = (volatile u32 *)(registers + 2048);
	u8 *s = space[0][0];

	memset(&dev0, 0, sizeof(dev0));
	s[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	s[PCI_CAPABILITY_LIST] = 0x40;
	s[0x40] = PCI_CAP_ID_MSIX;
	s[0x41] = 0;
	s[0x42] = 3;                 /* four vectors */
	put32(s + 0x44, 2048 | 1);   /* in BAR 1 */
	messages = 0;
	assert_int_equal(pci_msix_init(&dev0), 0);
	assert_int_equal(t[3], PCI_MSIX_ENTRY_CTRL_MASKBIT);
	assert_int_equal(pci_msix_attach(&dev0, 0, nothing, NULL), 0);
	assert_int_equal(t[0], 0xfee00000);
	assert_int_equal(t[2], 0x41);
	assert_int_equal(t[3], 0);
	assert_int_equal(pci_msix_attach(&dev0, 4, nothing, NULL), -ENOSPC);
	pci_msix_enable(&dev0);
	assert_true(s[0x43] & (PCI_MSIX_FLAGS_ENABLE >> 8));
	assert_true(s[PCI_COMMAND + 1] & (PCI_COMMAND_INTX_DISABLE >> 8));
	s[0x43] = 7; /* 2048 vectors do not fit behind that offset */
	s[0x42] = 255;
	memset(&dev0, 0, sizeof(dev0));
	assert_int_equal(pci_msix_init(&dev0), -ENXIO);
	assert_int_equal(pci_intx_attach(&dev0, nothing, NULL), -ENODEV);
	s[PCI_INTERRUPT_PIN] = 1;
	assert_int_equal(pci_intx_attach(&dev0, nothing, NULL), 0);
	assert_false(s[PCI_COMMAND + 1] & (PCI_COMMAND_INTX_DISABLE >> 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buses), cmocka_unit_test(capabilities),
		cmocka_unit_test(bars), cmocka_unit_test(msix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
