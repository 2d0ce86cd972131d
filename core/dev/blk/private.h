/* Block devices: what the files of this folder share. */
#ifndef RR_BLK_PRIVATE_H
#define RR_BLK_PRIVATE_H

#include "blkdev.h"

/* Give d its whole-device page cache; 0 or -ENOMEM. */
int blkdev_cache_init(struct blkdev *d);

#endif
