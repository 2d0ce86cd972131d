/* The reading half of state.h. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"
#include "statedir.h"

/* Does somebody hold the lock?  Who that is is 0 for another PID namespace's. */
static bool locked(const char *dir, pid_t *holder)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = xasprintf("%s/lock", dir);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool yes;

	free(path);
	*holder = 0;
	if (fd < 0)
		return false;
	yes = fcntl(fd, F_GETLK, &fl) == 0 && fl.l_type != F_UNLCK;
	if (yes && fl.l_pid > 0)
		*holder = fl.l_pid;
	close(fd);
	return yes;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

struct entry *entries_read(size_t *n)
{
	struct dirent **names = NULL;
	struct entry *all;
	char *dir = state_dir();
	int count = scandir(dir, &names, visible, by_name);

	*n = 0;
	all = xcalloc(count > 0 ? (size_t)count : 1, sizeof(*all));
	for (int i = 0; i < count; i++) {
		struct entry *e = &all[(*n)++];
		char *path;

		e->name = xstrdup(names[i]->d_name);
		e->dir = xasprintf("%s/%s", dir, e->name);
		e->runs = locked(e->dir, &e->holder);
		path = xasprintf("%s/state.json", e->dir);
		e->facts = json_load_file(path, 0, NULL);
		if (!json_is_object(e->facts)) {
			json_decref(e->facts);
			e->facts = json_object();
		}
		free(path);
		free(names[i]);
	}
	free(names);
	free(dir);
	return all;
}

void entries_free(struct entry *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(e[i].name);
		free(e[i].dir);
		json_decref(e[i].facts);
	}
	free(e);
}

struct entry *entry_find(struct entry *e, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(e[i].name, name) == 0)
			return &e[i];
	return NULL;
}
