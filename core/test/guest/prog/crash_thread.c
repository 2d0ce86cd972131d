/* A fatal signal in a thread ends the whole program. */
#include "check.h"
#include <pthread.h>
#include <unistd.h>

static void *die(void *arg)
{
	__builtin_trap();
	return NULL;
}

int main(void)
{
	pthread_t t;

	show("before", "ok");
	pthread_create(&t, NULL, die, NULL);
	sleep(100);
	return 0;
}
