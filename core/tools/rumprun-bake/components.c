#include "components.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "install.h"

bool components_find(struct strlist *archives, const struct strlist *names,
		     char **why)
{
	bool checked = strlist_has(names, "debug");

	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];
		/* debug checks the rest: PROTOCOL.md, 1 */
		char *rel = xasprintf("components/%s%s.a",
				      checked ? "checked/" : "", name);
		char *path = strchr(name, '/') ? xstrdup(name) : data_file(rel);
		bool ok = access(path, R_OK) == 0;

		if (ok)
			strlist_add(archives, path);
		else
			fail(why, "component %s cannot be read: %s: %s", name,
			     path, strerror(errno));
		free(rel);
		free(path);
		if (!ok)
			return false;
	}
	return true;
}

static bool defines(const char *archive, const char *symbol)
{
	int fd = open(archive, O_RDONLY | O_CLOEXEC);
	bool found = false;
	Elf_Arsym *syms;
	size_t n = 0;
	Elf *elf;

	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf != NULL && elf_kind(elf) == ELF_K_AR) {
		syms = elf_getarsym(elf, &n);
		/* The last entry has no name. */
		for (size_t i = 0; syms && i + 1 < n && !found; i++)
			found = strcmp(syms[i].as_name, symbol) == 0;
	}
	elf_end(elf);
	close(fd);
	return found;
}

char *components_defining(const char *symbol, const struct strlist *have)
{
	char *dir = data_file("components");
	DIR *d = opendir(dir);
	const struct dirent *e;
	char *found = NULL;

	while (d != NULL && found == NULL && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);
		char *name, *path;

		if (len < 3 || strcmp(e->d_name + len - 2, ".a") != 0)
			continue;
		name = xstrndup(e->d_name, len - 2);
		path = xasprintf("%s/%s", dir, e->d_name);
		if (!strlist_has(have, name) && defines(path, symbol))
			found = xstrdup(name);
		free(name);
		free(path);
	}
	if (d != NULL)
		closedir(d);
	free(dir);
	return found;
}
