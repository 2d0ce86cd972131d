/* Block devices. */
#ifndef RR_BLKDEV_H
#define RR_BLKDEV_H

#include "list.h"

#define SECTOR_SIZE 512u

/*
 * A request: n segments of kernel memory (direct map), moved to or from the device
 * from sector on.  done is called once, maybe in interrupt context.
 */
struct blk_segment {
	void *data;
	u32 len; /* multiple of SECTOR_SIZE */
};

enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH };

struct blk_request {
	enum blk_op op;
	u64 sector;
	struct blk_segment *seg;
	unsigned nr;
	void (*done)(struct blk_request *r); /* r->status is set */
	int status;                          /* 0 or -EIO */
	void *priv;
	struct list link; /* the driver's */
};

struct blkdev {
	char name[16];   /* "ld0": the serial number, or vda, vdb ... */
	u64 sectors;
	u32 block_size;
	bool read_only;
	unsigned max_segments;
	/* Queue a request; it may wait in the driver.  Never fails at once. */
	void (*submit)(struct blkdev *d, struct blk_request *r);
	void *priv;
	struct list link;
	struct mapping *cache; /* whole-device page cache, for /dev and metadata */
};

/* The device is ready for use; d lives for ever. */
void blkdev_register(struct blkdev *d);
/* "ld0", "/dev/ld0a" (the original's partition letter is ignored); NULL. */
struct blkdev *blkdev_find(const char *name);
struct blkdev *blkdev_next(struct blkdev *d); /* NULL: the first */
/* Move bytes (sector-aligned) and wait.  0 or -EIO. */
int blkdev_read(struct blkdev *d, u64 sector, void *buf, size_t n);
int blkdev_write(struct blkdev *d, u64 sector, const void *buf, size_t n);
int blkdev_flush(struct blkdev *d);

#endif
