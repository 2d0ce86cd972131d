/* ISO 9660: what the parser's files share. */
#ifndef RR_ISO_PARSE_H
#define RR_ISO_PARSE_H

#include "iso.h"

/* Little-endian fields at any address. */
static inline u32 iso_le32(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static inline u32 iso_le16(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8;
}

/* ECMA-119 7.3.3: both byte orders, which must agree. */
static inline bool iso_both32(const u8 *p, u32 *out)
{
	u32 big = (u32)p[4] << 24 | (u32)p[5] << 16 | (u32)p[6] << 8 | p[7];

	*out = iso_le32(p);
	return *out == big;
}

/* ECMA-119 7.2.3 */
static inline bool iso_both16(const u8 *p, u32 *out)
{
	*out = iso_le16(p);
	return *out == ((u32)p[2] << 8 | p[3]);
}

/* A directory record (ECMA-119 9.1). */
struct iso_record {
	u32 length;       /* of the record itself */
	u32 block;        /* of the data, behind extended attributes */
	u32 size;
	u8 flags;         /* ISO_FLAG_* */
	s64 time;
	const u8 *name;
	u32 name_len;
	const u8 *system_use;
	u32 system_use_len;
};

#define ISO_FLAG_DIR 0x02        /* ECMA-119 9.1.6 */
#define ISO_FLAG_ASSOCIATED 0x04
#define ISO_FLAG_MULTI 0x80      /* more extents follow */

/*
 * The record at p, of which room bytes are left in its block: 1; 0: none, the
 * rest of the block is empty; -EIO.  The extent is checked against the volume's
 * blocks.
 */
int iso_record_parse(const u8 *p, u32 room, u32 blocks, struct iso_record *r);

static inline bool iso_record_is_dot(const struct iso_record *r)
{
	return r->name_len == 1 && r->name[0] == 0;
}
static inline bool iso_record_is_dotdot(const struct iso_record *r)
{
	return r->name_len == 1 && r->name[0] == 1;
}

/* Seconds since 1970: 7 bytes (ECMA-119 9.1.5), 17 bytes (8.4.26.1). */
s64 iso_time7(const u8 *p);
s64 iso_time17(const u8 *p);

/*
 * A name into out[ISO_NAME_MAX + 1]: lower-cased and without version (plain),
 * from UCS-2 (Joliet).  Its length, or -EIO.
 */
int iso_name_plain(const u8 *name, u32 n, char *out);
int iso_name_joliet(const u8 *name, u32 n, char *out);

/* What Rock Ridge adds to a record. */
struct iso_rock {
	bool has_name, has_attributes, has_times;
	bool relocated;  /* RE: listed elsewhere */
	bool child_link; /* CL: a directory that was moved to child */
	u32 child;
	char *name;      /* room for ISO_NAME_MAX + 1; or NULL */
	u32 name_len;
	u32 mode, nlink, uid, gid, major, minor;
	s64 atime, mtime, ctime;
	char *link;      /* room for link_size; or NULL */
	size_t link_size, link_len;
	bool link_slash; /* the next component needs a slash before it */
};

/* Read the system use entries of a record into *k (its buffers are set). */
int iso_rock_parse(struct iso_reader *rd, const struct iso_volume *v,
		   const struct iso_record *r, struct iso_rock *k);
/* Does the root's "." record say that there are any?  Sets susp_skip. */
bool iso_rock_present(const struct iso_record *r, u8 *skip);

#endif
