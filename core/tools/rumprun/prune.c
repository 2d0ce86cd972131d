/* entries_prune of state.h. */
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

/* The lock goes last: without it the entry would be one that nobody began. */
static void drop(const struct entry *e)
{
	static const char *const files[] = {"state.json", "state.json.new",
					    "console", "console.1", "lock"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = xasprintf("%s/%s", e->dir, files[i]);

		unlink(path);
		free(path);
	}
	rmdir(e->dir);
}

void entries_prune(void)
{
	size_t n, past = 0;
	struct entry *all = entries_read(&n);

	qsort(all, n, sizeof(*all), by_end);
	for (size_t i = 0; i < n; i++)
		if (!all[i].runs && ++past > KEEP)
			drop(&all[i]);
	entries_free(all, n);
}
