/*
 * Configurations: named lists of components, read from rumprun-bake.conf files.
 *
 * The language is the original's (one command a line, words split as a shell
 * does, # begins a comment):
 *
 *     version 20160209       first command of every file
 *     conf NAME              begin a configuration; names that begin with _ are
 *                            private: for use by others, not for baking
 *       create "SENTENCE"    describe it
 *       assimilate NAME...   take over the components of others
 *       add COMPONENT...     add components (a path with a slash: a file)
 *       remove COMPONENT...  take components out again
 *       nuke                 take all out
 *       debugdump            print what there is by now, on standard error
 *     fnoc                   end
 */
#ifndef BAKE_CONF_H
#define BAKE_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "strlist.h"

#define CONF_VERSION "20160209"

struct conf {
	char *name;
	char *describe; /* NULL until create */
	char *file;	/* where it was defined */
	unsigned line;
	struct strlist components; /* in order of their addition, no doubles */
};

struct confs {
	struct conf **v;
	size_t n;
};

/*
 * Read a file, or text that is said to come from file.  Configurations are
 * added to c; on an error *why begins with "FILE:LINE: " and c keeps what came
 * before.
 */
bool confs_read(struct confs *c, const char *file, char **why);
bool confs_parse(struct confs *c, const char *file, const char *text,
		 char **why);

/*
 * A command for one configuration (-m): create, assimilate, add, remove, nuke
 * or debugdump.
 */
bool confs_modify(struct confs *c, struct conf *conf, const char *command,
		  char **why);

/* The configuration of that name ('-' counts as '_'), or NULL. */
struct conf *confs_find(const struct confs *c, const char *name);

bool conf_is_private(const struct conf *conf);

void confs_free(struct confs *c);

#endif
