/* mmap: new mappings. */
#include "file.h"
#include "image.h"
#include "log.h"
#include "filemap.h"
#include "process.h"
#include "string.h"
#include "syscall.h"
#include <linux/capability.h>

/* Where Linux puts MAP_32BIT (arch/x86, find_start_end). */
#define LOW_START 0x40000000ull
#define LOW_END 0x80000000ull

static u32 flags_of_prot(int prot)
{
	return (prot & PROT_READ ? VMA_READ : 0) |
	       (prot & PROT_WRITE ? VMA_WRITE : 0) |
	       (prot & PROT_EXEC ? VMA_EXEC : 0);
}

/* Is [addr, addr + len) free, guard gaps included? */
static bool is_free(struct vm_space *vm, vaddr_t addr, u64 len)
{
	struct vma *v = vm_find(vm, addr);

	return !v || addr + len <= vma_guard_start(v);
}

static long fixed_address(struct vm_space *vm, vaddr_t addr, u64 len, int flags)
{
	u64 limit = platform_program_end();

	if (addr > limit - len)
		return -ENOMEM;
	if (addr % PAGE_SIZE)
		return -EINVAL;
	/* On Linux vm.mmap_min_addr; here nothing is ever mapped below. */
	if (addr < PROGRAM_START)
		return -EPERM;
	if (flags & MAP_FIXED_NOREPLACE && vm_overlaps(vm, addr, addr + len))
		return -EEXIST;
	return (long)addr;
}

long vm_choose_address(struct vm_space *vm, vaddr_t hint, u64 len, int flags)
{
	u64 limit = platform_program_end();
	vaddr_t at;

	if (len > limit - PROGRAM_START)
		return -ENOMEM;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return fixed_address(vm, hint, len, flags);
	hint = PAGE_DOWN(hint);
	if (hint) {
		hint = MAX(hint, (u64)PROGRAM_START);
		if (hint <= limit - len &&
		    (!(flags & MAP_32BIT) || hint + len <= LOW_END) &&
		    is_free(vm, hint, len))
			return (long)hint;
	}
	at = flags & MAP_32BIT ?
		     vma_find_gap(vm, len, PAGE_SIZE, LOW_START, LOW_END) :
		     vm_find_gap(vm, len, PAGE_SIZE);
	return at ? (long)at : -ENOMEM;
}

int vm_may_lock(struct vm_space *vm, u64 pages)
{
	if (capable(CAP_IPC_LOCK) ||
	    vm->locked_pages + pages <=
		    vm_limit(vm, RLIMIT_MEMLOCK) / PAGE_SIZE)
		return 0;
	return -EAGAIN;
}

static int check_anonymous(int flags, u32 *vf)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		if (flags & MAP_GROWSDOWN)
			return -EINVAL;
		*vf |= VMA_SHARED | VMA_MAYWRITE;
		return 0;
	case MAP_PRIVATE:
		*vf |= VMA_MAYWRITE;
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * A mapping of len bytes, somewhere; ERR_PTR.  No lock held: the file system
 * may take its own.
 */
static struct vma *make(struct file *f, u64 len, u32 vf, u64 pgoff)
{
	struct vma *v = kzalloc(sizeof(*v), ALLOC_WAIT);
	int err = 0;

	if (!v)
		return ERR_PTR(-ENOMEM);
	list_init(&v->mapping_link);
	v->end = len;
	v->flags = vf;
	if (f || vf & VMA_SHARED)
		err = filemap_attach ? filemap_attach(v, f, pgoff) : -ENOMEM;
	if (!err)
		return v;
	vma_free(v);
	return ERR_PTR(err);
}

/* Does Linux' overcommit heuristic look at such a mapping? */
static bool is_accounted(const struct vma *v)
{
	if (v->flags & VMA_NORESERVE)
		return false;
	if (v->flags & VMA_SHARED)
		return !v->file;
	return v->flags & VMA_WRITE;
}

/* Pages of [start, end) that are in some mapping. */
static u64 mapped_pages(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	u64 n = 0;

	for (struct vma *v = vm_find(vm, start); v && v->start < end;
	     v = vma_next(v))
		n += (MIN(v->end, end) - MAX(v->start, start)) / PAGE_SIZE;
	return n;
}

/*
 * Enter v at addr or where vm_choose_address says; what was there goes to
 * dead.  The address or -errno.  vm->lock held.
 */
static long place(struct vm_space *vm, struct vma *v, vaddr_t addr, int flags,
		  struct list *dead)
{
	u64 len = v->end, pages = len / PAGE_SIZE;
	long at, err;

	if (vm->vma_count >= VMA_COUNT_MAX)
		return -ENOMEM;
	at = vm_choose_address(vm, addr, len, flags);
	if (at < 0)
		return at;
	v->flags |= vm->lock_flags;
	if (v->flags & VMA_LOCKED) {
		err = vm_may_lock(vm, pages);
		if (err)
			return err;
	}
	if (is_accounted(v) && memory_overcommits(pages))
		return -ENOMEM;
	/* What it replaces makes room. */
	if (!vm_may_expand(vm, v->flags,
			   pages - mapped_pages(vm, (vaddr_t)at,
						(vaddr_t)at + len)))
		return -ENOMEM;
	err = vm_unmap_locked(vm, (vaddr_t)at, (vaddr_t)at + len, dead);
	if (err)
		return err;
	v->start = (vaddr_t)at;
	v->end = (vaddr_t)at + len;
	vma_insert(vm, v);
	(void)vma_merge(vm, v);
	return at;
}

long vm_map(struct vm_space *vm, vaddr_t addr, u64 len, int prot, int flags,
	    struct file *file, u64 offset)
{
	struct list dead = LIST_INIT(dead);
	u32 vf = flags_of_prot(prot);
	bool populate;
	struct vma *v;
	long at, err;

	if (!len)
		return -EINVAL;
	if (flags & MAP_FIXED_NOREPLACE)
		flags |= MAP_FIXED;
	len = PAGE_UP(len);
	if (!len || len > platform_program_end())
		return -ENOMEM;
	if (offset / PAGE_SIZE + len / PAGE_SIZE > MAPPING_MAX_PAGES && file)
		return -EOVERFLOW;
	if (flags & MAP_HUGETLB)
		/* There is no pool of huge pages; a file is never of one. */
		return file ? -EINVAL : -ENOMEM;
	if (file)
		err = filemap_check ? filemap_check(file, prot, flags, &vf) :
				      -ENODEV;
	else
		err = check_anonymous(flags, &vf);
	if (err)
		return err;
	if (vm_refuse_wx && prot & PROT_WRITE && prot & PROT_EXEC)
		return -EACCES;
	if (flags & MAP_NORESERVE)
		vf |= VMA_NORESERVE;
	if (flags & MAP_GROWSDOWN)
		vf |= VMA_GROWSDOWN;
	if (flags & MAP_LOCKED) {
		if (!capable(CAP_IPC_LOCK) && !process_limit(RLIMIT_MEMLOCK))
			return -EPERM;
		vf |= VMA_LOCKED;
	}
	v = make(file, len, vf, offset / PAGE_SIZE);
	if (IS_ERR(v))
		return PTR_ERR(v);

	rwlock_write(&vm->lock);
	at = place(vm, v, addr, flags, &dead);
	populate = at >= 0 &&
		   ((flags & MAP_POPULATE && !(flags & MAP_NONBLOCK)) ||
		    (vf | vm->lock_flags) & VMA_LOCKED);
	if ((vf | vm->lock_flags) & VMA_LOCKONFAULT)
		populate = false;
	rwlock_write_done(&vm->lock);
	if (at < 0)
		vma_free(v);
	vma_free_list(&dead);
	/* As on Linux, that this fails shows only when the memory is used. */
	if (populate)
		(void)vm_populate(vm, (vaddr_t)at, (vaddr_t)at + len);
	return at;
}

int vm_map_image(struct vm_space *vm, vaddr_t addr, u64 len, u32 vma_flags,
		 const void *image, u64 image_size, const char *name)
{
	struct vma *v = kzalloc(sizeof(*v), ALLOC_WAIT);
	u64 limit = platform_program_end();
	int err = 0;

	if (!v)
		return -ENOMEM;
	list_init(&v->mapping_link);
	v->start = addr;
	v->end = addr + PAGE_UP(len);
	v->flags = vma_flags | VMA_IMAGE | VMA_MAYWRITE;
	v->image = image;
	if (vma_flags & VMA_PACKED) {
		v->packed = image;
		v->image = (const void *)v->packed->vaddr;
		v->pgoff = addr / PAGE_SIZE;
	}
	v->image_size = image_size;
	v->name = name;
	rwlock_write(&vm->lock);
	if (!len || addr % PAGE_SIZE || addr < PROGRAM_START ||
	    addr > limit - PAGE_UP(len))
		err = -EINVAL;
	else if (vm_overlaps(vm, v->start, v->end))
		err = -EEXIST;
	else
		vma_insert(vm, v);
	rwlock_write_done(&vm->lock);
	if (err)
		kfree(v);
	return err;
}

static long sys_mmap(vaddr_t addr, u64 len, int prot, int flags, int fd,
		     u64 offset)
{
	struct file *f = NULL;
	long ret;

	if (offset % PAGE_SIZE)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		f = fd_get(fd);
		if (!f)
			return -EBADF;
	}
	ret = vm_map(current_process()->vm, addr, len, prot, flags, f, offset);
	if (f)
		file_put(f);
	return ret;
}
SYSCALL(__NR_mmap, sys_mmap);
