/* Starting baked programs. */
#include "private.h"
#include "elf.h"
#include "file.h"
#include "image.h"
#include "log.h"
#include "page.h"
#include "path.h"
#include "random.h"
#include "startstack.h"
#include "string.h"
#include "syscall.h"
#include <arch/auxv.h>
#include <arch/program.h>
#include <linux/auxvec.h>

/* Without component vfs there are no names, and no place among them. */
struct fs_context *fs_context_new(void) __weak;
void fs_context_put(struct fs_context *fs) __weak;

/* Linux moves programs by up to 2^28 pages, the heap by up to 32 MiB. */
#define PIE_RANDOM_PAGES (1ull << 28)
#define HEAP_RANDOM_PAGES (1ull << 13)
#define AT_SYSINFO 32 /* asm/auxvec.h has it for i386 alone */
#define CLOCK_TICKS 100 /* AT_CLKTCK, as sysconf(_SC_CLK_TCK) */

/*
 * Data of no more than this is copied at once: a start relocates most of it, and page
 * faults cost more.
 */
#define SMALL_DATA (4 * PAGE_SIZE)

/*
 * "/bin/NAME" of each program that was ever started.  Processes and mappings
 * point to it for as long as they like, so it stays.
 */
struct exe_path {
	struct exe_path *next;
	const struct baked_program *program;
	char path[];
};

static const char *exe_path(const struct baked_program *bp)
{
	static struct exe_path *paths; /* process_lock */
	static const char dir[] = "/bin/";
	size_t n = strlen(bp->name) + 1;
	struct exe_path *e;

	mutex_lock(&process_lock);
	for (e = paths; e && e->program != bp; e = e->next)
		;
	if (!e) {
		e = kmalloc(sizeof(*e) + sizeof(dir) - 1 + n, 0);
		if (e) {
			e->program = bp;
			memcpy(e->path, dir, sizeof(dir) - 1);
			memcpy(e->path + sizeof(dir) - 1, bp->name, n);
			e->next = paths;
			paths = e;
		}
	}
	mutex_unlock(&process_lock);
	return e ? e->path : NULL;
}

/* What is added to a program's addresses; 0 for one that is not movable. */
static u64 choose_bias(const struct elf_program *elf)
{
	/*
	 * As Linux: from two thirds of the address space on, so that heap and
	 * mappings have room on both sides.
	 */
	u64 base = PAGE_DOWN(platform_program_end() / 3 * 2);

	if (!elf->pie)
		return 0;
	return base + random_below(PIE_RANDOM_PAGES) * PAGE_SIZE - elf->low;
}

/*
 * How much of a segment's first `filled' bytes is mapped from the image.  The bake
 * has filled the last page up, but not that of a writable segment, which is copied
 * anyway.
 */
static u64 mapped_part(const Elf64_Phdr *ph, u64 filled)
{
	if (!(ph->p_flags & PF_W))
		return filled;
	return filled <= SMALL_DATA ? 0 : PAGE_DOWN(filled);
}

/* Map the segments. 0 or -errno. */
static int map_segments(struct vm_space *vm, const struct baked_program *bp,
			const struct elf_program *elf, u64 bias,
			const char *path)
{
	unsigned n = 0;

	for (unsigned i = 0; i < elf->ehdr->e_phnum; i++) {
		const Elf64_Phdr *ph = &elf->phdr[i];
		u64 skew = ph->p_vaddr % PAGE_SIZE;
		vaddr_t start = PAGE_DOWN(ph->p_vaddr) + bias;
		vaddr_t end = ph->p_vaddr + bias;
		u64 size = PAGE_UP(skew + ph->p_memsz);
		u64 filled = ph->p_filesz ? skew + ph->p_filesz : 0;
		u64 there = mapped_part(ph, filled);
		const char *bytes;
		char first;
		u32 flags;
		int err;

		if (ph->p_type != PT_LOAD)
			continue;
		flags = (ph->p_flags & PF_R ? VMA_READ : 0) |
			(ph->p_flags & PF_W ? VMA_WRITE : 0) |
			(ph->p_flags & PF_X ? VMA_EXEC : 0);
		bytes = bp->load[n];
		if (bp->packed & BIT(n++)) {
			flags |= VMA_PACKED;
			there = filled;
		}
		if (!ph->p_memsz)
			continue;
		err = vm_map_image(vm, start, size, flags, bytes, there, path);
		if (err)
			return err;
		if (there < filled &&
		    vm_access(vm, start + there, (void *)(bytes + there),
			      filled - there, true) != filled - there)
			return -ENOMEM;
		/* Programs begin there: the fault and those around it. */
		if (!(ph->p_flags & PF_W))
			(void)vm_access(vm, start, &first, 1, false);
		if (ph->p_flags & PF_X) {
			if (!vm->code_start)
				vm->code_start = end;
			vm->code_end = end + ph->p_filesz;
		} else if (ph->p_flags & PF_W) {
			if (!vm->data_start)
				vm->data_start = end;
			vm->data_end = end + ph->p_filesz;
		}
	}
	vm->brk_start = elf->high + bias +
			random_below(HEAP_RANDOM_PAGES) * PAGE_SIZE;
	vm->brk = vm->brk_start;
	return 0;
}

static int map_stack(struct vm_space *vm, u64 limit)
{
	/* Unlimited, or absurd, is as much as fits beside everything else. */
	u64 size = PAGE_UP(MIN(limit, (u64)1 << 30));

	return vm_map_stack(vm, vm->stack_top, size);
}

/* The auxiliary vector and what else lies on the first stack. */
static long write_stack(struct process *p, const struct elf_program *elf,
			const struct program_start *start)
{
	struct start_stack s = {
		.argv = start->argv,
		.argc = start->argc,
		.envp = start->envp,
		.envc = start->envc,
		.execfn = p->exe,
	};
	const struct auxv_entry aux[] = {
		{AT_SYSINFO, arch_sysinfo()},
		{AT_HWCAP, arch_hwcap()},
		{AT_HWCAP2, arch_hwcap2()},
		{AT_MINSIGSTKSZ, arch_signal_frame_size()},
		{AT_PAGESZ, PAGE_SIZE},
		{AT_CLKTCK, CLOCK_TICKS},
		{AT_PHDR, elf->phdr_vaddr ? elf->phdr_vaddr + p->load_bias : 0},
		{AT_PHENT, sizeof(Elf64_Phdr)},
		{AT_PHNUM, elf->phdr_vaddr ? elf->ehdr->e_phnum : 0},
		{AT_BASE, 0},
		{AT_FLAGS, 0},
		{AT_ENTRY, elf->ehdr->e_entry + p->load_bias},
		{AT_UID, p->uid},
		{AT_EUID, p->euid},
		{AT_GID, p->gid},
		{AT_EGID, p->egid},
		{AT_SECURE, 0},
	};

	s.aux = aux;
	s.auxc = ARRAY_SIZE(aux);
	return start_stack_write(p->vm, &s, p->limits[RLIMIT_STACK].rlim_cur);
}

/* Address space, image and stack. */
static int load(struct process *p, const struct program_start *start,
		struct trapframe *tf)
{
	const struct baked_program *bp = start->program;
	struct elf_program elf;
	long sp;
	int err;

	elf_read(bp, &elf);
	p->vm = vm_new();
	if (!p->vm)
		return -ENOMEM;
	p->load_bias = choose_bias(&elf);
	err = map_segments(p->vm, bp, &elf, p->load_bias, p->exe);
	if (!err)
		err = map_stack(p->vm, p->limits[RLIMIT_STACK].rlim_cur);
	if (err)
		return err;
	sp = write_stack(p, &elf, start);
	if (sp < 0)
		return (int)sp;
	arch_program_frame(tf, elf.ehdr->e_entry + p->load_bias, (vaddr_t)sp);
	return 0;
}

static int open_files(struct process *p, const struct program_start *start)
{
	int err = 0;

	p->files = fdtable_new();
	if (fs_context_new)
		p->fs = fs_context_new();
	if (!p->files || (fs_context_new && !p->fs))
		return -ENOMEM;
	for (int fd = 0; fd < 3 && !err; fd++) {
		struct file *f = start->stdio[fd];

		if (!f)
			continue;
		file_get(f);
		err = fdtable_set(p->files, fd, f, false);
		if (err)
			file_put(f);
	}
	return err;
}

/* Give back what a process that never ran has got so far. */
static void undo(struct process *p)
{
	if (p->files)
		fdtable_put(p->files);
	if (p->fs)
		fs_context_put(p->fs);
	if (p->vm)
		vm_put(p->vm);
	process_put(p);
}

struct process *process_spawn(const struct program_start *start)
{
	struct process *p = process_alloc(&kernel_process);
	struct trapframe tf;
	struct thread *t;
	int err;

	if (!p)
		return ERR_PTR(-ENOMEM);
	strlcpy(p->name, start->program->name, sizeof(p->name));
	p->program = start->program;
	p->daemon = start->daemon;
	p->kernel_waits = true;
	p->exe = exe_path(start->program);
	err = p->exe ? open_files(p, start) : -ENOMEM;
	if (!err)
		err = load(p, start, &tf);
	if (err) {
		undo(p);
		return ERR_PTR(err);
	}
	t = process_thread_create(p, &tf, NULL);
	if (!t) {
		undo(p);
		return ERR_PTR(-ENOMEM);
	}
	/*
	 * A job of its own in the kernel's session, as a shell would start it.
	 */
	p->pgid = p->pid;
	err = process_thread_add(t);
	if (!err) {
		process_get(p); /* the caller's, beside the table's */
		err = process_add(p, &kernel_process);
		if (!err) {
			kdebug("process %d runs %s from %#lx", p->pid, p->name,
			       tf.rip);
			thread_start(t);
			return p;
		}
		process_put(p);
		process_thread_remove(t);
	}
	process_thread_discard(t);
	undo(p);
	return ERR_PTR(err);
}
