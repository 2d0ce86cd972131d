#include "bake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assemble.h"
#include "components.h"
#include "explain.h"
#include "install.h"
#include "names.h"
#include "pack.h"
#include "parts.h"
#include "program.h"
#include "run.h"
#include "scratch.h"

/* One bake under way. */
struct job {
	const struct bake *b;
	struct scratch scratch;
	struct program *programs;
	struct syscalls calls; /* what all of them can make */
	char **debug; /* symbol files, NULL where there are none */
	struct strlist components;
	struct strlist archives;
	char *script;
	char *assembly;
	char *object;
	char *image; /* beside out, renamed at the end */
};

/*
 * Run one of binutils, or print it.  *output (may be NULL) gets what it said if
 * it failed; what it says when it succeeds are warnings, passed on.
 */
static bool tool(const struct job *j, struct strlist *argv, char **output,
		 char **why)
{
	char *said = NULL, *shell;
	int status;
	bool ok;

	if (j->b->print) {
		shell = strlist_shell(argv);
		printf("%s\n", shell);
		free(shell);
		return true;
	}
	if (!run(argv, &said, &status, why))
		return false;
	ok = status == 0;
	if (!ok && output != NULL) {
		*output = said;
		return false;
	}
	if (*said != '\0')
		fputs(said, stderr);
	free(said);
	return ok || fail(why, "%s failed (its message is above)",
			  base_name(argv->v[0]));
}

static bool take_programs(struct job *j, char **why)
{
	const struct strlist *apps = &j->b->apps;

	j->programs = xcalloc(apps->n, sizeof(*j->programs));
	j->debug = xcalloc(apps->n, sizeof(*j->debug));
	for (size_t i = 0; i < apps->n; i++) {
		struct program *p = &j->programs[i];
		char *copy = scratch_file(&j->scratch, "program.%zu", i);
		bool ok = program_open(p, apps->v[i], copy, &j->calls,
				       why);

		free(copy);
		if (!ok)
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcmp(j->programs[k].name, p->name) == 0)
				return fail(why,
					    "two programs have the name %s: "
					    "%s and %s",
					    p->name, j->programs[k].path,
					    p->path);
		if (p->foreign)
			tell("notice: %s was not linked by our toolchain; "
			     "baking it as a plain static Linux executable",
			     p->path);
	}
	return true;
}

static bool pack_programs(struct job *j, char **why)
{
	for (size_t i = 0; i < j->b->apps.n; i++) {
		if (!pack_program(&j->programs[i], &j->scratch, i, why))
			return false;
		/* The kernel's part that unpacks. */
		if (j->programs[i].packed != NULL &&
		    !strlist_has(&j->components, "packed"))
			strlist_add(&j->components, "packed");
	}
	return true;
}

static bool take_symbols(struct job *j, char **why)
{
	for (size_t i = 0; i < j->b->apps.n; i++) {
		struct strlist argv = {0};
		char *objcopy = binutil("objcopy");
		bool ok;

		if (j->programs[i].symbols) {
			j->debug[i] = scratch_file(&j->scratch, "debug.%zu", i);
			strlist_adds(&argv, objcopy, "--only-keep-debug",
				     j->programs[i].snapshot, j->debug[i],
				     NULL);
		}
		ok = argv.n == 0 || tool(j, &argv, NULL, why);
		free(objcopy);
		strlist_clear(&argv);
		if (!ok)
			return false;
	}
	return true;
}

static bool take_components(struct job *j, char **why)
{
	const struct strlist *wanted = &j->b->conf->components;

	/* No configuration can leave out the kernel itself. */
	if (!strlist_has(wanted, "kern"))
		strlist_add(&j->components, "kern");
	strlist_cat(&j->components, wanted);
	names_drop(&j->components, &j->calls, j->b->apps.n);
	parts_add(&j->components, &j->calls);
	if (!pack_programs(j, why))
		return false;
	j->script = data_file("image.ld");
	if (access(j->script, R_OK) < 0)
		return fail(why,
			    "cannot read the linker script %s: %s (is "
			    "the core built?)",
			    j->script, strerror(errno));
	return components_find(&j->archives, &j->components, why);
}

static bool assemble(struct job *j, char **why)
{
	struct strlist argv = {0};
	char *as = binutil("as");
	bool ok;

	j->assembly = scratch_file(&j->scratch, "programs.S");
	j->object = scratch_file(&j->scratch, "programs.o");
	strlist_adds(&argv, as, "--64", "-o", j->object, j->assembly, NULL);
	ok = assemble_write(j->assembly, j->programs, j->debug, j->b->apps.n,
			    j->b->conf->name, &j->components, why) &&
	     tool(j, &argv, NULL, why);
	free(as);
	strlist_clear(&argv);
	return ok;
}

/*
 * The linker script includes syscalls.ld, which says what system calls are kept:
 * the handlers of others go, with all that only they need.
 */
static bool choose_syscalls(struct job *j, char **why)
{
	char *path = scratch_file(&j->scratch, "syscalls.ld");
	bool ok = syscalls_write(&j->calls, path, why);

	free(path);
	return ok;
}

static bool link_image(struct job *j, char **why)
{
	struct strlist argv = {0};
	char *ld = binutil("ld"), *said = NULL;
	bool ok;

	strlist_adds(&argv, ld, "-m", "elf_x86_64", "-static", "-nostdlib",
		     "-z", "noexecstack", "-z", "max-page-size=64",
		     "--gc-sections", "--build-id=sha1", "-L",
		     j->scratch.dir, "-T", j->script, "-o", j->image,
		     "--whole-archive", NULL);
	strlist_cat(&argv, &j->archives);
	strlist_adds(&argv, "--no-whole-archive", j->object, NULL);
	ok = tool(j, &argv, &said, why);
	if (!ok && said != NULL)
		explain_link(said, j->b->conf->name, &j->components, why);
	free(said);
	free(ld);
	strlist_clear(&argv);
	return ok;
}

/*
 * The image is made under a name of its own in the same directory, so that
 * readers of out see the old file or the whole new one.
 */
static bool reserve_image(struct job *j, char **why)
{
	struct stat st;
	int fd;

	if (stat(j->b->out, &st) == 0 && !S_ISREG(st.st_mode))
		return fail(why, "cannot write %s: it is %s", j->b->out,
			    S_ISDIR(st.st_mode) ? "a directory"
						: "not a regular file");
	for (size_t i = 0; i < j->b->apps.n; i++) {
		struct stat app;

		if (stat(j->b->apps.v[i], &app) == 0 &&
		    stat(j->b->out, &st) == 0 && st.st_ino == app.st_ino &&
		    st.st_dev == app.st_dev)
			return fail(why, "%s would be overwritten by the image",
				    j->b->apps.v[i]);
	}
	if (j->b->print) {
		j->image = xstrdup(j->b->out);
		return true;
	}
	j->image = xasprintf("%s.XXXXXX", j->b->out);
	fd = mkostemp(j->image, O_CLOEXEC);
	if (fd < 0) {
		fail(why, "cannot write %s: %s", j->b->out, strerror(errno));
		free(j->image);
		j->image = NULL;
		return false;
	}
	close(fd);
	scratch_watch(&j->scratch, j->image);
	return true;
}

static bool finish(struct job *j, char **why)
{
	mode_t mask;

	if (j->b->print)
		return true;
	mask = umask(0);
	umask(mask);
	if (chmod(j->image, 0777 & ~mask) < 0 ||
	    rename(j->image, j->b->out) < 0)
		return fail(why, "cannot write %s: %s", j->b->out,
			    strerror(errno));
	scratch_watch(&j->scratch, NULL);
	return true;
}

bool bake(const struct bake *b, char **why)
{
	struct job j = {.b = b};
	bool ok;

	ok = scratch_make(&j.scratch, why) && take_programs(&j, why) &&
	     take_components(&j, why) && reserve_image(&j, why) &&
	     take_symbols(&j, why) && assemble(&j, why) &&
	     choose_syscalls(&j, why) && link_image(&j, why) && finish(&j, why);
	scratch_remove(&j.scratch);
	for (size_t i = 0; j.programs != NULL && i < b->apps.n; i++) {
		program_free(&j.programs[i]);
		free(j.debug[i]);
	}
	free(j.programs);
	free(j.debug);
	strlist_clear(&j.components);
	strlist_clear(&j.archives);
	free(j.script);
	free(j.assembly);
	free(j.object);
	free(j.image);
	return ok;
}
