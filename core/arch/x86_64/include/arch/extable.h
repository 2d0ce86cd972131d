/*
 * Instructions that may fault in the kernel.
 *
 * EX_TABLE(insn, fixup): a page fault or general protection fault at label insn
 * continues at fixup with all registers as they were.  Entries are relative, so
 * the table does not care where the kernel was linked.
 */
#ifndef RR_ARCH_EXTABLE_H
#define RR_ARCH_EXTABLE_H

#ifdef __ASSEMBLER__

.macro EX_TABLE insn, fixup
	.pushsection __ex_table, "a"
	.balign 4
	.long \insn - .
	.long \fixup - .
	.popsection
.endm

#else

#include "types.h"

#define EX_TABLE(insn, fixup)                                                  \
	".pushsection __ex_table, \"a\"\n"                                     \
	".balign 4\n"                                                          \
	".long " insn " - .\n"                                                 \
	".long " fixup " - .\n"                                                \
	".popsection\n"

/* Where to go on after a fault at rip; 0: such a fault is a defect. */
u64 ex_table_find(u64 rip);

#endif
#endif
