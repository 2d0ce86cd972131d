/* Interrupts of PCI functions: MSI-X tables and the INTx line. */
#include "log.h"
#include "pci.h"
#include <linux/errno.h>

#define ENTRY_WORDS (PCI_MSIX_ENTRY_SIZE / 4)
#define CONTROL_WORD (PCI_MSIX_ENTRY_VECTOR_CTRL / 4)

int pci_msix_init(struct pci_device *p)
{
	u16 pos = pci_capability(p, PCI_CAP_ID_MSIX, 0);
	u32 where;
	u16 n;

	if (!pos)
		return -ENODEV;
	n = (pci_read16(p, (u16)(pos + PCI_MSIX_FLAGS)) &
	     PCI_MSIX_FLAGS_QSIZE) + 1;
	where = pci_read32(p, (u16)(pos + PCI_MSIX_TABLE));
	p->msix_table = pci_map(p, where & PCI_MSIX_TABLE_BIR,
				where & PCI_MSIX_TABLE_OFFSET,
				(u64)n * PCI_MSIX_ENTRY_SIZE);
	if (!p->msix_table)
		return -ENXIO;
	for (unsigned i = 0; i < n; i++)
		p->msix_table[i * ENTRY_WORDS + CONTROL_WORD] =
		    PCI_MSIX_ENTRY_CTRL_MASKBIT;
	p->msix = pos;
	p->msix_size = n;
	return 0;
}

int pci_msix_attach(struct pci_device *p, unsigned nr,
		    void (*fn)(void *arg), void *arg)
{
	volatile u32 *e = p->msix_table + nr * ENTRY_WORDS;
	struct msi_message m;
	int err;

	if (nr >= p->msix_size)
		return -ENOSPC;
	err = platform_msi_attach(fn, arg, &m);
	if (err)
		return err;
	e[PCI_MSIX_ENTRY_LOWER_ADDR / 4] = (u32)m.address;
	e[PCI_MSIX_ENTRY_UPPER_ADDR / 4] = (u32)(m.address >> 32);
	e[PCI_MSIX_ENTRY_DATA / 4] = m.data;
	e[CONTROL_WORD] = 0;
	return 0;
}

void pci_msix_enable(struct pci_device *p)
{
	u16 flags = pci_read16(p, (u16)(p->msix + PCI_MSIX_FLAGS));

	flags &= (u16)~PCI_MSIX_FLAGS_MASKALL;
	pci_write16(p, (u16)(p->msix + PCI_MSIX_FLAGS),
		    flags | PCI_MSIX_FLAGS_ENABLE);
	pci_write16(p, PCI_COMMAND,
		    pci_read16(p, PCI_COMMAND) | PCI_COMMAND_INTX_DISABLE);
}

int pci_intx_attach(struct pci_device *p, void (*fn)(void *arg), void *arg)
{
	int line;

	if (!pci_read8(p, PCI_INTERRUPT_PIN))
		return -ENODEV;
	line = platform_pci_irq(p->bus, p->dev, p->fn);
	if (line < 0)
		return -ENODEV;
	pci_write16(p, PCI_COMMAND,
		    pci_read16(p, PCI_COMMAND) & ~PCI_COMMAND_INTX_DISABLE);
	/* PCI 2.2.6: level-sensitive, asserted low */
	return platform_irq_attach((u32)line, true, true, fn, arg);
}
