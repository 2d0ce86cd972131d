/*
 * A program's address space: mappings (VMAs), page faults, the calls that
 * change them.
 */
#ifndef RR_VM_H
#define RR_VM_H

#include "avl.h"
#include "pagecache.h"
#include "platform.h"
#include <linux/mman.h>

struct file;
struct packed_segment;
struct vma;

/* Bits of vma->flags. */
#define VMA_READ 0x1u
#define VMA_WRITE 0x2u
#define VMA_EXEC 0x4u
#define VMA_SHARED 0x8u
#define VMA_GROWSDOWN 0x10u
#define VMA_STACK 0x20u
#define VMA_BRK 0x40u
#define VMA_NORESERVE 0x80u
#define VMA_LOCKED 0x100u
/* mprotect may allow writing: private, or the file is open for writing. */
#define VMA_MAYWRITE 0x200u
#define VMA_IMAGE 0x400u    /* backed by the boot image: image, image_size */
#define VMA_DONTFORK 0x800u
#define VMA_WIPEONFORK 0x1000u
#define VMA_LOCKONFAULT 0x2000u /* with VMA_LOCKED: pages as they are touched */
#define VMA_DONTDUMP 0x4000u
#define VMA_PACKED 0x8000u  /* what VMA_IMAGE has is compressed */

/*
 * [start, end), page-aligned.  Protected by vm->lock.  Contents come from
 * mapping (a file, or a shared anonymous object), or from the image, else they
 * are zero; a private mapping copies a page when it is first written.
 */
struct vma {
	struct avl_node node; /* vm->vmas, by address */
	vaddr_t start, end;
	u64 gap;     /* room between the one before and this one */
	u64 max_gap; /* the largest gap within the subtree (augmented) */
	u32 flags;
	struct vm_space *vm;
	struct file *file;        /* referenced; NULL: anonymous */
	struct mapping *mapping;  /* NULL: private anonymous; kept by file, or
				     from shared_memory_new and referenced */
	/*
	 * Page index in the mapping at start; VMA_PACKED: in the address space,
	 * before any mremap.
	 */
	u64 pgoff;
	/*
	 * VMA_IMAGE: page-aligned bytes for start, or, if it is packed, where
	 * start was linked; bytes of it, zeroes follow.
	 */
	const void *image;
	u64 image_size;
	struct list mapping_link; /* mapping->vmas */
	const char *name;         /* "[stack]", "[heap]", a path; for /proc */
	const struct packed_segment *packed; /* VMA_PACKED */
};

struct vm_space {
	s32 refs; /* processes and borrowers; atomic */
	struct rwlock lock;
	struct avl_tree vmas;
	unsigned vma_count;
	struct mutex tables_lock; /* pmap; innermost of the sleeping locks */
	struct pmap pmap;
	vaddr_t brk_start, brk;
	vaddr_t mmap_top;   /* mmap looks for room downwards from here */
	vaddr_t stack_top;
	u64 stack_room;     /* bytes below stack_top kept free for it */
	u64 total_pages;    /* mapped address space; RLIMIT_AS */
	u64 max_pages;      /* the most of them there ever were */
	u64 data_pages;     /* private writable ones of them; RLIMIT_DATA */
	u64 stack_pages;
	u64 exec_pages;
	u64 shared_pages;
	u64 rss;            /* pages that are there; atomic */
	u64 rss_anon;       /* of those, private; atomic */
	u64 max_rss;        /* the most there ever were; atomic */
	u64 locked_pages;
	u32 lock_flags;     /* VMA_LOCKED bits of new mappings: mlockall */
	bool membarrier_registered;
	struct list lazy_link; /* lazyfree.c */
	struct lazy_range {
		vaddr_t start, end;
	} lazy[8];          /* MADV_FREE, not done yet; tables_lock */
	/* for /proc/self: */
	vaddr_t arg_start, arg_end, env_start, env_end, auxv, auxv_end;
	vaddr_t code_start, code_end, data_start, data_end;
};

/*
 * mmap and mprotect refuse (EACCES) what would be writable and executable at
 * once.  Set at start by the component strict_wx alone.
 */
extern bool vm_refuse_wx;

/* NULL: no memory.  The layout (mmap_top, stack_top) is randomised. */
struct vm_space *vm_new(void);
void vm_get(struct vm_space *vm);
void vm_put(struct vm_space *vm); /* the last one unmaps everything */
/* fork: copy-on-write duplicate; ERR_PTR. */
struct vm_space *vm_copy(struct vm_space *vm);

/*
 * Map [addr, addr+len) (addr 0: choose).  prot PROT_*, flags MAP_* of Linux.
 * file may be NULL.  Returns the address or -errno.  Takes vm->lock.
 */
long vm_map(struct vm_space *vm, vaddr_t addr, u64 len, int prot, int flags,
	    struct file *file, u64 offset);
/*
 * The same for pages of the boot image (exec): private, at exactly addr, where
 * nothing is mapped yet.  With VMA_PACKED image is a struct packed_segment.  name
 * lives as long as the mapping.
 */
int vm_map_image(struct vm_space *vm, vaddr_t addr, u64 len, u32 vma_flags,
		 const void *image, u64 image_size, const char *name);
/*
 * Component packed: the page that was linked at vaddr, for a program that is moved by
 * bias; out is a page.  The page at va of v, which is packed.
 */
void vm_unpack_page(const struct packed_segment *s, u64 vaddr, u64 bias,
		    void *out) __weak;
void vm_unpack(const struct vma *v, vaddr_t va, void *out) __weak;
int vm_unmap(struct vm_space *vm, vaddr_t addr, u64 len);
int vm_protect(struct vm_space *vm, vaddr_t addr, u64 len, int prot);
/*
 * The program's stack below top, growing on demand.  size bytes are kept free
 * for it; how far it grows is up to RLIMIT_STACK.  Before anything is mapped
 * by vm_map.
 */
int vm_map_stack(struct vm_space *vm, vaddr_t top, u64 size);
/* Find len free bytes, top-down below mmap_top; 0: none. vm->lock held. */
vaddr_t vm_find_gap(struct vm_space *vm, u64 len, u64 align);
/* The first with end > addr, or NULL; vm->lock held. */
struct vma *vm_find(struct vm_space *vm, vaddr_t addr);
/* In the order of addresses; NULL: none.  vm->lock held. */
struct vma *vma_first(struct vm_space *vm);
struct vma *vma_next(struct vma *v);
struct vma *vma_prev(struct vma *v);

#define FAULT_WRITE 1u
#define FAULT_EXEC 2u
#define FAULT_PRESENT 4u /* the page was mapped: a protection fault */
/*
 * Resolve a fault of the current process at addr.  0: try again; otherwise the
 * signal that the program gets, with *code its si_code (SIGSEGV SEGV_MAPERR
 * ...; SIGBUS BUS_ADRERR beyond a file's end; SIGKILL when there is no
 * memory). Sleeps; interrupts on.
 */
int vm_fault(vaddr_t addr, unsigned access, int *code);

/*
 * Pages of [start, end) that are there (for /proc/PID/smaps): all, private,
 * and shared with others.  Takes nothing; vm->lock held.
 */
void vm_count_pages(struct vm_space *vm, vaddr_t start, vaddr_t end, u64 *rss,
		    u64 *anon);

/* Copy between the kernel and another (or the current) space; bytes done. */
size_t vm_access(struct vm_space *vm, vaddr_t addr, void *buf, size_t n,
		 bool write);

#endif
