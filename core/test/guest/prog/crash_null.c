/* A fault that nobody handles: a report, and status 128 + 11. */
#include "check.h"

__attribute__((noinline)) static void innermost(volatile int *p) { *p = 1; }
__attribute__((noinline)) static void middle(void) { innermost(NULL); show("never", ""); }

int main(void)
{
	show("before", "ok");
	middle();
	return 0;
}
