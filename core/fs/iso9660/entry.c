/* Directory entries and inodes, from records and what Rock Ridge adds. */
#include "parse.h"
#include "string.h"
#include <linux/errno.h>
#include <linux/stat.h>

/* Without Rock Ridge everybody may read everything, as on Linux. */
#define PLAIN_MODE 0555

static void plain_attributes(const struct iso_record *r, struct iso_entry *e)
{
	e->is_dir = r->flags & ISO_FLAG_DIR;
	e->mode = (e->is_dir ? S_IFDIR : S_IFREG) | PLAIN_MODE;
	e->nlink = 1;
	e->uid = e->gid = 0;
	e->major = e->minor = 0;
	e->atime = e->mtime = e->ctime = r->time;
	e->first = (struct iso_extent){r->block, r->size};
	e->size = r->size;
	e->extents = r->size ? 1 : 0;
}

/* Types must agree: the record's flag and the mode. */
static int rock_attributes(const struct iso_rock *k, struct iso_entry *e)
{
	if (k->has_attributes) {
		if (S_ISDIR(k->mode) != e->is_dir)
			return -EIO;
		e->mode = k->mode & (S_IFMT | 07777);
		e->nlink = k->nlink;
		e->uid = k->uid;
		e->gid = k->gid;
		e->major = k->major;
		e->minor = k->minor;
	}
	if (k->has_times) {
		e->atime = k->atime ? k->atime : e->atime;
		e->mtime = k->mtime ? k->mtime : e->mtime;
		e->ctime = k->ctime ? k->ctime : e->ctime;
	}
	if (!S_ISREG(e->mode) && !S_ISDIR(e->mode)) {
		e->extents = 0;
		e->size = 0;
	}
	return 0;
}

static bool usable(const char *s, u32 n)
{
	return n && !memchr(s, '/', n) && !memchr(s, '\0', n) &&
	       !(n == 1 && s[0] == '.') &&
	       !(n == 2 && s[0] == '.' && s[1] == '.');
}

/*
 * The name of a record, and with it what else is needed of the inode.  1: fine;
 * 0: to be left out; -EIO.
 */
static int describe(struct iso_reader *rd, const struct iso_volume *v,
		    const struct iso_record *r, struct iso_entry *e)
{
	struct iso_rock k = {.name = e->name};
	int n, err;

	plain_attributes(r, e);
	if (v->rock_ridge) {
		err = iso_rock_parse(rd, v, r, &k);
		if (err)
			return err;
		if (k.relocated)
			return 0;
		if (k.child_link) {
			/* Moved up (RRIP 4.1.5): what counts is there. */
			e->is_dir = true;
			e->mode = S_IFDIR | PLAIN_MODE;
			e->first.block = k.child;
		}
		err = rock_attributes(&k, e);
		if (err)
			return err;
	}
	if (k.has_name) {
		e->name_len = k.name_len;
		e->name[k.name_len] = '\0';
		return usable(e->name, e->name_len) ? 1 : -EIO;
	}
	n = v->joliet ? iso_name_joliet(r->name, r->name_len, e->name) :
			iso_name_plain(r->name, r->name_len, e->name);
	if (n < 0)
		return n;
	e->name_len = (unsigned)n;
	return 1;
}

/* A place in a run of records: one block at a time is held. */
struct cursor {
	struct iso_reader *rd;
	const struct iso_volume *v;
	u32 block, offset; /* of the next record */
	u32 left;          /* bytes of the directory from there on */
	const u8 *data;    /* of block; NULL: not held */
};

static void let_go(struct cursor *c)
{
	if (c->data)
		c->rd->put(c->rd, c->data);
	c->data = NULL;
}

static void advance(struct cursor *c, u32 n)
{
	n = MIN(n, c->left);
	c->left -= n;
	c->offset += n;
	if (c->offset == ISO_BLOCK) {
		let_go(c);
		c->block++;
		c->offset = 0;
	}
}

/* The record there, stepping over empty rests of blocks: 1, 0 (end), -errno. */
static int current(struct cursor *c, struct iso_record *r)
{
	while (c->left) {
		u32 room = MIN(ISO_BLOCK - c->offset, c->left);
		int err;

		if (c->block >= c->v->blocks)
			return -EIO;
		if (!c->data) {
			err = c->rd->get(c->rd, c->block, &c->data);
			if (err) {
				c->data = NULL;
				return err;
			}
		}
		err = iso_record_parse(c->data + c->offset, room, c->v->blocks,
				       r);
		if (err)
			return err;
		advance(c, room);
	}
	return 0;
}

/*
 * c is at the first record r of a file: take in the further extents of a large
 * one (ECMA-119 9.1.6, multi-extent) and step behind the last.  All but the
 * last extent are whole blocks.
 */
static int take_extents(struct cursor *c, struct iso_record *r,
			struct iso_entry *e, struct iso_extent *ext,
			unsigned max)
{
	struct iso_record next;
	unsigned n = 0;
	u64 size = 0;
	u8 flags = r->flags;
	u32 length = r->length;
	struct iso_extent x = {r->block, r->size};
	int err;

	for (;;) {
		if (ext && n < max)
			ext[n] = x;
		n++;
		size += x.size;
		advance(c, length);
		if (!(flags & ISO_FLAG_MULTI))
			break;
		if (x.size % ISO_BLOCK || n == ISO_EXTENTS_MAX)
			return -EIO;
		err = current(c, &next);
		if (err <= 0)
			return err ? err : -EIO;
		flags = next.flags;
		length = next.length;
		x = (struct iso_extent){next.block, next.size};
	}
	if (S_ISREG(e->mode)) {
		e->size = size;
		e->extents = size ? n : 0;
	}
	return ext && e->extents > max ? -EIO : 0;
}

int iso_dir_next(struct iso_reader *rd, const struct iso_volume *v, u32 block,
		 u32 size, u32 *pos, struct iso_entry *e)
{
	struct cursor c = {.rd = rd, .v = v};
	struct iso_record r;
	int got;

	if (*pos >= size)
		return 0;
	c.block = block + *pos / ISO_BLOCK;
	c.offset = *pos % ISO_BLOCK;
	c.left = size - *pos;
	for (;;) {
		u32 at_block, at_offset;

		got = current(&c, &r);
		if (got <= 0)
			break;
		at_block = c.block;
		at_offset = c.offset;
		if (iso_record_is_dot(&r) || iso_record_is_dotdot(&r) ||
		    (r.flags & ISO_FLAG_ASSOCIATED)) {
			advance(&c, r.length);
			continue;
		}
		got = describe(rd, v, &r, e);
		if (got < 0)
			break;
		e->block = e->is_dir ? e->first.block : at_block;
		e->offset = e->is_dir ? 0 : at_offset;
		if (take_extents(&c, &r, e, NULL, 0)) {
			got = -EIO;
			break;
		}
		if (got)
			break;
	}
	let_go(&c);
	*pos = size - c.left;
	return got;
}

/*
 * All records of the largest file, at most 255 bytes each, with room to spare.
 */
#define RECORDS_MAX (2 * ISO_EXTENTS_MAX * 256u)

/* Attributes, extents and link target of the record at c. */
static int read_inode(struct cursor *c, struct iso_entry *e,
		      struct iso_extent *ext, unsigned max, char *link,
		      size_t link_size)
{
	struct iso_rock k = {.link = link, .link_size = link_size};
	struct iso_record r;
	int err = current(c, &r);

	if (err <= 0)
		return err ? err : -EIO;
	/* The record of a directory is its own first one. */
	if (!(r.flags & ISO_FLAG_DIR) == iso_record_is_dot(&r))
		return -EIO;
	e->name[0] = '\0';
	e->name_len = 0;
	plain_attributes(&r, e);
	if (c->v->rock_ridge) {
		err = iso_rock_parse(c->rd, c->v, &r, &k);
		if (!err)
			err = rock_attributes(&k, e);
		if (err)
			return err;
	}
	if (e->is_dir)
		return r.size && r.block == e->block ? 0 : -EIO;
	if (S_ISLNK(e->mode)) {
		e->size = k.link_len;
		return !link || k.link_len ? 0 : -EIO;
	}
	return take_extents(c, &r, e, ext, max);
}

int iso_inode_read(struct iso_reader *rd, const struct iso_volume *v, u32 block,
		   u32 offset, struct iso_entry *e, struct iso_extent *ext,
		   unsigned max, char *link, size_t link_size)
{
	struct cursor c = {.rd = rd, .v = v, .block = block, .offset = offset};
	int err;

	if (block >= v->blocks || offset >= ISO_BLOCK)
		return -EIO;
	/*
	 * How long the directory is, is not known here; but so much is enough.
	 */
	c.left = (u32)MIN((u64)(v->blocks - block) * ISO_BLOCK - offset,
			  (u64)RECORDS_MAX);
	e->block = block;
	e->offset = offset;
	err = read_inode(&c, e, ext, max, link, link_size);
	let_go(&c);
	return err;
}
