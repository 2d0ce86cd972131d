/*
 * Has the kernel commit crimes (guest/kern/crimes.c); debug.t.  An argument with a
 * slash is a file to show; FILE=TEXT: to write to.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int store(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror(*file == '/' ? text : file);
		return 1;
	}
	return close(fd);
}

static int show(const char *file)
{
	FILE *f = fopen(file, "r");
	int c;

	if (!f) {
		perror(file);
		return 1;
	}
	while ((c = getc(f)) != EOF)
		putchar(c);
	return fclose(f);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *text = strchr(argv[i], '=');
		int err;

		if (text)
			*text++ = 0;
		if (*argv[i] != '/')
			err = store("/dev/crimes", argv[i]);
		else
			err = text ? store(argv[i], text) : show(argv[i]);
		if (err)
			return 1;
	}
	puts("not found");
	return 0;
}
