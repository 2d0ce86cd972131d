/* What exec tells a program about the machine (auxiliary vector). */
#ifndef RR_ARCH_AUXV_H
#define RR_ARCH_AUXV_H

#include "types.h"

#define ARCH_PLATFORM "x86_64" /* AT_PLATFORM */

u64 arch_hwcap(void);  /* AT_HWCAP */
u64 arch_hwcap2(void); /* AT_HWCAP2 */
/*
 * AT_SYSINFO: where a program calls for a system call, registers as for the
 * instruction.  0: there is no such place, use the instruction.
 */
u64 arch_sysinfo(void);

#endif
