/* Images whose programs open no file by name. */
#ifndef BAKE_NAMES_H
#define BAKE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "strlist.h"
#include "syscalls.h"

/*
 * Take the components that only serve file names (vfs and the file systems) out
 * of the list, if n programs that make these calls can do without, and so can the
 * other components.
 */
void names_drop(struct strlist *components, const struct syscalls *calls,
		size_t n);

#endif
