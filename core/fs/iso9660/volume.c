/*
 * Volume descriptors (ECMA-119 8): is it an image of ours, where is its root?
 */
#include "parse.h"
#include "string.h"
#include <linux/errno.h>

#define FIRST_DESCRIPTOR 16 /* ECMA-119 6.2.1: behind the system area */
#define DESCRIPTORS_MAX 64

/* ECMA-119 8.1.1: types. */
#define TYPE_PRIMARY 1
#define TYPE_SUPPLEMENTARY 2
#define TYPE_END 255

/* ECMA-119 8.4: offsets in a primary or supplementary descriptor. */
#define D_BLOCKS 80
#define D_ESCAPES 88
#define D_BLOCK_SIZE 128
#define D_ROOT 156
#define D_ROOT_SIZE 34

static bool is_joliet(const u8 *d)
{
	const u8 *e = d + D_ESCAPES;

	/* Joliet 3: UCS-2 levels 1, 2 and 3 */
	return e[0] == '%' && e[1] == '/' &&
	       (e[2] == '@' || e[2] == 'C' || e[2] == 'E');
}

static int parse(const u8 *d, u64 image_blocks, struct iso_volume *v)
{
	struct iso_record r;
	u32 block_size;

	if (!iso_both16(d + D_BLOCK_SIZE, &block_size) ||
	    block_size != ISO_BLOCK || !iso_both32(d + D_BLOCKS, &v->blocks))
		return -EIO;
	if (v->blocks > image_blocks)
		return -EIO; /* truncated */
	if (iso_record_parse(d + D_ROOT, D_ROOT_SIZE, v->blocks, &r) != 1 ||
	    !(r.flags & ISO_FLAG_DIR) || !r.size)
		return -EIO;
	v->root = r.block;
	v->root_size = r.size;
	return 0;
}

/* The root's first record tells whether there is Rock Ridge. */
static int look_for_rock(struct iso_reader *rd, struct iso_volume *v)
{
	struct iso_record r;
	const u8 *data;
	int err = rd->get(rd, v->root, &data);

	if (err)
		return err;
	if (iso_record_parse(data, ISO_BLOCK, v->blocks, &r) != 1 ||
	    !iso_record_is_dot(&r))
		err = -EIO;
	else
		v->rock_ridge = iso_rock_present(&r, &v->susp_skip);
	rd->put(rd, data);
	return err;
}

/* One descriptor; 1: it was the last. */
static int descriptor(const u8 *d, u64 image_blocks, struct iso_volume *primary,
		      bool *found, struct iso_volume *joliet)
{
	if (memcmp(d + 1, "CD001", 5)) /* ECMA-119 8.1.2 */
		return *found ? 1 : -EINVAL;
	switch (d[0]) {
	case TYPE_PRIMARY:
		if (*found)
			return 0; /* copies may follow */
		*found = true;
		return parse(d, image_blocks, primary);
	case TYPE_SUPPLEMENTARY:
		if (is_joliet(d) && !joliet->joliet)
			joliet->joliet = !parse(d, image_blocks, joliet);
		return 0;
	case TYPE_END:
		return 1;
	default:
		return 0;
	}
}

int iso_volume_read(struct iso_reader *rd, u64 image_blocks,
		    struct iso_volume *v)
{
	struct iso_volume joliet = {.joliet = false};
	bool found = false;
	const u8 *data;
	int err = 0;

	memset(v, 0, sizeof(*v));
	for (u32 i = 0; !err && i < DESCRIPTORS_MAX; i++) {
		if (FIRST_DESCRIPTOR + i >= image_blocks)
			break;
		err = rd->get(rd, FIRST_DESCRIPTOR + i, &data);
		if (err)
			return err;
		err = descriptor(data, image_blocks, v, &found, &joliet);
		rd->put(rd, data);
	}
	if (err < 0)
		return err;
	if (!found)
		return -EINVAL;
	err = look_for_rock(rd, v);
	if (!err && !v->rock_ridge && joliet.joliet)
		*v = joliet;
	return err;
}
