/*
 * Block devices in memory: what the boot loader has loaded beside the image
 * (core/PROTOCOL.md, 4).  Read-only, since nobody would see what was written.
 */
#include "blkdev.h"
#include "linkset.h"
#include "log.h"
#include "page.h"
#include "platform.h"
#include "string.h"

/* Any number would do: nothing is allocated for a request. */
#define MAX_SEGMENTS 64
#define MAX_SEGMENT (1u << 20)

/* The range has been checked, and nothing is written (blk/request.c). */
static void submit(struct blkdev *d, struct blk_request *r)
{
	const u8 *from = (const u8 *)d->priv + r->sector * SECTOR_SIZE;

	for (unsigned i = 0; r->op == BLK_READ && i < r->nr; i++) {
		memcpy(r->seg[i].data, from, r->seg[i].len);
		from += r->seg[i].len;
	}
	r->status = 0;
	r->done(r);
}

static void add(unsigned n, const void *bytes, size_t size)
{
	struct blkdev *d = kzalloc(sizeof(*d), 0);

	if (!d) {
		kmsg("no memory for block device md%u", n);
		return;
	}
	ksnprintf(d->name, sizeof(d->name), "md%u", n);
	d->sectors = size / SECTOR_SIZE;
	d->block_size = SECTOR_SIZE;
	d->read_only = true;
	d->max_segments = MAX_SEGMENTS;
	d->max_segment = MAX_SEGMENT;
	d->submit = submit;
	d->priv = (void *)(uintptr_t)bytes;
	list_init(&d->link);
	blkdev_expect();
	blkdev_register(d);
}

static void ramdisk_init(void)
{
	const void *bytes;
	size_t size;

	for (unsigned n = 0; (bytes = platform_module(n, &size)); n++)
		if (size >= SECTOR_SIZE)
			add(n, bytes, size);
}
INITCALL(INIT_BUS, ramdisk_init);
