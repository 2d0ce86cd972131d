/* The pair of 8259A interrupt controllers (Intel 8259A data sheet). */
#include "hw.h"
#include <arch/insn.h>
#include <arch/trap.h>

#define MASTER 0x20
#define SLAVE 0xa0
#define ICW1_INIT 0x11 /* edge, cascade, ICW4 follows */
#define ICW4_8086 0x01
#define OCW2_EOI 0x20
#define OCW3_READ_ISR 0x0b
#define CASCADE_IRQ 2
#define ELCR 0x4d0 /* edge/level control; PIIX and ICH data sheets */

static u16 mask = 0xffff;
static spinlock_t i8259_lock = SPINLOCK_INIT; /* interrupts off */

bool i8259_init(void)
{
	outb(MASTER, ICW1_INIT);
	outb(SLAVE, ICW1_INIT);
	outb(MASTER + 1, VECTOR_8259);
	outb(SLAVE + 1, VECTOR_8259 + 8);
	outb(MASTER + 1, BIT(CASCADE_IRQ));
	outb(SLAVE + 1, CASCADE_IRQ);
	outb(MASTER + 1, ICW4_8086);
	outb(SLAVE + 1, ICW4_8086);
	outb(MASTER + 1, (u8)mask);
	outb(SLAVE + 1, (u8)(mask >> 8));
	/* The mask register reads back, an empty bus does not. */
	outb(MASTER + 1, 0xa5);
	if (inb(MASTER + 1) != 0xa5)
		return false;
	outb(MASTER + 1, (u8)mask);
	return true;
}

void i8259_unmask(unsigned irq, bool level)
{
	u64 flags = spin_lock_irqsave(&i8259_lock);
	u16 port = (u16)(ELCR + irq / 8);
	u8 bit = (u8)BIT(irq % 8);

	outb(port, level ? inb(port) | bit : inb(port) & (u8)~bit);
	mask &= (u16)~BIT(irq);
	if (irq >= 8)
		mask &= (u16)~BIT(CASCADE_IRQ);
	outb(MASTER + 1, (u8)mask);
	outb(SLAVE + 1, (u8)(mask >> 8));
	spin_unlock_irqrestore(&i8259_lock, flags);
}

/*
 * A line that dropped before it was acknowledged shows as the lowest priority
 * without a bit in the in-service register.
 */
bool i8259_spurious(unsigned irq)
{
	u16 port = irq == 15 ? SLAVE : MASTER;

	if (irq != 7 && irq != 15)
		return false;
	outb(port, OCW3_READ_ISR);
	if (inb(port) & 0x80)
		return false;
	/* The master has seen a real interrupt on its cascade line. */
	if (irq == 15)
		outb(MASTER, OCW2_EOI);
	return true;
}

void i8259_eoi(unsigned irq)
{
	if (irq >= 8)
		outb(SLAVE, OCW2_EOI);
	outb(MASTER, OCW2_EOI);
}
