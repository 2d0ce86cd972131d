/* Plays a part in an image of several programs: says, sleeps, copies, fails ... */
#include "check.h"
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static volatile int continued;

static void count(int sig)
{
	continued++;
}

static void *idle(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* To all other processes of the image, until none is left. */
static void tell_others(int sig)
{
	int left;

	do {
		left = 0;
		for (int pid = 2; pid < 50; pid++)
			if (pid != getpid())
				left += !kill(pid, sig);
		usleep(10000);
	} while (left);
}

int main(int argc, char **argv)
{
	char line[100];
	pthread_t t;

	for (int i = 1; i + 1 < argc; i += 2) {
		const char *verb = argv[i], *what = argv[i + 1];

		if (!strcmp(verb, "say"))
			show(argv[0], "%s", what);
		else if (!strcmp(verb, "sleep"))
			usleep(atoi(what) * 1000u);
		else if (!strcmp(verb, "exit"))
			return atoi(what);
		else if (!strcmp(verb, "raise"))
			raise(atoi(what));
		else if (!strcmp(verb, "handle"))
			signal(atoi(what), count);
		else if (!strcmp(verb, "handled"))
			show(argv[0], "%s %d", what, continued != 0);
		else if (!strcmp(verb, "tell"))
			tell_others(atoi(what));
		else if (!strcmp(verb, "thread"))
			pthread_create(&t, NULL, idle, NULL);
		else if (!strcmp(verb, "copy"))
			while (fgets(line, sizeof(line), stdin))
				printf("%s %s", what, line);
	}
	return 0;
}
