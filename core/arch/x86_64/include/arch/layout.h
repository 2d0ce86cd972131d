/*
 * The kernel's half of the address space, for C and assembly.
 *
 *   0xffff800000000000  direct map: all of memory (up to 64 TiB)
 *   0xffffc00000000000  kva_alloc's range: kernel stacks, device registers
 *   0xffffffff80000000  the image; its address minus this is its physical one
 *
 * Every top-level entry of this half that is ever used is there from the start,
 * so that address spaces may copy them once.
 */
#ifndef RR_ARCH_LAYOUT_H
#define RR_ARCH_LAYOUT_H

#define KERNEL_OFFSET 0xffffffff80000000
#define DIRECT_MAP_BASE 0xffff800000000000
#define DIRECT_MAP_SIZE 0x0000400000000000
#define KVA_BASE 0xffffc00000000000

/*
 * One below the last canonical page of the lower half, as on Linux: a syscall
 * instruction at the very end would return to a non-canonical address.
 */
#define PROGRAM_END 0x00007ffffffff000

/*
 * Segment selectors: those of Linux (arch/x86/include/asm/segment.h), since
 * programs see theirs; also the order that sysret wants (SDM vol. 2, SYSRET).
 */
#define SEL_KCODE 0x10
#define SEL_KDATA 0x18
#define SEL_UDATA 0x28
#define SEL_UCODE 0x30
#define SEL_TSS 0x40
#define GDT_ENTRIES 10 /* a TSS takes two */

/*
 * Room that an interrupt of kernel code wants on the kernel stack; with less
 * left the stack has as good as overflowed.
 */
#define KSTACK_RESERVE 1024
#define KSTACK_BYTES 16384 /* KSTACK_SIZE of thread.h; cpu.c compares */
#define KSTACK_GUARD 4096

/* Offsets that the entries and switch.S know; cpu.c compares. */
#define CPU_CURRENT 8
#define CPU_KSTACK_TOP 16
#define CPU_SCRATCH 24
#define CPU_NEED_RESCHED 36

#define TF_R11 32
#define TF_R10 40
#define TF_R9 48
#define TF_R8 56
#define TF_RDI 64
#define TF_RSI 72
#define TF_RDX 96
#define TF_RCX 104
#define TF_RAX 112
#define TF_VECTOR 120
#define TF_RIP 136
#define TF_RFLAGS 152
#define TF_RSP 160
#define TF_SIZE 176

#define THREAD_KSP 0

/* Bytes of a gate's stub (entry.h, cpu.c). */
#define STUB_SIZE 7
/* Exceptions for which the processor pushes an error code: SDM vol. 3, table 6-1. */
#define VECTORS_WITH_ERROR 0x60227d00

#endif
