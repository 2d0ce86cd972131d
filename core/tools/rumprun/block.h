/* Block devices on the command line. */
#ifndef RUMPRUN_BLOCK_H
#define RUMPRUN_BLOCK_H

#include <stdbool.h>

#include "launch.h"

/*
 * Parse IMAGE[,MOUNTPOINT] and look at the image: it must be there, not empty,
 * and whole if it is an ISO 9660 file system.  What cannot be written or must
 * not is marked read-only.  block_free in either case.
 */
bool block_parse(struct block *b, const char *arg, char **why);
void block_free(struct block *b);

#endif
