/*
 * For tests and fuzzers of the ISO 9660 parser: an image in memory, and a walk
 * over all of it that tells what it finds.
 */
#ifndef ISO_WALK_H
#define ISO_WALK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/errno.h>
#include <sys/stat.h>
#include "../../../fs/iso9660/iso.h"

struct memory_image {
	struct iso_reader rd;
	const u8 *bytes;
	size_t size;
	unsigned held;
};

/* A copy of exactly a block, so that the sanitizer sees what is beyond it. */
static int memory_get(struct iso_reader *rd, u32 block, const u8 **data)
{
	struct memory_image *m = (struct memory_image *)rd;
	u8 *copy;

	if (((u64)block + 1) * ISO_BLOCK > m->size)
		return -EIO;
	copy = malloc(ISO_BLOCK);
	memcpy(copy, m->bytes + (size_t)block * ISO_BLOCK, ISO_BLOCK);
	*data = copy;
	m->held++;
	return 0;
}

static void memory_put(struct iso_reader *rd, const u8 *data)
{
	((struct memory_image *)rd)->held--;
	free((void *)(uintptr_t)data);
}

static void memory_open(struct memory_image *m, const u8 *bytes, size_t size)
{
	*m = (struct memory_image){
		.rd = {memory_get, memory_put}, .bytes = bytes, .size = size};
}

struct walk {
	struct memory_image image;
	struct iso_volume v;
	/* Called for every name; path is complete.  May be NULL. */
	void (*found)(struct walk *w, const char *path,
		      const struct iso_entry *e, const struct iso_extent *ext,
		      const char *link);
	unsigned left;  /* names to visit at most */
	unsigned errors;
	void *priv;
};

static void walk_dir(struct walk *w, u32 block, u32 size, const char *path,
		     unsigned depth)
{
	struct iso_extent ext[ISO_EXTENTS_MAX];
	struct iso_entry e, inode;
	char link[4096], name[4096];
	u32 pos = 0;
	int got;

	while (w->left && (got = iso_dir_next(&w->image.rd, &w->v, block, size,
					      &pos, &e))) {
		if (got < 0) {
			w->errors++;
			return;
		}
		w->left--;
		snprintf(name, sizeof(name), "%s/%s", path, e.name);
		link[0] = '\0';
		if (iso_inode_read(&w->image.rd, &w->v, e.block, e.offset,
				   &inode, ext, ISO_EXTENTS_MAX, link,
				   sizeof(link))) {
			w->errors++;
			continue;
		}
		if (w->found)
			w->found(w, name, &inode, ext, link);
		if (inode.is_dir && depth < 20)
			walk_dir(w, inode.block, (u32)inode.size, name,
				 depth + 1);
	}
}

/* 0, or the error that opening the volume gave. */
static int walk_image(struct walk *w, const u8 *bytes, size_t size)
{
	int err;

	memory_open(&w->image, bytes, size);
	w->errors = 0;
	err = iso_volume_read(&w->image.rd, size / ISO_BLOCK, &w->v);
	if (!err)
		walk_dir(w, w->v.root, w->v.root_size, "", 0);
	if (w->image.held)
		abort();
	return err;
}

#endif
