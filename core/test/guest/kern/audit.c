/* A walk over all page tables (SDM vol. 3, 4.5). */
#include "trials.h"
#include "log.h"
#include "platform.h"
#include "pte.h"
#include <arch/insn.h>

extern const char __image_start[], __text_end[], __rodata_end[];
extern const char __ro_after_init_start[], __ro_after_init_end[];

#define REPORTS_MAX 20

struct audit {
	u64 seen;
	unsigned wrong;
};

static bool overlap(paddr_t a, u64 size, const char *from, const char *to)
{
	return a < image_to_phys(to) && image_to_phys(from) < a + size;
}

static void report(struct audit *a, const char *what, vaddr_t va, u64 e)
{
	if (a->wrong++ < REPORTS_MAX)
		kmsg("trials: %s: 0x%lx (entry 0x%lx)", what, va, e);
}

/* One mapping; write, exec: by all levels together. */
static void look(struct audit *a, vaddr_t va, u64 size, u64 e, bool write,
		 bool exec, bool user)
{
	/* Bit 12 of a large page is PAT, and reads as 0 here (not used). */
	paddr_t pa = e & PTE_ADDRESS;
	bool kernel = va >> 63;

	a->seen++;
	if (kernel && user)
		report(a, "open to the program, and the kernel's", va, e);
	if (write && exec)
		report(a, "writable and executable", va, e);
	if (write && (overlap(pa, size, __image_start, __rodata_end) ||
		      overlap(pa, size, __ro_after_init_start,
			      __ro_after_init_end)))
		report(a, "writable, and the kernel protects it", va, e);
	if (kernel && exec && (va < (u64)(uintptr_t)__image_start ||
			       va + size > (u64)(uintptr_t)__text_end))
		report(a, "executable, and not the kernel's text", va, e);
}

static void walk(struct audit *a, const u64 *table, vaddr_t base,
		 unsigned level, bool write, bool exec, bool user)
{
	for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
		u64 e = table[i];
		vaddr_t va = base + i * LEVEL_SPAN(level);
		bool w = write && (e & PTE_W), x = exec && !(e & PTE_NX);
		bool u = user && (e & PTE_U);

		if (level == 3 && i >= TABLE_ENTRIES / 2)
			va |= 0xffffull << 48; /* canonical */
		if (!(e & PTE_P))
			continue;
		if (level && !(e & PTE_PS))
			walk(a, pte_table(e), va, level - 1, w, x, u);
		else
			look(a, va, LEVEL_SPAN(level), e, w, x, u);
	}
}

unsigned trials_audit(u64 *seen)
{
	struct audit a = {0, 0};

	walk(&a, phys_to_virt(read_cr3() & PTE_ADDRESS), 0, 3, true, true, true);
	*seen = a.seen;
	return a.wrong;
}
