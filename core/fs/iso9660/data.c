/* File contents: from extents to requests of the block device. */
#include "private.h"
#include "string.h"

#define SEGMENTS 32

/* A run of consecutive sectors that goes to consecutive places of pages. */
struct run {
	struct blkdev *dev;
	struct blk_segment seg[SEGMENTS];
	unsigned nr;
	u64 sector, next; /* first; behind the last */
};

static int flush(struct run *r)
{
	int err = 0;

	if (r->nr)
		err = blkdev_run(r->dev, BLK_READ, r->sector, r->seg, r->nr);
	r->nr = 0;
	return err;
}

/* One more block, to data. */
static int add(struct run *r, u64 sector, u8 *data)
{
	struct blk_segment *last = r->nr ? &r->seg[r->nr - 1] : NULL;
	int err;

	if (last && sector == r->next &&
	    (u8 *)last->data + last->len == data &&
	    last->len + ISO_BLOCK <= r->dev->max_segment) {
		last->len += ISO_BLOCK;
		r->next += ISO_BLOCK / SECTOR_SIZE;
		return 0;
	}
	if (r->nr && (sector != r->next ||
		      r->nr == MIN(r->dev->max_segments, (unsigned)SEGMENTS))) {
		err = flush(r);
		if (err)
			return err;
	}
	if (!r->nr)
		r->sector = sector;
	r->seg[r->nr++] = (struct blk_segment){data, ISO_BLOCK};
	r->next = sector + ISO_BLOCK / SECTOR_SIZE;
	return 0;
}

/* Where the block at offset of a file lies; false: behind its end. */
static bool locate(const struct iso_node *n, u64 offset, u64 *sector)
{
	const struct iso_extent *x = n->more ? n->more : &n->first;

	for (unsigned i = 0; i < n->extents; i++, x++) {
		if (offset < x->size) {
			*sector = ((u64)x->block + offset / ISO_BLOCK) *
				  (ISO_BLOCK / SECTOR_SIZE);
			return true;
		}
		offset -= x->size;
	}
	return false;
}

static int read_pages(struct mapping *m, struct page **pages, unsigned nr)
{
	struct inode *inode = m->owner;
	struct iso_super *s = inode->sb->priv;
	struct run r = {.dev = s->dev};
	u64 size = (u64)inode->size;
	int err = 0;

	for (unsigned i = 0; i < nr && !err; i++) {
		u64 start = (u64)pages[i]->index * PAGE_SIZE;
		u8 *data = page_address(pages[i]);

		for (u32 at = 0; at < PAGE_SIZE && !err; at += ISO_BLOCK) {
			u64 sector;

			if (locate(inode->priv, start + at, &sector))
				err = add(&r, sector, data + at);
			else
				memset(data + at, 0, ISO_BLOCK);
		}
	}
	if (!err)
		err = flush(&r);
	/* The last block's rest is not the file's. */
	for (unsigned i = 0; i < nr && !err; i++) {
		u64 start = (u64)pages[i]->index * PAGE_SIZE;

		if (size > start && size - start < PAGE_SIZE)
			memset((u8 *)page_address(pages[i]) + (size - start),
			       0, PAGE_SIZE - (size - start));
	}
	return err;
}

static int read_page(struct mapping *m, struct page *p)
{
	return read_pages(m, &p, 1);
}

static u64 size(struct mapping *m)
{
	struct inode *inode = m->owner;

	return (u64)inode->size;
}

const struct mapping_ops iso_mapping_ops = {
	.read_page = read_page,
	.read_pages = read_pages,
	.size = size,
};
