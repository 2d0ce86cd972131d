/* I/O APICs (Intel 82093AA data sheet). */
#include "hw.h"
#include <arch/insn.h>
#include <linux/errno.h>

/* Register select and window, as indexes of u32. */
#define SELECT 0
#define WINDOW 4
#define REG_VERSION 1
#define REG_REDIRECT 0x10 /* two for each pin */

#define ENTRY_ACTIVE_LOW BIT(13)
#define ENTRY_LEVEL BIT(15)
#define ENTRY_MASKED BIT(16)

static struct {
	volatile u32 *regs;
	u32 first, pins;
} ioapics[MAX_IOAPICS] __ro_after_init;
static unsigned n __ro_after_init;
static spinlock_t ioapic_lock = SPINLOCK_INIT; /* interrupts off */

static u32 get(volatile u32 *regs, u32 reg)
{
	regs[SELECT] = reg;
	return regs[WINDOW];
}

static void put(volatile u32 *regs, u32 reg, u32 v)
{
	regs[SELECT] = reg;
	regs[WINDOW] = v;
}

void ioapic_add(paddr_t base, u32 first_line)
{
	volatile u32 *regs;

	if (n == MAX_IOAPICS)
		return;
	regs = platform_map_registers(base, 32);
	if (!regs)
		return;
	/* Nobody there, by either custom of answering for nobody. */
	if (get(regs, REG_VERSION) == ~0u || !get(regs, REG_VERSION)) {
		unmap_physical((const void *)regs, 32);
		return;
	}
	ioapics[n].regs = regs;
	ioapics[n].first = first_line;
	ioapics[n].pins = (get(regs, REG_VERSION) >> 16 & 0xff) + 1;
	for (u32 pin = 0; pin < ioapics[n].pins; pin++)
		put(regs, REG_REDIRECT + 2 * pin, ENTRY_MASKED);
	n++;
}

bool ioapic_present(void)
{
	return n;
}

int ioapic_route(u32 line, u8 vector, bool level, bool active_low, u8 apic_id)
{
	for (unsigned i = 0; i < n; i++) {
		u32 pin = line - ioapics[i].first;
		u64 flags;

		if (pin >= ioapics[i].pins)
			continue;
		flags = spin_lock_irqsave(&ioapic_lock);
		put(ioapics[i].regs, REG_REDIRECT + 2 * pin + 1,
		    (u32)apic_id << 24);
		put(ioapics[i].regs, REG_REDIRECT + 2 * pin,
		    vector | (level ? ENTRY_LEVEL : 0) |
			    (active_low ? ENTRY_ACTIVE_LOW : 0));
		spin_unlock_irqrestore(&ioapic_lock, flags);
		return 0;
	}
	return -ENXIO;
}
