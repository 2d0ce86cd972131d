/* Archives of kernel objects. */
#ifndef BAKE_COMPONENTS_H
#define BAKE_COMPONENTS_H

#include <stdbool.h>

#include "strlist.h"

/*
 * Append the files of the named components to archives; a name with a slash is
 * the file itself.  False with *why if one does not exist.
 */
bool components_find(struct strlist *archives, const struct strlist *names,
		     char **why);

/*
 * The component, not among have, whose archive defines symbol; NULL if there is
 * none.  The caller frees it.
 */
char *components_defining(const char *symbol, const struct strlist *have);

#endif
