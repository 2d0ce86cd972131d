/* What the files of devfs share. */
#ifndef RR_DEVFS_H
#define RR_DEVFS_H

#include "linkset.h"
#include "log.h"
#include "page.h"
#include "string.h"
#include <linux/errno.h>

/*
 * Device numbers are Linux' (Documentation/admin-guide/devices.txt).  The
 * standard streams are major 240, "local or experimental use"; minor: 0, 1, 2.
 */
#define MEM_MAJOR 1
#define TTYAUX_MAJOR 5
#define STREAM_MAJOR 240

#endif
