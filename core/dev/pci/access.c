/* PCI configuration space: registers, capabilities, base addresses. */
#include "log.h"
#include "pci.h"
#include <linux/errno.h>

u8 pci_read8(const struct pci_device *p, u16 reg)
{
	return (u8)platform_pci_read(p->bus, p->dev, p->fn, reg, 1);
}

u16 pci_read16(const struct pci_device *p, u16 reg)
{
	return (u16)platform_pci_read(p->bus, p->dev, p->fn, reg, 2);
}

u32 pci_read32(const struct pci_device *p, u16 reg)
{
	return platform_pci_read(p->bus, p->dev, p->fn, reg, 4);
}

void pci_write16(const struct pci_device *p, u16 reg, u16 v)
{
	platform_pci_write(p->bus, p->dev, p->fn, reg, 2, v);
}

void pci_write32(const struct pci_device *p, u16 reg, u32 v)
{
	platform_pci_write(p->bus, p->dev, p->fn, reg, 4, v);
}

/*
 * PCI 6.7.  The list is the device's: at most 48 entries fit, so a longer walk
 * is a loop.
 */
u16 pci_capability(const struct pci_device *p, u8 id, u16 from)
{
	unsigned left = (256 - PCI_STD_HEADER_SIZEOF) / PCI_CAP_SIZEOF;
	u16 pos;

	if (!(pci_read16(p, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	pos = pci_read8(p, from ? (u16)(from + PCI_CAP_LIST_NEXT) :
				  PCI_CAPABILITY_LIST);
	while (left--) {
		pos &= 0xfc; /* the low bits are reserved */
		if (pos < PCI_STD_HEADER_SIZEOF)
			return 0;
		if (pci_read8(p, pos) == id)
			return pos;
		pos = pci_read8(p, (u16)(pos + PCI_CAP_LIST_NEXT));
	}
	return 0;
}

void pci_enable(const struct pci_device *p)
{
	u16 cmd = pci_read16(p, PCI_COMMAND);

	pci_write16(p, PCI_COMMAND,
		    cmd | PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
			PCI_COMMAND_MASTER);
}

/* Size a register by writing ones (PCI 6.2.5.1); decoding is off. */
static u32 size_mask(const struct pci_device *p, u16 reg, u32 old)
{
	u32 mask;

	pci_write32(p, reg, ~0u);
	mask = pci_read32(p, reg);
	pci_write32(p, reg, old);
	return mask;
}

static int find_bar(const struct pci_device *p, unsigned nr,
		    struct pci_bar *bar)
{
	u16 reg = (u16)(PCI_BASE_ADDRESS_0 + 4 * nr);
	u32 lo = pci_read32(p, reg), hi = 0, mask, mask_hi = ~0u;
	bool wide = false;
	u16 cmd;

	bar->io = lo & PCI_BASE_ADDRESS_SPACE_IO;
	if (!bar->io && (lo & PCI_BASE_ADDRESS_MEM_TYPE_MASK) ==
			    PCI_BASE_ADDRESS_MEM_TYPE_64) {
		if (nr + 1 >= PCI_STD_NUM_BARS)
			return -ENXIO;
		wide = true;
		hi = pci_read32(p, (u16)(reg + 4));
	}
	cmd = pci_read16(p, PCI_COMMAND);
	pci_write16(p, PCI_COMMAND,
		    cmd & (u16)~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	mask = size_mask(p, reg, lo);
	if (wide)
		mask_hi = size_mask(p, (u16)(reg + 4), hi);
	pci_write16(p, PCI_COMMAND, cmd);
	if (bar->io) {
		mask &= (u32)PCI_BASE_ADDRESS_IO_MASK;
		if (!mask)
			return -ENXIO;
		mask |= 0xffff0000; /* the upper half may be hard-wired to 0 */
		bar->size = (u32)(~mask + 1);
		bar->base = lo & (u32)PCI_BASE_ADDRESS_IO_MASK;
		return 0;
	}
	mask &= (u32)PCI_BASE_ADDRESS_MEM_MASK;
	if (!mask && (!wide || !mask_hi))
		return -ENXIO;
	bar->size = ~((u64)mask_hi << 32 | mask) + 1;
	bar->base = (u64)hi << 32 | (lo & (u32)PCI_BASE_ADDRESS_MEM_MASK);
	return 0;
}

int pci_bar(struct pci_device *p, unsigned nr, struct pci_bar *bar)
{
	int err;

	if (nr >= PCI_STD_NUM_BARS)
		return -ENXIO;
	if (!(p->bars_known & BIT(nr))) {
		err = find_bar(p, nr, &p->bar[nr]);
		if (err)
			return err;
		p->bars_known |= (u8)BIT(nr);
	}
	*bar = p->bar[nr];
	return bar->base ? 0 : -EINVAL;
}

volatile void *pci_map(struct pci_device *p, unsigned nr, u64 off, u64 len)
{
	struct pci_bar bar;
	int err = pci_bar(p, nr, &bar);

	if (err == -EINVAL)
		kmsg("pci %s: the firmware did not assign BAR %u", p->where,
		     nr);
	if (err || bar.io || !len || off > bar.size || len > bar.size - off)
		return NULL;
	return platform_map_registers(bar.base + off, len);
}
