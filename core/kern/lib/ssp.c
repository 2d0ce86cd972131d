/* The compiler's stack protector (-mstack-protector-guard=global). */
#include "log.h"

/* Set by kernel_main before anything that can return through a check. */
u64 __stack_chk_guard __ro_after_init;
void __stack_chk_fail(void) __noreturn;

void __stack_chk_fail(void)
{
	panic("stack smashed in the kernel");
}
