/*
 * The baked programs as files in /bin: what /proc/PID/exe leads to, and what a
 * program that looks at its own file reads.
 *
 * Such a file is put together from the ELF header, the program headers and the
 * loadable segments as they lie in the image; what the bake left out (section
 * headers, symbols) is not there.
 */
#include "dentry.h"
#include "fs.h"
#include "fsfile.h"
#include "image.h"
#include "kernelfile.h"
#include "log.h"
#include "page.h"
#include "string.h"
#include "vm.h"
#include <linux/elf.h>

LINKSET_DECLARE(programs);

#define PROGFS_MAGIC 0x72756e70 /* "runp"; no number of Linux' */
#define ROOT_INO 1
#define FIRST_INO 2
#define FIRST_POS 2 /* behind "." and ".." */

static const struct inode_ops dir_inode_ops, file_inode_ops;
static const struct file_ops dir_ops, file_ops;

static const struct baked_program *nth(u64 n)
{
	const struct baked_program *p;

	LINKSET_FOREACH(programs, p)
		if (n-- == 0)
			return p;
	return NULL;
}

static const Elf64_Phdr *headers(const struct baked_program *p)
{
	const Elf64_Ehdr *e = p->ehdr;

	return (const Elf64_Phdr *)(e + 1);
}

/* Up to where the headers, and the bytes of the segments, reach. */
static u64 headers_size(const struct baked_program *p)
{
	const Elf64_Ehdr *e = p->ehdr;

	return sizeof(*e) + e->e_phnum * sizeof(Elf64_Phdr);
}

static u64 file_size(const struct baked_program *p)
{
	const Elf64_Ehdr *e = p->ehdr;
	const Elf64_Phdr *ph = headers(p);
	u64 size = headers_size(p);

	for (unsigned i = 0; i < e->e_phnum; i++)
		if (ph[i].p_type == PT_LOAD)
			size = MAX(size, ph[i].p_offset + ph[i].p_filesz);
	return size;
}

/* What of [from, from+n) lies in [start, start+len), whose bytes are at src. */
static void copy_part(u8 *out, u64 from, u64 n, u64 start, u64 len,
		      const u8 *src)
{
	u64 a = MAX(from, start), b = MIN(from + n, start + len);

	if (a < b)
		memcpy(out + (a - from), src + (a - start), b - a);
}

static int read_page(struct mapping *m, struct page *page)
{
	struct inode *inode = m->owner;
	const struct baked_program *p = inode->priv;
	const Elf64_Ehdr *e = p->ehdr;
	const Elf64_Phdr *ph = headers(p);
	u64 from = (u64)page->index << PAGE_SHIFT;
	u8 *out = page_address(page);
	unsigned load = 0;

	memset(out, 0, PAGE_SIZE);
	for (unsigned i = 0; i < e->e_phnum; i++) {
		u64 start = PAGE_DOWN(ph[i].p_offset), end;

		if (ph[i].p_type != PT_LOAD)
			continue;
		end = ph[i].p_offset + ph[i].p_filesz;
		if (p->packed >> load & 1) {
			if (from >= start && from < end)
				vm_unpack_page(p->load[load],
					       ph[i].p_vaddr -
						       ph[i].p_offset + from,
					       0, out);
		} else if (ph[i].p_filesz) {
			copy_part(out, from, PAGE_SIZE, start, end - start,
				  p->load[load]);
		}
		load++;
	}
	copy_part(out, from, PAGE_SIZE, 0, headers_size(p), p->ehdr);
	return 0;
}

static u64 mapping_size(struct mapping *m)
{
	struct inode *inode = m->owner;

	return (u64)inode->size;
}

static const struct mapping_ops mapping_ops = {
	.read_page = read_page,
	.size = mapping_size,
};

static int fill(struct inode *i, void *arg)
{
	const struct baked_program *p = arg;

	i->mode = S_IFREG | 0555;
	i->uid = i->gid = 0;
	i->size = (loff_t)file_size(p);
	i->blocks = DIV_ROUND_UP((u64)i->size, 512);
	i->ops = &file_inode_ops;
	i->fops = &file_ops;
	i->priv = (void *)p;
	i->mapping = &i->pages;
	mapping_init(i->mapping, &mapping_ops, i);
	return 0;
}

static int lookup(struct inode *dir, struct dentry *d)
{
	const struct baked_program *p;
	struct inode *i;

	for (u64 n = 0; (p = nth(n)) != NULL; n++) {
		if (strcmp(p->name, d->name))
			continue;
		i = inode_load(dir->sb, FIRST_INO + n, 0, fill, (void *)p);
		if (IS_ERR(i))
			return PTR_ERR(i);
		dentry_instantiate(d, i);
		break;
	}
	return 0;
}

static int iterate(struct file *f, struct dir_emit *de)
{
	const struct baked_program *p;

	if (!dir_emit_dots(f, de))
		return 0;
	while ((p = nth((u64)de->pos - FIRST_POS)) != NULL)
		if (!dir_emit(de, p->name, strlen(p->name),
			      FIRST_INO + (u64)de->pos - FIRST_POS,
			      dirent_type(S_IFREG), de->pos + 1))
			break;
	return 0;
}

static const struct inode_ops dir_inode_ops = {.lookup = lookup};
static const struct inode_ops file_inode_ops;
static const struct file_ops dir_ops = DIRECTORY_FILE_OPS(iterate);
static const struct file_ops file_ops = {
	.read = generic_read,
	.seek = generic_seek,
	.mmap = generic_mmap,
	.fsync = generic_fsync,
};

static const struct super_ops super_ops;

static int progfs_mount(struct superblock *sb, struct blkdev *dev,
			const char *options)
{
	struct inode *root;

	sb->ops = &super_ops;
	sb->magic = PROGFS_MAGIC;
	sb->flags |= MS_RDONLY;
	root = inode_new(sb, S_IFDIR | 0555, 0);
	if (root) {
		root->ino = ROOT_INO;
		root->uid = root->gid = 0;
		root->nlink = 2;
		root->ops = &dir_inode_ops;
		root->fops = &dir_ops;
	}
	return root_make(sb, root);
}

static const struct fs_type progfs_type = {
	.name = "progfs",
	.mount = progfs_mount,
};
LINKSET(fstypes, progfs_type);

static void progfs_init(void)
{
	int err = kernel_mount("progfs", "/bin", "progfs",
			       MS_RDONLY | MS_NOSUID | MS_NODEV, "");

	if (err)
		panic("cannot mount /bin: error %d", -err);
}
INITCALL(INIT_FS, progfs_init);
