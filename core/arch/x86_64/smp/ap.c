/* Other processors: their way into the kernel's half, and what they take over. */
#include "../pte.h"
#include "log.h"
#include "page.h"
#include "platform.h"
#include "string.h"
#include <arch/ap.h>
#include <arch/features.h>
#include <arch/fpu.h>
#include <arch/insn.h>
#include <arch/msr.h>
#include <arch/trap.h>

/* trampoline.S */
extern const char ap_trampoline[], ap_trampoline_end[], ap_entry[];
extern const char ap_args_gdt[], ap_args_far32[], ap_args_far64[];
extern const char ap_args_entry[], ap_args_cr0[], ap_args_cr3[];
extern const char ap_args_cr4[], ap_args_efer[];

/* As boot.S sets them on the way to long mode; the rest follows in C. */
#define CR0_START 0x80010033 /* PG WP NE ET MP PE */
#define CR4_START 0xa0       /* PGE PAE */

/* Known to trampoline.S. */
u64 ap_stack[MAX_CPUS];
u32 ap_stacks, ap_taken;

/* What the boot CPU has. */
static u64 boot_cr0, boot_cr4, boot_efer, boot_pat;
static bool has_pat;

/* Tables that map the one page where it is; kernel_root is the top. */
static struct page *tables[3];

static void write32(char *copy, const char *where, u64 v)
{
	memcpy(copy + (where - ap_trampoline), &v, 4);
}

static void add32(char *copy, const char *where, u64 v)
{
	u32 old;

	memcpy(&old, copy + (where - ap_trampoline), 4);
	write32(copy, where, old + v);
}

/*
 * The lower half of the kernel's own tables is empty otherwise, and no program
 * runs yet.
 */
static bool map_here(paddr_t pa)
{
	u64 *e = &kernel_root[LEVEL_INDEX(pa, 3)];

	for (unsigned i = 0; i < 3; i++) {
		tables[i] = page_alloc(0, ALLOC_ZERO);
		if (!tables[i]) {
			while (i--)
				page_free(tables[i]);
			return false;
		}
	}
	for (unsigned level = 3; level; level--) {
		paddr_t table = page_to_phys(tables[3 - level]);

		*e = table | PTE_P | PTE_W;
		e = (u64 *)phys_to_virt(table) + LEVEL_INDEX(pa, level - 1);
	}
	*e = pa | pte_flags(MAP_READ | MAP_EXEC) | PTE_A;
	return true;
}

bool ap_trampoline_open(paddr_t pa)
{
	u64 entry = (u64)(uintptr_t)ap_entry;
	char *copy = phys_to_virt(pa);

	_Static_assert(sizeof(entry) == 8, "entry");
	if (!map_here(pa))
		return false;
	boot_cr0 = read_cr0();
	boot_cr4 = read_cr4();
	boot_efer = rdmsr(MSR_EFER);
	has_pat = rdmsr_safe(MSR_PAT, &boot_pat);
	memcpy(copy, ap_trampoline, (size_t)(ap_trampoline_end - ap_trampoline));
	add32(copy, ap_args_gdt, pa);
	add32(copy, ap_args_far32, pa);
	add32(copy, ap_args_far64, pa);
	memcpy(copy + (ap_args_entry - ap_trampoline), &entry, sizeof(entry));
	write32(copy, ap_args_cr0, CR0_START);
	write32(copy, ap_args_cr3, image_to_phys(kernel_root));
	write32(copy, ap_args_cr4, CR4_START);
	write32(copy, ap_args_efer, boot_efer & (EFER_LME | EFER_NXE));
	return true;
}

static void flush(void *arg)
{
	write_cr3(read_cr3());
}

void ap_trampoline_close(void)
{
	kernel_root[0] = 0;
	flush(NULL);
	platform_call_others(platform_cpus_mask(), flush, NULL);
	for (unsigned i = 0; i < 3; i++)
		page_free(tables[i]);
}

void ap_add_stack(u64 top)
{
	assert(ap_stacks < MAX_CPUS);
	ap_stack[ap_stacks++] = top;
}

void ap_become(struct cpu *c)
{
	wrmsr(MSR_GS_BASE, (u64)(uintptr_t)c);
	write_cr0(boot_cr0);
	write_cr4(boot_cr4);
	cpu_init_tables(c);
	wrmsr(MSR_EFER, boot_efer);
	if (has_pat)
		wrmsr_safe(MSR_PAT, boot_pat);
	fpu_init_cpu();
}

#define EXT1_EDX_RDTSCP BIT(27)

void ap_numbered(const struct cpu *c)
{
	if (cpuid(0x80000000, 0).eax >= 0x80000001 &&
	    (cpuid(0x80000001, 0).edx & EXT1_EDX_RDTSCP))
		wrmsr_safe(MSR_TSC_AUX, c->id);
}
