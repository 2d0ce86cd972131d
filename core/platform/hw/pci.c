/* Access to PCI configuration space. */
#include "hw.h"
#include <arch/insn.h>
#include <linux/pci_regs.h>

/* Configuration mechanism #1: PCI 3.0, 3.2.2.3.2 */
#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define CONFIG_ENABLE 0x80000000u

static bool mechanism1 __ro_after_init;
/* The register pair; interrupts off. */
static spinlock_t pci_lock = SPINLOCK_INIT;

/*
 * ECAM (PCI Express 7.2.2): a bus is 1 MiB.  Mapped bus by bus when first used,
 * since the whole window would take 256 MiB of address space.
 */
#define ECAM_BUS_SIZE (1u << 20)
static volatile u8 *ecam_bus[256];

static volatile u8 *ecam(u8 bus, u8 dev, u8 fn, u16 reg)
{
	volatile u8 *p;

	if (!acpi.ecam || bus < acpi.ecam_first || bus > acpi.ecam_last ||
	    reg >= 4096)
		return NULL;
	p = __atomic_load_n(&ecam_bus[bus], __ATOMIC_ACQUIRE);
	if (!p) {
		p = platform_map_registers(
			acpi.ecam + (u64)bus * ECAM_BUS_SIZE, ECAM_BUS_SIZE);
		if (!p)
			return NULL;
		__atomic_store_n(&ecam_bus[bus], p, __ATOMIC_RELEASE);
	}
	return p + ((u32)dev << 15 | (u32)fn << 12 | reg);
}

static u32 address(u8 bus, u8 dev, u8 fn, u16 reg)
{
	return CONFIG_ENABLE | (u32)bus << 16 | (u32)dev << 11 |
	       (u32)fn << 8 | (reg & 0xfcu);
}

u32 platform_pci_read(u8 bus, u8 dev, u8 fn, u16 reg, unsigned size)
{
	volatile u8 *p;
	u16 port = (u16)(CONFIG_DATA + (reg & 3));
	u64 flags;
	u32 v;

	if (reg < 256 && mechanism1) {
		flags = spin_lock_irqsave(&pci_lock);
		outl(CONFIG_ADDRESS, address(bus, dev, fn, reg));
		v = size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
		spin_unlock_irqrestore(&pci_lock, flags);
		return v;
	}
	p = ecam(bus, dev, fn, reg);
	if (!p)
		return size == 1 ? 0xff : size == 2 ? 0xffff : ~0u;
	return size == 1 ? *p :
	       size == 2 ? *(volatile u16 *)p :
			   *(volatile u32 *)p;
}

void platform_pci_write(u8 bus, u8 dev, u8 fn, u16 reg, unsigned size, u32 v)
{
	volatile u8 *p;
	u16 port = (u16)(CONFIG_DATA + (reg & 3));
	u64 flags;

	if (reg < 256 && mechanism1) {
		flags = spin_lock_irqsave(&pci_lock);
		outl(CONFIG_ADDRESS, address(bus, dev, fn, reg));
		if (size == 1)
			outb(port, (u8)v);
		else if (size == 2)
			outw(port, (u16)v);
		else
			outl(port, v);
		spin_unlock_irqrestore(&pci_lock, flags);
		return;
	}
	p = ecam(bus, dev, fn, reg);
	if (!p)
		return;
	if (size == 1)
		*p = (u8)v;
	else if (size == 2)
		*(volatile u16 *)p = (u16)v;
	else
		*(volatile u32 *)p = v;
}

/*
 * The line that firmware wrote down: that of the 8259.  It is the I/O APIC's
 * line as well on chipsets whose PCI interrupt router drives both (PIIX, and
 * QEMU's ICH9). On others the way to the I/O APIC is known to the DSDT's _PRT
 * only, which we do not run; devices with MSI-X do not care.
 */
int platform_pci_irq(u8 bus, u8 dev, u8 fn)
{
	u32 line = platform_pci_read(bus, dev, fn, PCI_INTERRUPT_LINE, 1);

	if (!platform_pci_read(bus, dev, fn, PCI_INTERRUPT_PIN, 1) || !line ||
	    line >= ISA_LINES)
		return -1;
	return (int)line;
}

void pci_init(void)
{
	u32 old = inl(CONFIG_ADDRESS);

	outl(CONFIG_ADDRESS, CONFIG_ENABLE);
	mechanism1 = inl(CONFIG_ADDRESS) == CONFIG_ENABLE;
	outl(CONFIG_ADDRESS, old);
}
