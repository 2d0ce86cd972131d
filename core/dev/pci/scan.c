/*
 * Finding PCI functions: bus 0 and whatever buses the firmware put behind
 * bridges.
 */
#include "log.h"
#include "page.h"
#include "pci.h"

LINKSET_DECLARE(pci_drivers);

/* Bus 0 and those that bridges led to, each once, in the order found. */
struct buses {
	u8 bus[256];
	unsigned count;
};

static void add_bus(struct buses *b, u8 bus)
{
	for (unsigned i = 0; i < b->count; i++)
		if (b->bus[i] == bus)
			return;
	b->bus[b->count++] = bus;
}

static void take(const struct pci_driver *drv, u8 bus, u8 dev, u8 fn, u32 id)
{
	struct pci_device *p = kzalloc(sizeof(*p), 0);
	int err;

	if (!p) {
		kmsg("%s: no memory for another device", drv->name);
		return;
	}
	p->bus = bus;
	p->dev = dev;
	p->fn = fn;
	p->vendor = (u16)id;
	p->device = (u16)(id >> 16);
	ksnprintf(p->where, sizeof(p->where), "%02x:%02x.%u", bus, dev, fn);
	err = drv->probe(p);
	if (err)
		kmsg("%s: pci %s cannot be used (error %d)", drv->name,
		     p->where, -err);
}

static void offer(u8 bus, u8 dev, u8 fn, u32 id)
{
	const struct pci_driver *drv;

	LINKSET_FOREACH(pci_drivers, drv) {
		if (drv->match((u16)id, (u16)(id >> 16))) {
			take(drv, bus, dev, fn, id);
			return;
		}
	}
}

/*
 * Every access leaves the guest, twice with ports: no more of them than it takes
 * to know whether somebody wants the function.
 */
static void scan_device(u8 bus, u8 dev, struct buses *b)
{
	u8 functions = 1;

	for (u8 fn = 0; fn < functions; fn++) {
		u32 id = platform_pci_read(bus, dev, fn, PCI_VENDOR_ID, 4), type;

		if ((u16)id == 0xffff || (u16)id == 0) {
			if (fn == 0)
				return;
			continue;
		}
		type = platform_pci_read(bus, dev, fn, PCI_HEADER_TYPE, 1);
		/* bit 7: more functions (PCI 6.2.1) */
		if (fn == 0 && (type & 0x80))
			functions = 8;
		type &= 0x7f;
		if (type == PCI_HEADER_TYPE_BRIDGE)
			add_bus(b, (u8)platform_pci_read(bus, dev, fn,
						PCI_SECONDARY_BUS, 1));
		else if (type == PCI_HEADER_TYPE_NORMAL)
			offer(bus, dev, fn, id);
	}
}

static void pci_scan(void)
{
	struct buses b;

	b.bus[0] = 0;
	b.count = 1;
	for (unsigned i = 0; i < b.count; i++)
		for (u8 dev = 0; dev < 32; dev++)
			scan_device(b.bus[i], dev, &b);
}
INITCALL(INIT_BUS, pci_scan);
