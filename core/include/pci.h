/*
 * PCI functions (PCI Local Bus specification 3.0, "PCI" with a section number;
 * its configuration registers are those of PCI Express too).
 *
 * Resources are taken as the firmware assigned them: every machine with PCI
 * that we boot on has firmware that does.  A function whose BAR was left
 * unassigned is reported and not used.
 *
 * Called at start-up, by one thread.
 */
#ifndef RR_PCI_H
#define RR_PCI_H

#include "linkset.h"
#include "platform.h"
#include <linux/pci_regs.h>

struct pci_bar {
	bool io;   /* ports, else memory */
	u64 base;
	u64 size;
};

struct pci_device {
	u8 bus, dev, fn;
	u16 vendor, device;
	char where[16]; /* "00:03.0", for messages */
	struct pci_bar bar[PCI_STD_NUM_BARS]; /* those in bars_known */
	u8 bars_known;
	u16 msix;       /* capability, 0: none */
	u16 msix_size;  /* vectors in its table */
	volatile u32 *msix_table;
};

struct pci_driver {
	const char *name;
	bool (*match)(u16 vendor, u16 device);
	/* Take it; d lives for ever.  0 or -errno (reported). */
	int (*probe)(struct pci_device *p);
};

#define PCI_DRIVER(driver) LINKSET(pci_drivers, driver)

u8 pci_read8(const struct pci_device *p, u16 reg);
u16 pci_read16(const struct pci_device *p, u16 reg);
u32 pci_read32(const struct pci_device *p, u16 reg);
void pci_write16(const struct pci_device *p, u16 reg, u16 v);
void pci_write32(const struct pci_device *p, u16 reg, u32 v);

/*
 * The first capability with this id after position from (0: from the start);
 * its position, or 0.
 */
u16 pci_capability(const struct pci_device *p, u8 id, u16 from);

/* Let it answer and be bus master. */
void pci_enable(const struct pci_device *p);

/* 0; -ENXIO: not there; -EINVAL: not assigned. */
int pci_bar(struct pci_device *p, unsigned nr, struct pci_bar *bar);
/*
 * Map bytes [off, off + len) of a memory BAR.  NULL: outside the BAR, not
 * memory, not assigned, no address space.
 */
volatile void *pci_map(struct pci_device *p, unsigned nr, u64 off, u64 len);

/*
 * Message-signalled interrupts (PCI 6.8.2).  pci_msix_init finds the table and
 * masks all; 0 or -errno.  pci_msix_attach has vector nr call fn(arg); 0 or
 * -errno. pci_msix_enable switches from the line to messages.
 */
int pci_msix_init(struct pci_device *p);
int pci_msix_attach(struct pci_device *p, unsigned nr,
		    void (*fn)(void *arg), void *arg);
void pci_msix_enable(struct pci_device *p);
/* The line interrupt; 0 or -errno. */
int pci_intx_attach(struct pci_device *p, void (*fn)(void *arg), void *arg);

#endif
