/*
 * The least that a guest can do: one byte to COM1, then the end.  What this takes
 * is QEMU's and the firmware's; the rest of a figure is the guest's own.
 */

/* Xen public/elfnote.h */
#define XEN_ELFNOTE_PHYS32_ENTRY 18
#define COM1 0x3f8       /* PC serial port 1: data register */
#define DEBUG_EXIT 0xf4  /* isa-debug-exit, as the launcher places it */

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.quad start

	.text
	.code32
	.globl start
start:
	mov $COM1, %dx
	mov $'!', %al
	out %al, %dx
	mov $DEBUG_EXIT, %dx
	xor %eax, %eax
	out %eax, %dx
1:	hlt
	jmp 1b
