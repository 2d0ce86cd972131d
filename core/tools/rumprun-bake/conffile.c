/* confs_read of conf.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf.h"

/* More than this is no configuration file. */
#define FILE_MAX ((size_t)1 << 20)

bool confs_read(struct confs *c, const char *file, char **why)
{
	FILE *f = fopen(file, "re");
	struct stat st;
	char *text;
	size_t n;
	bool ok;

	if (f == NULL)
		return fail(why, "cannot read configuration file %s: %s", file,
			    strerror(errno));
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(f);
		return fail(why, "configuration file %s is a directory", file);
	}
	text = xmalloc(FILE_MAX + 1);
	n = fread(text, 1, FILE_MAX + 1, f);
	if (ferror(f)) {
		ok = fail(why, "cannot read configuration file %s: %s", file,
			  strerror(errno));
	} else if (n > FILE_MAX || memchr(text, '\0', n) != NULL) {
		ok = fail(why, "%s is not a configuration file", file);
	} else {
		text[n] = '\0';
		ok = confs_parse(c, file, text, why);
	}
	free(text);
	fclose(f);
	return ok;
}
