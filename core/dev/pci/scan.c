/*
 * Finding PCI functions: bus 0 and whatever buses the firmware put behind
 * bridges.
 */
#include "list.h"
#include "log.h"
#include "page.h"
#include "pci.h"

LINKSET_DECLARE(pci_drivers);

/* Buses that a bridge led to and those that were walked, a bit each. */
struct buses {
	u64 found[4], done[4];
};

static bool test(const u64 *map, unsigned bus)
{
	return map[bus / 64] & BIT(bus % 64);
}

static void set(u64 *map, unsigned bus)
{
	map[bus / 64] |= BIT(bus % 64);
}

static void offer(const struct pci_device *found)
{
	const struct pci_driver *drv;
	struct pci_device *p;
	int err;

	LINKSET_FOREACH(pci_drivers, drv) {
		if (!drv->match(found))
			continue;
		p = kmalloc(sizeof(*p), 0);
		if (!p) {
			kmsg("no memory for pci %s", found->where);
			return;
		}
		*p = *found;
		err = drv->probe(p);
		if (err)
			kmsg("%s: pci %s cannot be used (error %d)", drv->name,
			     p->where, -err);
		return;
	}
}

static void look(u8 bus, u8 dev, u8 fn, u32 id, struct buses *b)
{
	struct pci_device p = {.bus = bus, .dev = dev, .fn = fn};
	u8 type;

	p.vendor = (u16)id;
	p.device = (u16)(id >> 16);
	p.class = pci_read32(&p, PCI_CLASS_REVISION) >> 8;
	type = pci_read8(&p, PCI_HEADER_TYPE) & 0x7f;
	ksnprintf(p.where, sizeof(p.where), "%02x:%02x.%u", bus, dev, fn);
	if (type == PCI_HEADER_TYPE_BRIDGE) {
		set(b->found, pci_read8(&p, PCI_SECONDARY_BUS));
		return;
	}
	if (type != PCI_HEADER_TYPE_NORMAL)
		return;
	p.subvendor = pci_read16(&p, PCI_SUBSYSTEM_VENDOR_ID);
	p.subdevice = pci_read16(&p, PCI_SUBSYSTEM_ID);
	offer(&p);
}

static void scan_device(u8 bus, u8 dev, struct buses *b)
{
	u8 functions = 1;

	for (u8 fn = 0; fn < functions; fn++) {
		u32 id = platform_pci_read(bus, dev, fn, PCI_VENDOR_ID, 4);

		if ((u16)id == 0xffff || (u16)id == 0) {
			if (fn == 0)
				return;
			continue;
		}
		/* bit 7: more functions (PCI 6.2.1) */
		if (fn == 0 && platform_pci_read(bus, dev, 0, PCI_HEADER_TYPE,
						 1) & 0x80)
			functions = 8;
		look(bus, dev, fn, id, b);
	}
}

static void pci_scan(void)
{
	struct buses b = {{1}, {0}};
	bool more = true;

	while (more) {
		more = false;
		for (unsigned bus = 0; bus < 256; bus++) {
			if (!test(b.found, bus) || test(b.done, bus))
				continue;
			set(b.done, bus);
			more = true;
			for (u8 dev = 0; dev < 32; dev++)
				scan_device((u8)bus, dev, &b);
		}
	}
}
INITCALL(INIT_BUS, pci_scan);
