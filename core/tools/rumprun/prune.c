/* entries_prune of state.h. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

/* So many guests that have ended are remembered. */
#define KEEP 32

static const char *ended(const struct entry *e)
{
	const char *s = json_string_value(json_object_get(e->facts, "ended"));

	return s ? s : "";
}

/* The latest first; those that nobody saw end last. */
static int by_end(const void *a, const void *b)
{
	return strcmp(ended(b), ended(a));
}

/*
 * Under its lock, so that no guest of that name begins meanwhile.  The lock
 * goes last: who waits for it looks whether it is still there (state_claim).
 */
static void drop(const struct entry *e)
{
	static const char *const files[] = {"state.json", "state.json.new",
					    "console", "console.1", "lock"};
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = xasprintf("%s/lock", e->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	free(path);
	if (fd < 0)
		return;
	if (fcntl(fd, F_SETLK, &fl) == 0) {
		for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
			path = xasprintf("%s/%s", e->dir, files[i]);
			unlink(path);
			free(path);
		}
		rmdir(e->dir);
	}
	close(fd);
}

void entries_prune(void)
{
	size_t n, past = 0;
	struct entry *all = entries_read(&n);

	qsort(all, n, sizeof(*all), by_end);
	for (size_t i = 0; i < n; i++)
		if (all[i].holder == 0 && ++past > KEEP)
			drop(&all[i]);
	entries_free(all, n);
}
