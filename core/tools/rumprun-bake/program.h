/* Programs to bake: static ELF executables for x86_64 Linux. */
#ifndef BAKE_PROGRAM_H
#define BAKE_PROGRAM_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

#include "syscalls.h"

struct program {
	char *path;	/* as the user named it */
	char *name;	/* its base name */
	char *snapshot; /* our copy, so that what is checked is what is baked */
	Elf64_Ehdr ehdr;
	Elf64_Phdr *phdr; /* ehdr.e_phnum of them */
	bool foreign;	  /* not linked by our toolchain */
	bool symbols;	  /* has a symbol table */
	char **packed;	  /* files with packed segments, or NULL: see pack.h */
};

/*
 * Copy path to the file snapshot and see whether it can be baked; what system calls
 * it can make is added to *calls.  False with *why (a reason naming path) if it
 * cannot.  program_free in either case.
 */
bool program_open(struct program *p, const char *path, const char *snapshot,
		  struct syscalls *calls, char **why);
void program_free(struct program *p);

#endif
