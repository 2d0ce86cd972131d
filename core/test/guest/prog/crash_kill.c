/* A signal that cannot be caught, without a crash report. */
#include "check.h"
#include <signal.h>
#include <unistd.h>

int main(void)
{
	signal(SIGTERM, SIG_IGN);
	raise(SIGTERM);
	show("before", "ok");
	kill(getpid(), SIGKILL);
	sleep(100);
	return 0;
}
