/* What the program headers of a baked program say. */
#ifndef RR_ELF_H
#define RR_ELF_H

#include "types.h"
#include <linux/elf.h>

struct baked_program;

struct elf_program {
	const Elf64_Ehdr *ehdr;
	const Elf64_Phdr *phdr; /* ehdr->e_phnum of them */
	vaddr_t low, high;      /* pages that the segments span, as linked */
	vaddr_t phdr_vaddr;     /* of its headers; 0: it cannot see them */
	bool pie;               /* may lie anywhere */
};

/*
 * The headers are part of the image like the kernel's own constants, and the bake
 * has refused what is no sound program for this address space: segments in
 * order, inside the program's half, none writable and executable, the entry in
 * one of them, no wish for an executable stack.
 */
void elf_read(const struct baked_program *bp, struct elf_program *out);

#endif
