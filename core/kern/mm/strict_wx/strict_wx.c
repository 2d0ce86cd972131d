/*
 * The component that takes from programs what Linux allows: memory that is
 * writable and executable at once.  A program that makes code at run time has
 * to write it first and then make it executable.
 */
#include "linkset.h"
#include "vm.h"

static void refuse_wx(void)
{
	vm_refuse_wx = true;
}
INITCALL(INIT_CORE, refuse_wx);
