/* The stack protector of programs. */
#include "check.h"

__attribute__((noinline)) static void smash(volatile char *p)
{
	for (int i = 0; i < 64; i++)
		p[i] = 'A';
}

__attribute__((noinline)) static void victim(void)
{
	char buf[8];

	smash(buf);
}

int main(void)
{
	show("before", "ok");
	victim();
	show("after", "not protected");
	return 0;
}
