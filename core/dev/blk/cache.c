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

#define SEGMENTS 32

/* Consecutive pages, in as few requests as the device takes. */
static int read_pages(struct mapping *m, struct page **pages, unsigned nr)
{
	struct blkdev *d = m->owner;
	unsigned most = MIN(d->max_segments, (unsigned)SEGMENTS);
	struct blk_segment seg[SEGMENTS];

	for (unsigned done = 0; done < nr;) {
		u64 sector = (u64)pages[done]->index * PAGE_SECTORS;
		unsigned n = 0;
		int err;

		for (; n < most && done < nr; done++) {
			u8 *data = page_address(pages[done]);
			u32 len = page_bytes(d, pages[done]->index);

			memset(data + len, 0, PAGE_SIZE - len);
			if (len)
				seg[n++] = (struct blk_segment){data, len};
		}
		if (!n)
			continue;
		err = blkdev_run(d, BLK_READ, sector, seg, n);
		if (err)
			return err;
	}
	return 0;
}

static int read_page(struct mapping *m, struct page *p)
{
	return read_pages(m, &p, 1);
}

static u64 size(struct mapping *m)
{
	struct blkdev *d = m->owner;

	return READ_ONCE(d->sectors) * SECTOR_SIZE;
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
	.read_pages = read_pages,
	.size = size,
	.write_page = write_page,
};

static const struct mapping_ops read_only = {
	.read_page = read_page,
	.read_pages = read_pages,
	.size = size,
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
