/* A baked image, as the launcher sees it. */
#ifndef RUMPRUN_RRIMAGE_H
#define RUMPRUN_RRIMAGE_H

#include <stdbool.h>

#include "elffile.h"
#include "strlist.h"

struct rrimage {
	char *path;
	struct elffile elf;
	uint64_t end; /* physical address behind the last loaded byte */
	/* From the note of the bake; known is false when there is none. */
	bool known;
	char *config;
	struct strlist components;
	struct strlist programs;
};

/*
 * Open path and see that it is whole and boots by PVH.  False with *why.  It
 * stays open (so that symbols match the running guest) until rrimage_close.
 */
bool rrimage_open(struct rrimage *i, const char *path, char **why);
void rrimage_close(struct rrimage *i);

/* Can a guest with so much memory hold it?  False with *why if not. */
bool rrimage_fits(const struct rrimage *i, unsigned mib, char **why);

/* Is the component baked in?  True, too, if the image does not say. */
bool rrimage_has(const struct rrimage *i, const char *component);

#endif
