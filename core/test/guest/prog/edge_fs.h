/* What the programs about files and names share. */
#ifndef EDGE_FS_H
#define EDGE_FS_H

#include "check.h"
#include <fcntl.h>
#include <unistd.h>

/* A file of the current directory with this text, open. */
static inline int make(const char *name, const char *text)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	write(fd, text, strlen(text));
	return fd;
}

#endif
