/* What the files of devfs share; devfs_open_std is for kern/init. */
#ifndef RR_DEVFS_H
#define RR_DEVFS_H

#include "fs.h"
#include "log.h"
#include "page.h"
#include "string.h"

/*
 * Device numbers are Linux' (Documentation/admin-guide/devices.txt).  The
 * standard streams are major 240, "local or experimental use"; minor: 0, 1, 2.
 */
#define MEM_MAJOR 1
#define TTYAUX_MAJOR 5
#define STREAM_MAJOR 240

/*
 * The three standard streams, each with a reference.  0 or -errno, and none is
 * open.
 */
int devfs_open_std(struct file *files[3]);

#endif
