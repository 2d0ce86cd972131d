/* The program headers of a baked program, checked. */
#ifndef RR_ELF_H
#define RR_ELF_H

#include "types.h"
#include <linux/elf.h>

struct baked_program;

#define ELF_SEGMENTS_MAX 64

struct elf_program {
	const Elf64_Ehdr *ehdr;
	const Elf64_Phdr *phdr; /* ehdr->e_phnum of them */
	vaddr_t low, high;      /* pages that the segments span, as linked */
	vaddr_t phdr_vaddr;     /* of its headers; 0: it cannot see them */
	bool pie;               /* may lie anywhere */
	bool exec_stack;        /* PT_GNU_STACK asks for it */
};

/*
 * Check what the bake has put into the image; nothing of it is trusted. limit
 * is the end of the program's half of the address space. NULL if it is fine,
 * else a phrase that says what is wrong with it (to follow the program's name
 * and a colon).
 */
const char *elf_check(const struct baked_program *bp, vaddr_t limit,
		      struct elf_program *out);

#endif
