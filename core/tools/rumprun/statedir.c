#include "statedir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"

static bool usable(const char *dir)
{
	return dir != NULL && dir[0] == '/' && access(dir, W_OK | X_OK) == 0;
}

char *state_dir(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR"), *home = getenv("HOME");

	if (usable(runtime))
		return xasprintf("%s/rumprun", runtime);
	if (geteuid() == 0 && usable("/run"))
		return xstrdup("/run/rumprun");
	if (usable(home))
		return xasprintf("%s/.local/state/rumprun", home);
	return xasprintf("/tmp/rumprun-%u/rumprun", (unsigned)geteuid());
}

/* A directory that belongs to us and that nobody else can change. */
static bool ours(const char *dir)
{
	struct stat st;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && (st.st_mode & 022) == 0;
}

bool state_dir_make(char **why)
{
	char *dir = state_dir();
	bool ok = true;

	for (char *p = dir + 1; ok && p != NULL;) {
		p = strchr(p, '/');
		if (p != NULL)
			*p = '\0';
		if (mkdir(dir, 0700) < 0 && errno != EEXIST)
			ok = fail(why, "cannot make the directory %s: %s", dir,
				  strerror(errno));
		if (p != NULL)
			*p++ = '/';
	}
	if (ok && !ours(dir))
		ok = fail(why, "%s is not a directory of ours", dir);
	/* In /tmp, somebody else may have been there first. */
	if (ok && strncmp(dir, "/tmp/rumprun-", 13) == 0) {
		*strrchr(dir, '/') = '\0';
		if (!ours(dir))
			ok = fail(why, "%s is not a directory of ours", dir);
	}
	free(dir);
	return ok;
}
