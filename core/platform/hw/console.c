/* The log channel and the console of last resort (core/PROTOCOL.md, 5). */
#include "hw.h"
#include "thread.h"
#include <arch/insn.h>

#define DEBUGCON 0xe9
#define DEBUGCON_READBACK 0xe9 /* QEMU docs, isa-debugcon; Bochs has the same */

/* Reads of the line status that a byte of a message is worth waiting for. */
#define LOG_PATIENCE 100000

static bool has_debugcon __ro_after_init;

void console_init(void)
{
	has_debugcon = inb(DEBUGCON) == DEBUGCON_READBACK;
	uart_probe();
}

/*
 * Messages go out at once, from any context.  debugcon takes a whole string
 * with one instruction, which is one exit for a hypervisor that batches them.
 */
void platform_log(const char *buf, size_t n)
{
	if (has_debugcon)
		__asm__ __volatile__("rep outsb"
				     : "+S"(buf), "+c"(n)
				     : "d"(DEBUGCON)
				     : "memory");
	else if (uart_present())
		uart_put(buf, n, LOG_PATIENCE);
}

/*
 * What a program writes must not get lost because the other side reads slowly:
 * wait, and let other threads run meanwhile.
 */
void platform_console_write(const char *buf, size_t n)
{
	while (n && uart_present()) {
		size_t done = uart_put(buf, n, 1000);

		if (!done && irqs_enabled() && !preempt_count())
			thread_yield();
		buf += done;
		n -= done;
	}
}

size_t platform_console_read(char *buf, size_t n)
{
	return uart_get(buf, n);
}

void platform_console_notify(void (*fn)(void))
{
	uart_enable_input(fn);
}
