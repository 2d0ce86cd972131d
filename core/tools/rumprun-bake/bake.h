/* The bake itself: from programs and a configuration to an image. */
#ifndef BAKE_BAKE_H
#define BAKE_BAKE_H

#include <stdbool.h>

#include "conf.h"
#include "strlist.h"

struct bake {
	const struct conf *conf;
	const char *out;     /* file to make */
	struct strlist apps; /* programs, at least one */
	bool print;	     /* print the commands, run none, make nothing */
};

/*
 * Bake.  False with *why; then out is as it was before.  Notices go to standard
 * error.
 */
bool bake(const struct bake *b, char **why);

#endif
