/* abort, by way of a corrupted heap and the stack protector's cousin. */
#include "check.h"

int main(void)
{
	show("before", "ok");
	abort();
}
