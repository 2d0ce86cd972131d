/* Telling ISO 9660 images from others, and whole ones from truncated ones. */
#ifndef RUMPRUN_ISO9660_H
#define RUMPRUN_ISO9660_H

#include <stdint.h>
#include <sys/types.h>

enum iso {
	ISO_NONE,      /* not ISO 9660 */
	ISO_WHOLE,     /* as large as it says, or larger */
	ISO_TRUNCATED, /* smaller */
	ISO_DAMAGED,   /* volume descriptors that make no sense */
};

/*
 * Look at the file fd of size bytes; *volume is the size that the file system
 * says it has (0 if it says none).  The file position is not used.
 */
enum iso iso9660_check(int fd, uint64_t size, uint64_t *volume);

#endif
