#include "program.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "elffile.h"
#include "image.h"
#include "segments.h"

static bool copy(int in, int out)
{
	static char buf[1 << 16];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) != 0) {
		if (n < 0 || write(out, buf, (size_t)n) != n)
			return false;
	}
	return true;
}

static bool take_snapshot(const struct program *p, char **why)
{
	int in, out = -1;
	struct stat st;
	bool ok;

	/* O_NONBLOCK: a FIFO must not hang us. */
	in = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (in < 0 || fstat(in, &st) < 0) {
		ok = fail(why, "cannot open %s: %s", p->path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		ok = fail(why, "%s is %s, not a program", p->path,
			  S_ISDIR(st.st_mode) ? "a directory"
					      : "not a regular file");
	} else {
		out = open(p->snapshot, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			   0600);
		ok = out >= 0 && copy(in, out);
		if (!ok)
			fail(why, "cannot copy %s to %s: %s", p->path,
			     p->snapshot, strerror(errno));
	}
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) < 0 && ok)
		ok = fail(why, "cannot write %s: %s", p->snapshot,
			  strerror(errno));
	return ok;
}

/* Names travel in a note, separated by blanks. */
static bool check_name(const struct program *p, char **why)
{
	for (const char *s = p->name; *s != '\0'; s++)
		if (isspace((unsigned char)*s) || iscntrl((unsigned char)*s))
			return fail(why,
				    "the name of program '%s' has blanks or "
				    "control characters; rename it",
				    p->path);
	return true;
}

/* Our toolchain's mark: target, NUL, version, NUL. */
static bool check_origin(struct program *p, const struct elffile *f, char **why)
{
	const size_t ours = strlen(RUMPRUN_VERSION);
	const char *note, *version;
	size_t len, left;

	note = elffile_note(f, IMAGE_NOTE_NAME, IMAGE_NOTE_PROGRAM, &len);
	p->foreign = note == NULL;
	if (p->foreign)
		return true;
	version = memchr(note, '\0', len);
	if (version == NULL)
		return fail(why, "%s carries a damaged toolchain note",
			    p->path);
	version++;
	left = len - (size_t)(version - note);
	if (memchr(version, '\0', left) == NULL)
		return fail(why, "%s carries a damaged toolchain note",
			    p->path);
	if (strcmp(note, RUMPRUN_TARGET) != 0)
		return fail(why,
			    "%s was linked for %s, not for " RUMPRUN_TARGET,
			    p->path, note);
	/* "0.1 (gcc 12.2.0)": which compiler it was does not matter. */
	if (strncmp(version, RUMPRUN_VERSION, ours) != 0 ||
	    (version[ours] != '\0' && version[ours] != ' '))
		return fail(why,
			    "%s was linked by toolchain version %s, and this "
			    "is version " RUMPRUN_VERSION ": link it again",
			    p->path, version);
	return true;
}

static bool has_symbols(const struct elffile *f)
{
	GElf_Shdr sh;

	return elffile_section(f, ".symtab", &sh) != NULL && sh.sh_size > 0;
}

/* The headers were found to be inside the file by elffile_open. */
static void take_headers(struct program *p, const struct elffile *f)
{
	const char *bytes = f->bytes;

	memcpy(&p->ehdr, bytes, sizeof(p->ehdr));
	p->phdr = xcalloc(p->ehdr.e_phnum, sizeof(*p->phdr));
	memcpy(p->phdr, bytes + p->ehdr.e_phoff,
	       p->ehdr.e_phnum * sizeof(*p->phdr));
}

/* Messages name the user's file, not our copy of it. */
static void rename_in(char **why, const char *from, const char *to)
{
	char *at = strstr(*why, from);

	if (at != NULL) {
		char *s = xasprintf("%.*s%s%s", (int)(at - *why), *why, to,
				    at + strlen(from));

		free(*why);
		*why = s;
	}
}

bool program_open(struct program *p, const char *path, const char *snapshot,
		  struct syscalls *calls, char **why)
{
	struct elffile f;
	bool ok;

	*p = (struct program){
		.path = xstrdup(path),
		.name = xstrdup(base_name(path)),
		.snapshot = xstrdup(snapshot),
	};
	if (!take_snapshot(p, why) || !check_name(p, why))
		return false;
	if (!elffile_open(&f, snapshot, why)) {
		rename_in(why, snapshot, path);
		return false;
	}
	take_headers(p, &f);
	p->symbols = has_symbols(&f);
	ok = check_kind(p, &f, why) && check_segments(p, f.size, why) &&
	     check_origin(p, &f, why);
	syscalls_add(calls, &f);
	elffile_close(&f);
	return ok;
}

void program_free(struct program *p)
{
	free(p->path);
	free(p->name);
	free(p->snapshot);
	for (unsigned k = 0; p->packed != NULL && k < p->ehdr.e_phnum; k++)
		free(p->packed[k]);
	free(p->packed);
	free(p->phdr);
	*p = (struct program){0};
}
