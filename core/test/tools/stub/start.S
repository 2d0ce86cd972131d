/*
 * A guest that is no kernel: boots by PVH, switches to 64-bit mode and calls
 * stub_main.  With it the tools are tested alone, and shown what the real kernel
 * does not do.
 */
	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	start

	.section .text.start, "ax"
	.code32
	.globl	start
start:
	mov	$stack_top, %esp
	mov	%ebx, %esi		/* struct hvm_start_info */
	/* The first GiB, by pages of 2 MiB, where it is. */
	mov	$pd, %edi
	mov	$0x83, %eax
	mov	$512, %ecx
1:	mov	%eax, (%edi)
	movl	$0, 4(%edi)
	add	$0x200000, %eax
	add	$8, %edi
	loop	1b
	mov	$pd + 3, %eax
	mov	%eax, pdpt
	mov	$pdpt + 3, %eax
	mov	%eax, pml4
	mov	$pml4, %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	or	$0x20, %eax		/* PAE */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx	/* EFER.LME */
	rdmsr
	or	$0x100, %eax
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax
	mov	%eax, %cr0
	lgdt	gdtr
	ljmp	$8, $1f
	.code64
1:	xor	%eax, %eax
	mov	%eax, %ds
	mov	%eax, %ss
	mov	%esi, %edi
	call	stub_main
2:	hlt
	jmp	2b

	.section .rodata
	.balign	8
gdt:	.quad	0, 0x00af9a000000ffff
gdtr:	.word	15
	.long	gdt

	.section .bss, "aw", @nobits
	.balign	4096
pml4:	.skip	4096
pdpt:	.skip	4096
pd:	.skip	4096
	.skip	16384
stack_top:

	.section .note.GNU-stack, "", @progbits
