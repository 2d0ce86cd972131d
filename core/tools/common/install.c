#include "install.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "image.h"

/* Directory of the running executable, links followed; not to be freed. */
static const char *bin_dir(void)
{
	static char dir[PATH_MAX];
	ssize_t n;

	if (dir[0] != '\0')
		return dir;
	n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	if (n <= 0)
		die(EXIT_REFUSED, "cannot read /proc/self/exe, where this "
				  "program finds its data: is /proc mounted?");
	dir[n] = '\0';
	*strrchr(dir, '/') = '\0';
	return dir;
}

char *data_file(const char *name)
{
	return xasprintf("%s/../lib/rumprun/%s", bin_dir(), name);
}

char *binutil(const char *name)
{
	char *own = xasprintf("%s/" RUMPRUN_TARGET "-%s", bin_dir(), name);

	if (access(own, X_OK) == 0)
		return own;
	free(own);
	return xstrdup(name);
}
