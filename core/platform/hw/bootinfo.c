/* What the loader tells: PVH's and multiboot2's structures. */
#include "hw.h"
#include "string.h"
#include <arch/insn.h>

struct boot_info boot_info;

/* A command line longer than this is cut off. */
#define CMDLINE_MAX 65536

/* Xen public/arch-x86/hvm/start_info.h */
struct pvh_start_info {
	u32 magic, version, flags, modules;
	u64 modlist, cmdline, rsdp;
	u64 memmap; /* from version 1 */
	u32 memmap_entries, reserved;
};
#define PVH_MAGIC 0x336ec578

struct pvh_module {
	u64 base, size, cmdline, reserved;
};

struct pvh_memory {
	u64 base, size;
	u32 type, reserved;
};
#define MEMORY_RAM 1 /* E820 and both loaders agree */

/* Multiboot2 specification 1.6, 3.6 */
#define MULTIBOOT2_MAGIC 0x36d76289
#define MB2_FIRST 8 /* behind total size and a reserved word */
struct mb2_tag {
	u32 type, size;
};
enum {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_MODULE = 3,
	MB2_MEMINFO = 4,
	MB2_MMAP = 6,
	MB2_RSDP_OLD = 14,
	MB2_RSDP_NEW = 15,
};

/* All loaders put their data there. */
const void *boot_memory(u64 pa, u64 size)
{
	if (!pa || pa >= 1ull << 32 || size > (1ull << 32) - pa)
		return NULL;
	return phys_to_virt(pa);
}

/* Copied, because it may lie in memory that is soon used, or in no memory. */
static void copy_cmdline(const char *s, size_t max)
{
	size_t n = strnlen(s, MIN(max, (size_t)CMDLINE_MAX));

	if (!n)
		return;
	boot_info.cmdline = phys_to_virt(memory_early(n + 1));
	memcpy(boot_info.cmdline, s, n);
}

/*
 * One that cannot be used keeps its place, empty: those that follow are known by
 * their numbers.
 *
 * A module may lie in what the map calls reserved: QEMU puts the initrd 160 KiB
 * below the top of memory (x86_load_linux, acpi_data_size), and SeaBIOS keeps
 * more than that for itself where there are many disks.  Nobody else uses it
 * now, so it counts as memory, which is taken.
 */
static void take_module(u64 base, u64 size)
{
	struct phys_range *m = &boot_info.modules[boot_info.nmodules];

	if (boot_info.nmodules == BOOT_MODULES) {
		kmsg("the boot module at 0x%lx is one too many", base);
		return;
	}
	boot_info.nmodules++;
	if (!size)
		return;
	if (boot_memory(base, size) && !memory_contains(base, size))
		memory_add(PAGE_DOWN(base), size + PAGE_SIZE + base % PAGE_SIZE);
	if (!memory_contains(base, size)) {
		kmsg("the boot module at 0x%lx does not lie in memory", base);
		return;
	}
	m->base = base;
	m->size = size;
	memory_reserve(base, size, false);
}

/*
 * A loader without a memory map: what the BIOS has left in CMOS memory
 * (registers 0x30 to 0x35, as all PC BIOSes have since extended memory could
 * exceed 64 MiB).
 */
static u32 cmos16(u8 reg)
{
	u32 v;

	outb(0x70, reg | 0x80);
	v = inb(0x71);
	outb(0x70, (reg + 1) | 0x80);
	return v | (u32)inb(0x71) << 8;
}

static void memory_from_cmos(void)
{
	u64 above16m = (u64)cmos16(0x34) * 65536;
	u64 above1m = (u64)cmos16(0x30) * 1024;

	memory_add(0, 640 << 10);
	if (above16m)
		memory_add(1 << 20, (15 << 20) + above16m);
	else
		memory_add(1 << 20, above1m);
}

static void pvh(u64 pa)
{
	const struct pvh_start_info *si = boot_memory(pa, sizeof(*si));
	const struct pvh_memory *m = NULL;
	const struct pvh_module *mod = NULL;
	const char *cmdline;

	if (!si || si->magic != PVH_MAGIC)
		panic("the boot loader is neither PVH nor multiboot2");
	if (si->version >= 1 && si->memmap_entries <= 4096)
		m = boot_memory(si->memmap, si->memmap_entries * sizeof(*m));
	for (u32 i = 0; m && i < si->memmap_entries; i++)
		if (m[i].type == MEMORY_RAM)
			memory_add(m[i].base, m[i].size);
	if (!m)
		memory_from_cmos();
	boot_info.rsdp = boot_memory(si->rsdp, RSDP_SIZE);
	if (si->modules <= 4096)
		mod = boot_memory(si->modlist, si->modules * sizeof(*mod));
	for (u32 i = 0; mod && i < si->modules; i++)
		take_module(mod[i].base, mod[i].size);
	memory_reserve(pa, sizeof(*si), true);
	cmdline = boot_memory(si->cmdline, 1);
	if (cmdline) {
		memory_reserve(si->cmdline, CMDLINE_MAX, true);
		copy_cmdline(cmdline, CMDLINE_MAX);
	}
}

static void mb2_memory_map(const struct mb2_tag *t)
{
	const u32 *head = (const u32 *)(t + 1); /* entry size, version */
	const u8 *e, *end = (const u8 *)t + t->size;

	if (t->size < 16 || head[0] < 24)
		return;
	for (e = (const u8 *)(head + 2); (size_t)(end - e) >= head[0];
	     e += head[0]) {
		const struct pvh_memory *m = (const void *)e;

		if (m->type == MEMORY_RAM)
			memory_add(m->base, m->size);
	}
}

/* The next tag of the given type behind *at, which moves on; NULL: none. */
static const struct mb2_tag *mb2_next(const u8 *info, u32 type, u32 *where)
{
	u32 total = *(const u32 *)info, at = *where;

	while (at + sizeof(struct mb2_tag) <= total) {
		const struct mb2_tag *t = (const void *)(info + at);

		if (t->type == MB2_END || t->size < sizeof(*t) ||
		    t->size > total - at)
			return NULL;
		at = ALIGN_UP(at + t->size, 8u);
		if (t->type == type) {
			*where = at;
			return t;
		}
	}
	return NULL;
}

static const struct mb2_tag *mb2_find(const u8 *info, u32 type)
{
	u32 at = MB2_FIRST;

	return mb2_next(info, type, &at);
}

static void mb2_modules(const u8 *info)
{
	const struct mb2_tag *t;
	u32 at = MB2_FIRST;

	while ((t = mb2_next(info, MB2_MODULE, &at))) {
		const u32 *w = (const u32 *)(t + 1); /* start, end */

		if (t->size >= 16)
			take_module(w[0], w[1] > w[0] ? w[1] - w[0] : 0);
	}
}

static void multiboot2(u64 pa)
{
	static u8 rsdp[RSDP_SIZE];
	const u8 *info = boot_memory(pa, 8);
	const struct mb2_tag *t;
	const u32 *w;

	if (!info || !boot_memory(pa, *(const u32 *)info))
		panic("the multiboot2 information cannot be read");
	t = mb2_find(info, MB2_MMAP);
	if (t)
		mb2_memory_map(t);
	else if ((t = mb2_find(info, MB2_MEMINFO)) && t->size >= 16) {
		w = (const u32 *)(t + 1); /* KiB below and above 1 MiB */
		memory_add(0, (u64)w[0] * 1024);
		memory_add(1 << 20, (u64)w[1] * 1024);
	} else {
		memory_from_cmos();
	}
	memory_reserve(pa, *(const u32 *)info, true);
	mb2_modules(info);
	t = mb2_find(info, MB2_RSDP_NEW);
	if (!t)
		t = mb2_find(info, MB2_RSDP_OLD);
	if (t) {
		memcpy(rsdp, t + 1, MIN(t->size - sizeof(*t), sizeof(rsdp)));
		boot_info.rsdp = rsdp;
	}
	t = mb2_find(info, MB2_CMDLINE);
	if (t)
		copy_cmdline((const char *)(t + 1), t->size - sizeof(*t));
}

void bootinfo_init(u32 magic, u32 info)
{
	if (magic == MULTIBOOT2_MAGIC)
		multiboot2(info);
	else
		pvh(info);
}

const char *platform_config(size_t *len)
{
	if (boot_info.modules[0].size) {
		*len = boot_info.modules[0].size;
		return phys_to_virt(boot_info.modules[0].base);
	}
	if (!boot_info.cmdline)
		return NULL;
	*len = strlen(boot_info.cmdline);
	return boot_info.cmdline;
}

const void *platform_module(unsigned n, size_t *len)
{
	if (n + 1 >= boot_info.nmodules)
		return NULL;
	*len = boot_info.modules[n + 1].size;
	return phys_to_virt(boot_info.modules[n + 1].base);
}
