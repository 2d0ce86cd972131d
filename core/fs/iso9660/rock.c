/* System use entries (SUSP 1.12) and what Rock Ridge (RRIP 1.12) puts there. */
#include "parse.h"
#include "string.h"
#include <linux/errno.h>

/* Continuation areas of one record; more is a loop. */
#define AREAS_MAX 64

#define SUSP_HEADER 4 /* signature, length, version */

bool iso_rock_present(const struct iso_record *r, u8 *skip)
{
	const u8 *p = r->system_use;
	u32 n = r->system_use_len;

	/* SUSP 5.3: first, or behind the attributes of a CD-ROM XA disc. */
	for (unsigned tries = 0; tries < 2; tries++) {
		if (n >= 7 && p[0] == 'S' && p[1] == 'P' && p[2] >= 7 &&
		    p[4] == 0xbe && p[5] == 0xef) {
			*skip = p[6];
			return true;
		}
		if (n < 14)
			break;
		p += 14;
		n -= 14;
	}
	return false;
}

/* RRIP 4.1.1; serial numbers of newer images are not used. */
static int attributes(const u8 *p, u32 n, struct iso_rock *k)
{
	if (n < 36 || !iso_both32(p + 4, &k->mode) ||
	    !iso_both32(p + 12, &k->nlink) || !iso_both32(p + 20, &k->uid) ||
	    !iso_both32(p + 28, &k->gid))
		return -EIO;
	k->has_attributes = true;
	return 0;
}

/* RRIP 4.1.2: with nothing in the high half, the old 8:8 form. */
static int device(const u8 *p, u32 n, struct iso_rock *k)
{
	u32 high, low;

	if (n < 20 || !iso_both32(p + 4, &high) || !iso_both32(p + 12, &low))
		return -EIO;
	k->major = high ? high : low >> 8;
	k->minor = high ? low : low & 0xff;
	return 0;
}

/* RRIP 4.1.4: pieces of a name. */
static int name(const u8 *p, u32 n, struct iso_rock *k)
{
	u32 len = n - 5;

	if (n < 5)
		return -EIO;
	if (!k->name || (p[4] & 0x06)) /* CURRENT, PARENT: "." and ".." */
		return 0;
	if (k->name_len + len > ISO_NAME_MAX)
		return -EIO;
	memcpy(k->name + k->name_len, p + 5, len);
	k->name_len += len;
	k->has_name = true;
	return 0;
}

static bool link_add(struct iso_rock *k, const void *s, size_t n)
{
	if (n >= k->link_size - k->link_len)
		return false;
	memcpy(k->link + k->link_len, s, n);
	k->link_len += n;
	k->link[k->link_len] = '\0';
	return true;
}

/* RRIP 4.1.3.1: component flags. */
#define SL_CONTINUE 0x01
#define SL_CURRENT 0x02
#define SL_PARENT 0x04
#define SL_ROOT 0x08

static bool component(struct iso_rock *k, u8 flags, const u8 *s, u32 n)
{
	if (k->link_slash && !link_add(k, "/", 1))
		return false;
	k->link_slash = !(flags & (SL_CONTINUE | SL_ROOT));
	if (flags & SL_CURRENT)
		return link_add(k, ".", 1);
	if (flags & SL_PARENT)
		return link_add(k, "..", 2);
	if (flags & SL_ROOT)
		return link_add(k, "/", 1);
	return !memchr(s, 0, n) && link_add(k, s, n);
}

/* RRIP 4.1.3: components of a link's target. */
static int symlink(const u8 *p, u32 n, struct iso_rock *k)
{
	u32 at = 5;

	if (n < 5)
		return -EIO;
	if (!k->link)
		return 0;
	while (at + 2 <= n) {
		u32 len = p[at + 1];

		if (at + 2 + len > n ||
		    !component(k, p[at], p + at + 2, len))
			return -EIO;
		at += 2 + len;
	}
	return 0;
}

/* RRIP 4.1.6: which stamps there are, in the order of the bits. */
static int times(const u8 *p, u32 n, struct iso_rock *k)
{
	bool longform;
	u32 size, at = 5;

	if (n < 5)
		return -EIO;
	longform = p[4] & 0x80;
	size = longform ? 17 : 7;
	for (unsigned bit = 0; bit < 7; bit++) {
		s64 t;

		if (!(p[4] & BIT(bit)))
			continue;
		if (at + size > n)
			return -EIO;
		t = longform ? iso_time17(p + at) : iso_time7(p + at);
		at += size;
		if (bit == 1)
			k->mtime = t;
		else if (bit == 2)
			k->atime = t;
		else if (bit == 3)
			k->ctime = t;
	}
	k->has_times = true;
	return 0;
}

/* SUSP 5.1: where the entries go on. */
struct area {
	u32 block, offset, size;
};

static int continuation(const u8 *p, u32 n, u32 blocks, struct area *a)
{
	if (n < 28 || !iso_both32(p + 4, &a->block) ||
	    !iso_both32(p + 12, &a->offset) || !iso_both32(p + 20, &a->size))
		return -EIO;
	if (a->block >= blocks || a->offset >= ISO_BLOCK ||
	    a->size > ISO_BLOCK - a->offset)
		return -EIO;
	return 0;
}

static int child_link(const u8 *p, u32 n, u32 blocks, struct iso_rock *k)
{
	if (n < 12 || !iso_both32(p + 4, &k->child) || k->child >= blocks)
		return -EIO;
	k->child_link = true;
	return 0;
}

#define SIG(a, b) ((u32)(a) << 8 | (b))

static int entry(const u8 *p, u32 n, u32 blocks, struct iso_rock *k,
		 struct area *next)
{
	switch (SIG(p[0], p[1])) {
	case SIG('C', 'E'):
		return continuation(p, n, blocks, next);
	case SIG('P', 'X'):
		return attributes(p, n, k);
	case SIG('P', 'N'):
		return device(p, n, k);
	case SIG('N', 'M'):
		return name(p, n, k);
	case SIG('S', 'L'):
		return symlink(p, n, k);
	case SIG('T', 'F'):
		return times(p, n, k);
	case SIG('C', 'L'):
		return child_link(p, n, blocks, k);
	case SIG('R', 'E'):
		k->relocated = true;
		return 0;
	default: /* SP, ER, PL, RR and whatever else there may be */
		return 0;
	}
}

/* The entries of one area; the rest may be padding. */
static int area_parse(const u8 *p, u32 n, u32 blocks, struct iso_rock *k,
		      struct area *next)
{
	next->size = 0;
	while (n >= SUSP_HEADER) {
		u32 len = p[2];
		int err;

		if (len < SUSP_HEADER || (p[0] == 'S' && p[1] == 'T'))
			return 0;
		if (len > n)
			return -EIO;
		err = entry(p, len, blocks, k, next);
		if (err)
			return err;
		p += len;
		n -= len;
	}
	return 0;
}

int iso_rock_parse(struct iso_reader *rd, const struct iso_volume *v,
		   const struct iso_record *r, struct iso_rock *k)
{
	u32 skip = MIN((u32)v->susp_skip, r->system_use_len);
	struct area next;
	const u8 *data;
	int err;

	k->link_len = 0;
	err = area_parse(r->system_use + skip, r->system_use_len - skip,
			 v->blocks, k, &next);
	for (unsigned i = 0; !err && next.size; i++) {
		struct area a = next;

		if (i == AREAS_MAX)
			return -EIO;
		err = rd->get(rd, a.block, &data);
		if (err)
			return err;
		err = area_parse(data + a.offset, a.size, v->blocks, k, &next);
		rd->put(rd, data);
	}
	return err;
}
