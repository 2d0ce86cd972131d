/* Parts of the kernel that few programs can reach. */
#ifndef BAKE_PARTS_H
#define BAKE_PARTS_H

#include "strlist.h"
#include "syscalls.h"

/* Add the components that serve nothing but some of these calls to the list. */
void parts_add(struct strlist *components, const struct syscalls *calls);

#endif
