/* The end: the status line, and off (core/PROTOCOL.md, 5). */
#include "hw.h"

#define STATUS_PANIC 120
#define STATUS_OOM 121

void platform_halt(enum halt_cause cause, int status)
{
	char line[64];
	int n;

	irq_disable();
	platform_stop_others();
	switch (cause) {
	case HALT_EXIT:
		n = ksnprintf(line, sizeof(line), "rumprun-status: exit %d\n",
			      status);
		break;
	case HALT_SIGNAL:
		n = ksnprintf(line, sizeof(line), "rumprun-status: signal %d\n",
			      status);
		status += 128;
		break;
	case HALT_OOM:
		n = ksnprintf(line, sizeof(line), "rumprun-status: oom\n");
		status = STATUS_OOM;
		break;
	default:
		n = ksnprintf(line, sizeof(line), "rumprun-status: panic\n");
		status = STATUS_PANIC;
		break;
	}
	platform_log(line, (size_t)n);
	uart_drain();
	power_off(status);
	for (;;)
		__asm__ __volatile__("cli; hlt");
}
