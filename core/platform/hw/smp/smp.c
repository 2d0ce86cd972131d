/* The component smp: all processors of the machine. */
#include "linkset.h"
#include "smp.h"

static void interrupt(void)
{
	bringup_interrupt();
	call_interrupt();
}

static const struct smp_ops ops = {
	.prepare = bringup_prepare,
	.call = call_others,
	.interrupt = interrupt,
	.stop = stop_others,
	.nmi = stop_nmi,
};
LINKSET(smp, ops);
