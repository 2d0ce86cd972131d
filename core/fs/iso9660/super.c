/* Mounting ISO 9660 images. */
#include "log.h"
#include "private.h"
#include "string.h"
#include <asm/statfs.h>
#include <linux/magic.h>

#define BLOCK_SECTORS (ISO_BLOCK / SECTOR_SIZE)
#define PAGE_BLOCKS (PAGE_SIZE / ISO_BLOCK)

static int get_block(struct iso_reader *rd, u32 block, const u8 **data)
{
	struct iso_super *s = container_of(rd, struct iso_super, rd);
	struct page *p =
	    mapping_get_page(s->dev->cache, block / PAGE_BLOCKS, 0);

	if (IS_ERR(p))
		return (int)PTR_ERR(p);
	*data = (u8 *)page_address(p) + block % PAGE_BLOCKS * ISO_BLOCK;
	return 0;
}

static void put_block(struct iso_reader *rd, const u8 *data)
{
	page_put(phys_to_page(PAGE_DOWN(virt_to_phys(data))));
}

int iso_damaged(struct superblock *sb, u32 block)
{
	struct iso_super *s = sb->priv;

	if (!__atomic_exchange_n(&s->reported, true, __ATOMIC_RELAXED))
		kmsg("%s: the ISO 9660 image is damaged or unreadable near "
		     "block %u", s->dev->name, block);
	return -EIO;
}

static int statfs(struct superblock *sb, struct statfs *st)
{
	struct iso_super *s = sb->priv;

	st->f_blocks = s->v.blocks;
	return 0;
}

static void unmount(struct superblock *sb)
{
	kfree(sb->priv);
}

static const struct super_ops super_ops = {
	.statfs = statfs,
	.evict = iso_evict,
	.unmount = unmount,
};

static int open_volume(struct iso_super *s)
{
	u64 blocks = READ_ONCE(s->dev->sectors) / BLOCK_SECTORS;
	int err;

	if (s->dev->block_size > ISO_BLOCK)
		return -EINVAL;
	err = iso_volume_read(&s->rd, blocks, &s->v);
	if (err == -EIO)
		kmsg("%s: the ISO 9660 image is damaged or truncated",
		     s->dev->name);
	return err;
}

static int mount(struct superblock *sb, struct blkdev *dev, const char *options)
{
	struct iso_super *s;
	struct inode *root;
	int err;

	if (*options)
		return -EINVAL;
	s = kzalloc(sizeof(*s), 0);
	if (!s)
		return -ENOMEM;
	s->rd.get = get_block;
	s->rd.put = put_block;
	s->dev = dev;
	err = open_volume(s);
	if (err) {
		kfree(s);
		return err;
	}
	sb->priv = s;
	sb->ops = &super_ops;
	sb->flags |= MS_RDONLY;
	sb->block_size = ISO_BLOCK;
	sb->magic = ISOFS_SUPER_MAGIC;
	root = iso_inode(sb, s->v.root, 0);
	err = IS_ERR(root) ? (int)PTR_ERR(root) : root_make(sb, root);
	if (err) {
		sb->priv = NULL;
		kfree(s);
	}
	return err;
}

static const struct fs_type iso9660 = {
	.name = "iso9660",
	.needs_device = true,
	.mount = mount,
};
LINKSET(fstypes, iso9660);
