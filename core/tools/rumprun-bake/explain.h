/* Turning the linker's complaints into a sentence. */
#ifndef BAKE_EXPLAIN_H
#define BAKE_EXPLAIN_H

#include "strlist.h"

/*
 * said is what ld printed; *why becomes a sentence that names the components
 * missing from config, which has those in have.  What cannot be explained
 * that way is passed on as ld put it.
 */
void explain_link(const char *said, const char *config,
		  const struct strlist *have, char **why);

#endif
