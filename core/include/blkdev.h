/* Block devices. */
#ifndef RR_BLKDEV_H
#define RR_BLKDEV_H

#include "list.h"

#define SECTOR_SIZE 512u

/*
 * A request: n segments of kernel memory (direct map), moved to or from the
 * device from sector on.  done is called once, maybe in interrupt context.
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
	char name[24];   /* "ld0": the serial number, or vda, vdb ... */
	u64 sectors;     /* of SECTOR_SIZE; may change: READ_ONCE */
	u32 block_size;  /* sectors and lengths are multiples of it */
	bool read_only;
	unsigned max_segments; /* of a request */
	u32 max_segment;       /* bytes in one, at least PAGE_SIZE */
	/* Queue a request; it may wait in the driver.  Never fails at once. */
	void (*submit)(struct blkdev *d, struct blk_request *r);
	void *priv;
	struct list link;
	struct mapping *cache; /* of the whole device: /dev, metadata */
};

/*
 * A driver is about to find out the name of a device: whoever looks for one
 * waits for that blkdev_register.  Any context.
 */
void blkdev_expect(void);
/*
 * The device, expected before, is ready for use; d lives for ever.  A kernel
 * thread; may sleep.  A name that is taken already gets a suffix.
 */
void blkdev_register(struct blkdev *d);
/*
 * "ld0", "/dev/ld0a" (the original's partition letter is ignored); NULL.  Waits
 * for expected devices.
 */
struct blkdev *blkdev_find(const char *name);
/* NULL: the first, after waiting for expected devices. */
struct blkdev *blkdev_next(struct blkdev *d);

/* Queue a request after checking its range; done is called in any case. */
void blkdev_submit(struct blkdev *d, struct blk_request *r);
/* The same, and wait.  0 or -EIO. */
int blkdev_run(struct blkdev *d, enum blk_op op, u64 sector,
	       struct blk_segment *seg, unsigned nr);
/*
 * Move bytes (whole blocks, memory in the direct map) and wait.  0, -EIO, or
 * -EROFS.
 */
int blkdev_read(struct blkdev *d, u64 sector, void *buf, size_t n);
int blkdev_write(struct blkdev *d, u64 sector, const void *buf, size_t n);
int blkdev_flush(struct blkdev *d);

#endif
