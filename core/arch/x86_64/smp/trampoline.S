/*
 * The first instructions of another processor: copied to a page below 1 MiB,
 * entered in real mode at its start (SDM vol. 3, 9.4.4), from there by way of
 * protected mode to the upper half.  ap.c fills in what the end of it names.
 */
#include <arch/layout.h>

#define CR0_PE 1
#define SEL_CODE32 0x08
#define SEL_DATA32 0x10
#define SEL_CODE64 0x18
#define MSR_EFER 0xc0000080

#define HERE(label) ((label) - ap_trampoline)

	.section .rodata.ap_trampoline, "a", @progbits
	.balign 16
	.globl ap_trampoline
	.hidden ap_trampoline
	.code16
ap_trampoline:
	cli
	cld
	mov %cs, %ax
	mov %ax, %ds
	movzwl %ax, %ebx
	shl $4, %ebx			/* where we are */
	lgdtl HERE(gdt_pointer)
	mov %cr0, %eax
	or $CR0_PE, %al
	mov %eax, %cr0
	ljmpl *HERE(far32)

	.code32
start32:
	mov $SEL_DATA32, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov HERE(ap_args_cr4)(%ebx), %eax
	mov %eax, %cr4
	mov HERE(ap_args_cr3)(%ebx), %eax
	mov %eax, %cr3
	mov $MSR_EFER, %ecx
	mov HERE(ap_args_efer)(%ebx), %eax
	xor %edx, %edx
	wrmsr
	mov HERE(ap_args_cr0)(%ebx), %eax
	mov %eax, %cr0
	ljmpl *HERE(far64)(%ebx)

	.code64
start64:
	mov HERE(ap_args_entry)(%rbx), %rax
	jmp *%rax

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff /* 32-bit code, flat (SDM vol. 3, 3.4.5) */
	.quad 0x00cf93000000ffff /* data */
	.quad 0x00af9b000000ffff /* 64-bit code */
gdt_pointer:
	.short gdt_pointer - gdt - 1
	.globl ap_args_gdt, ap_args_far32, ap_args_far64
	.hidden ap_args_gdt, ap_args_far32, ap_args_far64
ap_args_gdt:
	.long HERE(gdt)		/* these three: plus the page's address */
far32:
ap_args_far32:
	.long HERE(start32)
	.short SEL_CODE32
	.balign 4
far64:
ap_args_far64:
	.long HERE(start64)
	.short SEL_CODE64
	.balign 8
	.globl ap_args_entry, ap_args_cr0, ap_args_cr3, ap_args_cr4
	.globl ap_args_efer, ap_trampoline_end
	.hidden ap_args_entry, ap_args_cr0, ap_args_cr3, ap_args_cr4
	.hidden ap_args_efer, ap_trampoline_end
ap_args_entry:	.quad 0
ap_args_cr0:	.long 0
ap_args_cr3:	.long 0
ap_args_cr4:	.long 0
ap_args_efer:	.long 0
ap_trampoline_end:

/* In the upper half, still without a stack. */
	.text
	.globl ap_entry
	.hidden ap_entry
	.type ap_entry, @function
ap_entry:
	xor %eax, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov %eax, %fs
	mov %eax, %gs
	inc %eax
	lock xadd %eax, ap_taken(%rip)
	cmp ap_stacks(%rip), %eax
	jae 1f
	lea ap_stack(%rip), %rcx
	mov (%rcx,%rax,8), %rsp
	mov %rsp, %rdi
	xor %ebp, %ebp
	call ap_main
1:	cli
	hlt
	jmp 1b
	.size ap_entry, . - ap_entry

	.section .note.GNU-stack, "", @progbits
