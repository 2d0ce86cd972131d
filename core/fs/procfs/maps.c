/* maps and smaps: what is mapped in a process. */
#include "file.h"
#include "fs.h"
#include "path.h"
#include "private.h"

static void show_name(struct text *t, const struct vma *v, size_t start,
		      char *buf)
{
	char *s = NULL;

	if (v->file && v->file->dentry) {
		struct path p = {v->file->mount, v->file->dentry};

		s = path_to_string(&p, buf, PATH_MAX);
	}
	if (!s || IS_ERR(s))
		s = (char *)v->name;
	if (s) {
		/* Names begin at this column (Linux' seq_pad). */
		text_pad(t, start, 73);
		for (; *s; s++) {
			if (*s == '\n')
				text_add(t, "\\012");
			else
				text_bytes(t, s, 1);
		}
	}
	text_add(t, "\n");
}

static void show_line(struct text *t, const struct vma *v, char *buf)
{
	size_t start = t->len;
	u64 dev = 0, ino = 0, off = 0;

	if (v->file && v->file->inode) {
		dev = v->file->inode->sb->dev;
		ino = v->file->inode->ino;
		off = v->pgoff << PAGE_SHIFT;
	}
	text_add(t, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", v->start,
		 v->end, v->flags & VMA_READ ? 'r' : '-',
		 v->flags & VMA_WRITE ? 'w' : '-',
		 v->flags & VMA_EXEC ? 'x' : '-',
		 v->flags & VMA_SHARED ? 's' : 'p', off, dev_major(dev),
		 dev_minor(dev), ino);
	show_name(t, v, start, buf);
}

struct sums {
	u64 size, rss, anon;
};

static void show_sums(struct text *t, const struct sums *s, bool shared)
{
#define KB(pages) ((pages) * (PAGE_SIZE / 1024))
	u64 file = s->rss - s->anon;

	text_add(t, "Rss:            %8lu kB\n", KB(s->rss));
	text_add(t, "Pss:            %8lu kB\n", KB(s->rss));
	text_add(t, "Shared_Clean:   %8lu kB\n", 0ul);
	text_add(t, "Shared_Dirty:   %8lu kB\n", 0ul);
	text_add(t, "Private_Clean:  %8lu kB\n", KB(file));
	text_add(t, "Private_Dirty:  %8lu kB\n", KB(s->anon));
	text_add(t, "Referenced:     %8lu kB\n", KB(s->rss));
	text_add(t, "Anonymous:      %8lu kB\n", KB(s->anon));
	text_add(t, "LazyFree:       %8lu kB\n", 0ul);
	text_add(t, "AnonHugePages:  %8lu kB\n", 0ul);
	text_add(t, "Swap:           %8lu kB\n", 0ul);
	text_add(t, "Locked:         %8lu kB\n", 0ul);
}

static void count(struct vm_space *vm, const struct vma *v, struct sums *s)
{
	s->size = (v->end - v->start) >> PAGE_SHIFT;
	vm_count_pages(vm, v->start, v->end, &s->rss, &s->anon);
}

static void show_flags(struct text *t, u32 flags)
{
	static const struct {
		u32 flag;
		const char *name;
	} names[] = {{VMA_READ, "rd"},	 {VMA_WRITE, "wr"},
		     {VMA_EXEC, "ex"},	 {VMA_SHARED, "sh"},
		     {VMA_MAYWRITE, "mw"}, {VMA_GROWSDOWN, "gd"},
		     {VMA_LOCKED, "lo"}, {VMA_NORESERVE, "nr"}};

	text_add(t, "VmFlags:");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			text_add(t, " %s", names[i].name);
	text_add(t, " \n");
}

static void show_detail(struct text *t, struct vm_space *vm,
			const struct vma *v, char *buf)
{
	struct sums s;

	show_line(t, v, buf);
	count(vm, v, &s);
	text_add(t, "Size:           %8lu kB\n", KB(s.size));
	text_add(t, "KernelPageSize: %8lu kB\n", KB(1ul));
	text_add(t, "MMUPageSize:    %8lu kB\n", KB(1ul));
	show_sums(t, &s, v->flags & VMA_SHARED);
	text_add(t, "THPeligible:    0\n");
	show_flags(t, v->flags);
#undef KB
}

/* Text of this length is enough for one part. */
#define PART_SIZE (4 * PAGE_SIZE)

/* Of the mappings that end beyond *key; false: no others are left. */
static bool show_some(struct text *t, struct vm_space *vm, u64 *key,
		      bool detail, char *buf)
{
	struct vma *v;

	rwlock_read(&vm->lock);
	for (v = vm_find(vm, *key); v && !t->failed && t->len < PART_SIZE;
	     v = vma_next(v)) {
		if (detail)
			show_detail(t, vm, v, buf);
		else
			show_line(t, v, buf);
		*key = v->end;
	}
	rwlock_read_done(&vm->lock);
	return v;
}

static bool show(struct text *t, const struct proc_ctx *c, u64 *key,
		 bool detail)
{
	struct process *p = proc_process(c);
	struct vm_space *vm = p ? process_get_vm(p) : NULL;
	char *buf = kmalloc(PATH_MAX, ALLOC_WAIT);
	bool more = false;

	if (!buf)
		t->failed = true;
	if (vm && buf)
		more = show_some(t, vm, key, detail, buf);
	kfree(buf);
	if (vm)
		vm_put(vm);
	if (p)
		process_put(p);
	return more;
}

bool show_pid_maps(struct text *t, const struct proc_ctx *c, u64 *key)
{
	return show(t, c, key, false);
}

bool show_pid_smaps(struct text *t, const struct proc_ctx *c, u64 *key)
{
	return show(t, c, key, true);
}

void show_pid_smaps_rollup(struct text *t, const struct proc_ctx *c)
{
	struct process *p = proc_process(c);
	struct vm_space *vm = p ? process_get_vm(p) : NULL;
	struct sums all = {0}, s;
	u64 first = 0, last = 0;
	struct avl_node *n;

	if (vm) {
		rwlock_read(&vm->lock);
		for (n = avl_first(&vm->vmas); n; n = avl_next(n)) {
			struct vma *v = container_of(n, struct vma, node);

			if (!last)
				first = v->start;
			last = v->end;
			count(vm, v, &s);
			all.rss += s.rss;
			all.anon += s.anon;
		}
		rwlock_read_done(&vm->lock);
		text_add(t, "%08lx-%08lx ---p 00000000 00:00 0 ", first, last);
		text_add(t, "                   [rollup]\n");
		show_sums(t, &all, false);
		vm_put(vm);
	}
	if (p)
		process_put(p);
}
