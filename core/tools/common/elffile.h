/* Reading ELF files with libelf. */
#ifndef TOOLS_ELFFILE_H
#define TOOLS_ELFFILE_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

/* An ELF file mapped read-only. */
struct elffile {
	Elf *elf;
	void *bytes;
	size_t size;
	GElf_Ehdr ehdr;
};

/*
 * Open path, which must be a regular file holding a 64-bit little-endian
 * x86_64 ELF whose program and section headers lie within it.  False with *why
 * (which names the file) otherwise.
 */
bool elffile_open(struct elffile *f, const char *path, char **why);
void elffile_close(struct elffile *f);

/*
 * Description of the first note with that name and type, looked for in PT_NOTE
 * segments and SHT_NOTE sections; NULL if there is none.  Points into the file.
 */
const void *elffile_note(const struct elffile *f, const char *name,
			 unsigned type, size_t *len);

/* First section of that name, or NULL. */
Elf_Scn *elffile_section(const struct elffile *f, const char *name,
			 GElf_Shdr *shdr);

#endif
