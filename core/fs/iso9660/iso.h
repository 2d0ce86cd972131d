/*
 * ISO 9660 (ECMA-119) images with Rock Ridge (SUSP and RRIP 1.12) or Joliet:
 * the parser.  Everything in an image is outside data: every length, offset and
 * block number is checked before it is used, and every walk has an end.
 *
 * This part knows nothing of the kernel: it reads blocks through a callback, so
 * that tests and fuzzers can drive it.  All functions return 0 or more, or -EIO
 * (the image is damaged), -ENOMEM and the like from the callback.
 */
#ifndef RR_ISO_H
#define RR_ISO_H

#include "types.h"

#define ISO_BLOCK 2048u /* the only logical block size in use */
#define ISO_NAME_MAX 255u
#define ISO_EXTENTS_MAX 256u /* a terabyte */

/* Blocks of the image. */
struct iso_reader {
	/* The bytes of a block, until put.  0 or -errno. */
	int (*get)(struct iso_reader *rd, u32 block, const u8 **data);
	void (*put)(struct iso_reader *rd, const u8 *data);
};

struct iso_volume {
	u32 blocks;      /* all of the volume: no extent goes beyond */
	u32 root;        /* first block of the root directory */
	u32 root_size;   /* bytes */
	bool rock_ridge; /* else names are Joliet's or plain */
	bool joliet;
	u8 susp_skip;    /* bytes before the system use entries (SUSP 5.3) */
};

/* Part of a file: size bytes from block on. */
struct iso_extent {
	u32 block;
	u32 size;
};

/* What a directory says of one name, or an inode of itself. */
struct iso_entry {
	/*
	 * Where the record of the inode is: for a directory its own "." entry,
	 * so that all ways lead to one address.
	 */
	u32 block, offset;
	char name[ISO_NAME_MAX + 1];
	unsigned name_len;
	bool is_dir;
	u32 mode;    /* type and permissions */
	u32 nlink, uid, gid;
	u32 major, minor; /* device nodes */
	s64 atime, mtime, ctime; /* seconds since 1970 */
	u64 size;
	struct iso_extent first;
	unsigned extents; /* of a file; those after first: iso_inode_read */
};

/* Find the volume in an image of so many blocks; -EINVAL: not ISO 9660. */
int iso_volume_read(struct iso_reader *rd, u64 image_blocks,
		    struct iso_volume *v);

/*
 * The next entry of the directory of size bytes at block, from *pos (0: the
 * first) on, which advances.  "." and ".." are left out, as is what the image
 * hides. 1: *e is filled in; 0: the end.
 */
int iso_dir_next(struct iso_reader *rd, const struct iso_volume *v, u32 block,
		 u32 size, u32 *pos, struct iso_entry *e);

/*
 * The inode whose record is at block and offset (of an iso_entry).  ext: room
 * for max extents, of which e->extents are filled in; link: room for a symbolic
 * link's target with its NUL; either may be NULL.
 */
int iso_inode_read(struct iso_reader *rd, const struct iso_volume *v, u32 block,
		   u32 offset, struct iso_entry *e, struct iso_extent *ext,
		   unsigned max, char *link, size_t link_size);

#endif
