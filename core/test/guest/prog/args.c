/* Arguments, environment, standard input. */
#include "check.h"
#include <sys/auxv.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char line[100];
	int n = 0;

	show("argc", "%d", argc);
	for (int i = 1; i < argc; i++)
		show("argv", "%d [%s]", i, argv[i]);
	show("argv ends", "%d", argv[argc] == NULL);
	show("A", "%s", getenv("A") ? getenv("A") : "(none)");
	show("B", "%s", getenv("B") ? getenv("B") : "(none)");
	show("C", "[%s]", getenv("C") ? getenv("C") : "(none)");
	show("D", "%s", getenv("D") ? getenv("D") : "(none)");
	show("page size", "%lu", getauxval(AT_PAGESZ));
	show("phdr", "%d", getauxval(AT_PHDR) != 0);
	show("random", "%d", getauxval(AT_RANDOM) != 0);
	show("execfn", "%d", getauxval(AT_EXECFN) != 0);
	show("secure", "%lu", getauxval(AT_SECURE));
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		show("stdin", "%d [%s]", ++n, line);
	}
	show("eof", "%d %d", feof(stdin), ferror(stdin));
	CALL("read at eof", read(0, line, 1));
	fputs("to standard error\n", stderr);
	return 7;
}
