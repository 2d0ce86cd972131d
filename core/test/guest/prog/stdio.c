/* Streams. */
#include "check.h"
#include <unistd.h>

int main(void)
{
	const char *name = "/tmp/stdio-test.txt";
	FILE *f = fopen(name, "w+");
	char buf[100], *line = NULL;
	size_t size = 0;
	long pos;

	show("fopen", "%d", f != NULL);
	for (int i = 0; i < 1000; i++)
		fprintf(f, "line %d\n", i);
	show("ftell", "%ld", ftell(f));
	rewind(f);
	for (int i = 0; i < 500; i++)
		fgets(buf, sizeof(buf), f);
	show("line 500", "%s", buf);
	pos = ftell(f);
	show("getline", "%zd", getline(&line, &size, f));
	show("ungetc", "%c", ungetc('Z', f));
	show("getc", "%c", getc(f));
	fseek(f, pos, SEEK_SET);
	fscanf(f, "%s %d", buf, &(int){0});
	show("fscanf", "%s", buf);
	fseek(f, -4, SEEK_END);
	show("near the end", "%zu", fread(buf, 1, sizeof(buf), f));
	show("feof", "%d", feof(f) != 0);
	fclose(f);
	f = fopen(name, "a");
	fputs("appended\n", f);
	fclose(f);
	f = fopen(name, "r");
	fseek(f, 0, SEEK_END);
	show("size", "%ld", ftell(f));
	WORKS("write to a read stream", fputc('x', f) == EOF ? 0 : -1);
	fclose(f);
	CALL("remove", remove(name));
	show("gone", "%s", fopen(name, "r") ? "no" : strerror(errno));
	f = tmpfile();
	show("tmpfile", "%d", f && fputs("x", f) >= 0 && !fclose(f));
	f = fmemopen((char[]){"in memory"}, 9, "r");
	show("fmemopen", "%d", f && fread(buf, 1, 9, f) == 9);
	f = open_memstream(&line, &size);
	fprintf(f, "%0500d", 1);
	fclose(f);
	show("open_memstream", "%zu", size);
	setvbuf(stdout, NULL, _IONBF, 0);
	printf("unbuffered: yes\n");
	show("isatty", "%d", isatty(1));
	dprintf(1, "dprintf: %d\n", 42);
	return 0;
}
