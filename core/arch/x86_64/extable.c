/* The table of instructions that may fault. */
#include <arch/extable.h>

struct ex_entry {
	s32 insn, fixup; /* relative to the field itself */
};

extern const struct ex_entry __start___ex_table[], __stop___ex_table[];

/* A few dozen entries, and only looked at when something has failed. */
u64 ex_table_find(u64 rip)
{
	const struct ex_entry *e;

	for (e = __start___ex_table; e < __stop___ex_table; e++)
		if ((u64)(uintptr_t)&e->insn + (u64)(s64)e->insn == rip)
			return (u64)(uintptr_t)&e->fixup + (u64)(s64)e->fixup;
	return 0;
}
