/*
 * The serial port COM1, a 16550A or what looks like one (National Semiconductor
 * PC16550D data sheet).
 */
#include "hw.h"
#include <arch/insn.h>
#include <linux/serial_reg.h>

#define COM1 0x3f8
#define COM1_IRQ 4
#define FIFO_SIZE 16

static bool present __ro_after_init;
static bool has_fifo __ro_after_init;
static void (*notify)(void);
/* Both directions; interrupts off. */
static spinlock_t uart_lock = SPINLOCK_INIT;

bool uart_probe(void)
{
	/* The scratch register keeps what is written, an empty bus does not. */
	outb(COM1 + UART_SCR, 0x5a);
	if (inb(COM1 + UART_SCR) != 0x5a)
		return false;
	outb(COM1 + UART_SCR, 0xa5);
	if (inb(COM1 + UART_SCR) != 0xa5)
		return false;
	outb(COM1 + UART_IER, 0);
	outb(COM1 + UART_LCR, UART_LCR_DLAB);
	outb(COM1 + UART_DLL, 1); /* 115200 baud */
	outb(COM1 + UART_DLM, 0);
	outb(COM1 + UART_LCR, UART_LCR_WLEN8);
	outb(COM1 + UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR |
				      UART_FCR_CLEAR_XMIT |
				      UART_FCR_R_TRIG_11);
	has_fifo = (inb(COM1 + UART_IIR) & 0xc0) == 0xc0;
	/* OUT2 lets the interrupt through on a PC. */
	outb(COM1 + UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
	present = true;
	return true;
}

bool uart_present(void)
{
	return present;
}

/*
 * For output, which has to work when the kernel is ending with the lock held:
 * after a while the lock is ignored.  Returns whether it is ours.
 */
static bool lock_patiently(void)
{
	preempt_disable();
	for (u32 i = 0; i < 1000000; i++) {
		if (!__atomic_exchange_n(&uart_lock.locked, 1,
					 __ATOMIC_ACQUIRE))
			return true;
		cpu_relax();
	}
	return false;
}

static void unlock(bool locked)
{
	if (locked)
		__atomic_store_n(&uart_lock.locked, 0, __ATOMIC_RELEASE);
	preempt_enable();
}

static bool ready(u32 patience)
{
	while (!(inb(COM1 + UART_LSR) & UART_LSR_THRE)) {
		if (!patience--)
			return false;
		cpu_relax();
	}
	return true;
}

size_t uart_put(const char *buf, size_t n, u32 patience)
{
	size_t done = 0;

	while (done < n) {
		/* An empty transmitter with a FIFO takes that many at once. */
		size_t room = has_fifo ? FIFO_SIZE : 1;
		u64 flags = irq_save();
		bool locked = lock_patiently(), ok = ready(patience);

		for (; ok && done < n && room; room--)
			outb(COM1 + UART_TX, (u8)buf[done++]);
		unlock(locked);
		irq_restore(flags);
		if (!ok)
			break;
	}
	return done;
}

size_t uart_get(char *buf, size_t n)
{
	size_t got = 0;
	u64 flags;

	if (!present)
		return 0;
	flags = spin_lock_irqsave(&uart_lock);
	while (got < n && (inb(COM1 + UART_LSR) & UART_LSR_DR))
		buf[got++] = (char)inb(COM1 + UART_RX);
	/* All taken: be told of the next one. */
	if (got < n && notify)
		outb(COM1 + UART_IER, UART_IER_RDI);
	spin_unlock_irqrestore(&uart_lock, flags);
	return got;
}

/*
 * The line stays raised as long as there is input, so it is silenced until
 * somebody has read everything; no buffer in between, so none can overflow.
 */
static void interrupt(void *arg)
{
	u8 iir = inb(COM1 + UART_IIR);

	if (iir & UART_IIR_NO_INT)
		return;
	spin_lock(&uart_lock);
	if (inb(COM1 + UART_LSR) & UART_LSR_DR)
		outb(COM1 + UART_IER, 0);
	spin_unlock(&uart_lock);
	if (notify)
		notify();
}

void uart_enable_input(void (*fn)(void))
{
	bool first = !notify;

	if (!present)
		return;
	notify = fn;
	if (first && irq_attach_isa(COM1_IRQ, interrupt, NULL)) {
		kmsg("no interrupt for COM1: its input cannot be used");
		return;
	}
	outb(COM1 + UART_IER, UART_IER_RDI);
}

void uart_drain(void)
{
	/* At least as long as a FIFO takes at 115200 baud on real hardware. */
	for (u32 i = 0; present && i < 20000; i++)
		if (inb(COM1 + UART_LSR) & UART_LSR_TEMT)
			return;
}
