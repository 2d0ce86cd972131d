/* The page cache of a whole block device: /dev/NAME, and metadata. */
#include "page.h"
#include "pagecache.h"
#include "private.h"
#include "string.h"
#include <linux/errno.h>

#define PAGE_SECTORS (PAGE_SIZE / SECTOR_SIZE)

/* Sectors of page index that exist; the last page may be short. */
static u32 page_bytes(struct blkdev *d, u64 index)
{
	u64 sectors = READ_ONCE(d->sectors), first = index * PAGE_SECTORS;

	if (first >= sectors)
		return 0;
	return (u32)MIN(sectors - first, PAGE_SECTORS) * SECTOR_SIZE;
}

static int read_page(struct mapping *m, struct page *p)
{
	struct blkdev *d = m->owner;
	u8 *data = page_address(p);
	u32 n = page_bytes(d, p->index);

	memset(data + n, 0, PAGE_SIZE - n);
	if (!n)
		return 0;
	return blkdev_read(d, (u64)p->index * PAGE_SECTORS, data, n);
}

static int write_page(struct mapping *m, struct page *p)
{
	struct blkdev *d = m->owner;
	u32 n = page_bytes(d, p->index);

	if (!n)
		return 0;
	return blkdev_write(d, (u64)p->index * PAGE_SECTORS, page_address(p),
			    n);
}

static const struct mapping_ops read_write = {
	.read_page = read_page,
	.write_page = write_page,
};

static const struct mapping_ops read_only = {
	.read_page = read_page,
};

int blkdev_cache_init(struct blkdev *d)
{
	struct mapping *m = kzalloc(sizeof(*m), 0);

	if (!m)
		return -ENOMEM;
	mapping_init(m, d->read_only ? &read_only : &read_write, d);
	d->cache = m;
	return 0;
}
