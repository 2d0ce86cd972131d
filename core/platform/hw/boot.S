/*
 * The first instructions: from what the loader leaves (32 bits, no paging) to C
 * in the upper half.
 *
 * Loaders come by two ways: PVH (QEMU, Firecracker, Xen; its note names the
 * entry) and multiboot2 (GRUB).  Tables built here map the first 4 GiB three
 * times: where they are, in the direct map, and (1 GiB of it) where the image
 * is linked.
 */
#include <arch/layout.h>

#define PHYS(symbol) ((symbol) - KERNEL_OFFSET)

/* Multiboot2 specification 1.6, 3.1 and 3.6 */
#define MULTIBOOT2_HEADER 0xe85250d6
#define MULTIBOOT2_LOADED 0x36d76289
#define HEADER_TAG_ENTRY 3
#define HEADER_TAG_MODULE_ALIGN 6

/* Xen public/elfnote.h */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

/* SDM vol. 3, 2.5 and 4.5; vol. 4 for EFER; CPUID 80000001H EDX */
#define CR0_BITS 0x80010033 /* PG WP NE ET MP PE */
#define CR4_BITS 0xa0       /* PGE PAE */
#define MSR_EFER 0xc0000080
#define MSR_GS_BASE 0xc0000101
#define EFER_LME 8
#define EFER_NXE 11
#define CPUID_NX 20
#define CPUID_LM 29
/* core/PROTOCOL.md, 5 */
#define DEBUGCON 0xe9
#define COM1 0x3f8
#define DEBUG_EXIT 0xf4
#define PANIC_STATUS 120

#define ENTRY_TABLE 0x3  /* present, writable */
#define ENTRY_LARGE 0x83 /* and 2 MiB */

	.section .multiboot2, "a", @progbits
	.balign 8
header:
	.long MULTIBOOT2_HEADER
	.long 0 /* i386 */
	.long header_end - header
	.long -(MULTIBOOT2_HEADER + (header_end - header))
	.short HEADER_TAG_ENTRY, 0
	.long 12
	.long PHYS(boot_multiboot)
	.balign 8
	.short HEADER_TAG_MODULE_ALIGN, 0
	.long 8
	.short 0, 0 /* end */
	.long 8
header_end:

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.quad PHYS(boot_pvh)

	.section .text.boot, "ax", @progbits
	.code32
	.globl boot_multiboot
boot_multiboot:
	mov %eax, %edi
	jmp 1f
boot_pvh:
	xor %edi, %edi
1:	mov %ebx, %esi
	cli
	cld

	/* A processor without long mode gets no further. */
	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jb no_long_mode
	mov $0x80000001, %eax
	cpuid
	bt $CPUID_LM, %edx
	jnc no_long_mode
	mov %edx, %ebp

	/* PML4, PDPT, four page directories. */
	mov %edi, %edx
	mov $PHYS(__boot_tables), %edi
	mov $(6 * 4096 / 4), %ecx
	xor %eax, %eax
	rep stosl
	mov %edx, %edi

	mov $PHYS(__boot_tables), %ebx
	lea (0x1000 + ENTRY_TABLE)(%ebx), %eax
	mov %eax, (%ebx)		/* identity */
	mov %eax, (256 * 8)(%ebx)	/* DIRECT_MAP_BASE */
	mov %eax, (511 * 8)(%ebx)	/* KERNEL_OFFSET */
	lea (0x2000 + ENTRY_TABLE)(%ebx), %eax
	mov %eax, 0x1000(%ebx)
	mov %eax, (0x1000 + 510 * 8)(%ebx)
	add $0x1000, %eax
	mov %eax, (0x1000 + 1 * 8)(%ebx)
	add $0x1000, %eax
	mov %eax, (0x1000 + 2 * 8)(%ebx)
	add $0x1000, %eax
	mov %eax, (0x1000 + 3 * 8)(%ebx)
	mov $ENTRY_LARGE, %eax
	xor %ecx, %ecx
2:	mov %eax, 0x2000(%ebx,%ecx,8)
	add $0x200000, %eax
	inc %ecx
	cmp $2048, %ecx
	jb 2b

	mov $CR4_BITS, %eax
	mov %eax, %cr4
	mov %ebx, %cr3
	mov $MSR_EFER, %ecx
	rdmsr
	bts $EFER_LME, %eax
	bt $CPUID_NX, %ebp
	jnc 3f
	bts $EFER_NXE, %eax
3:	wrmsr
	mov $CR0_BITS, %eax
	mov %eax, %cr0
	lgdt PHYS(boot_gdt_pointer)
	ljmp $SEL_KCODE, $PHYS(boot64)

	/*
	 * Said wherever a message may arrive (core/PROTOCOL.md, 5); then the
	 * launcher's way out, else nothing more can be done.
	 */
no_long_mode:
	mov $PHYS(complaint), %esi
	mov $(complaint_end - complaint), %ecx
4:	lodsb
	out %al, $DEBUGCON
	mov $COM1, %edx
	out %al, %dx
	loop 4b
	mov $PANIC_STATUS, %eax
	out %eax, $DEBUG_EXIT
halt:
	hlt
	jmp halt

complaint:
	.ascii "rumprun: panic: this processor has no 64-bit mode\n"
	.ascii "rumprun-status: panic\n"
complaint_end:

	.code64
boot64:
	movabs $boot_high, %rax
	jmp *%rax
boot_high:
	mov $SEL_KDATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	lea __boot_stack_top(%rip), %rsp
	lea boot_cpu(%rip), %rax
	mov %rax, %rdx
	shr $32, %rdx
	mov $MSR_GS_BASE, %ecx
	wrmsr
	xor %ebp, %ebp
	mov %edi, %edi
	mov %esi, %esi
	call boot_main
	ud2

	.balign 8
boot_gdt:
	.quad 0, 0
	.quad 0x00af9b000000ffff /* 64-bit code, as cpu.c */
	.quad 0x008f93000000ffff
boot_gdt_pointer:
	.short boot_gdt_pointer - boot_gdt - 1
	.long PHYS(boot_gdt)

	.section .note.GNU-stack, "", @progbits
