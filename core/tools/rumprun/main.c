/* rumprun: launches baked images and looks after them. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "options.h"
#include "platform.h"
#include "run_guest.h"

static int launch(int argc, char **argv)
{
	struct launch l;
	char *why = NULL;
	int status;

	options_parse(&l, argc, argv);
	if (!l.platform->check(&l, &why))
		die(EXIT_REFUSED, "%s", why);
	if (l.platform->make == NULL) {
		status = run_guest(&l);
	} else {
		if (!l.platform->make(&l, &why))
			die(EXIT_REFUSED, "%s", why);
		status = EXIT_SUCCESS;
	}
	launch_free(&l);
	return status;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fn)(int argc, char **argv);
	} commands[] = {
		{"ps", command_ps},
		{"logs", command_logs},
		{"stop", command_stop},
	};
	const char *self = argc > 0 ? base_name(argv[0]) : "rumprun";

	if (strcmp(self, "rumpstop") == 0) {
		progname = "rumpstop";
		return command_stop(argc, argv);
	}
	progname = "rumprun";
	if (argc > 0)
		argv[0] = (char *)progname;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (argc < 2 || strcmp(argv[1], commands[i].name) != 0)
			continue;
		/* For getopt's messages. */
		argv[1] = xasprintf("rumprun %s", commands[i].name);
		return commands[i].fn(argc - 1, argv + 1);
	}
	return launch(argc, argv);
}
