#include "syscalls.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "diag.h"

/* The marks in the section: 16 bits each (core/libc/patches/0004). */
#define MARK_UNKNOWN 0xffff
#define MARK_INSTRUCTION 0x8000
#define MARK_NUMBERLESS 0x7ffe
#define MARK_PLAIN 0x4000

/* The kernel itself makes the program call these: after a handler, and always. */
#define NR_RT_SIGACTION 13
#define NR_RT_SIGRETURN 15
#define NR_RESTART_SYSCALL 219

/* How often the bytes of the instruction (0f 05) occur in executable segments. */
static unsigned instructions(const struct elffile *f)
{
	const unsigned char *b = f->bytes;
	unsigned n = 0;
	size_t count;

	if (elf_getphdrnum(f->elf, &count) < 0)
		return UINT32_MAX;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(f->elf, (int)i, &ph) ||
		    ph.p_offset > f->size || ph.p_filesz > f->size - ph.p_offset)
			return UINT32_MAX;
		if (ph.p_type != PT_LOAD || !(ph.p_flags & PF_X))
			continue;
		for (size_t k = 0; k + 1 < ph.p_filesz; k++)
			n += b[ph.p_offset + k] == 0x0f &&
			     b[ph.p_offset + k + 1] == 0x05;
	}
	return n;
}

void syscalls_add(struct syscalls *s, const struct elffile *f)
{
	unsigned own = 0;
	GElf_Shdr sh;

	if (!elffile_section(f, ".rumprun.syscalls", &sh) ||
	    sh.sh_type == SHT_NOBITS || sh.sh_offset > f->size ||
	    sh.sh_size > f->size - sh.sh_offset) {
		s->all = true;
		return;
	}
	for (size_t i = 0; i + 2 <= sh.sh_size; i += 2) {
		uint16_t mark, nr;

		memcpy(&mark, (const char *)f->bytes + sh.sh_offset + i, 2);
		if (mark == MARK_UNKNOWN) {
			s->all = true;
			return;
		}
		own += (mark & MARK_INSTRUCTION) != 0;
		mark &= (uint16_t)~MARK_INSTRUCTION;
		if (mark == MARK_NUMBERLESS)
			continue;
		nr = mark & (uint16_t)~MARK_PLAIN;
		if (nr >= SYSCALLS_MAX) {
			s->all = true;
			return;
		}
		s->used[nr] = true;
		if (nr == mark)
			s->more[nr] = true;
	}
	/* The same bytes inside another instruction only cost size. */
	if (instructions(f) > own)
		s->all = true;
}

bool syscalls_write(const struct syscalls *s, const char *path, char **why)
{
	FILE *out = fopen(path, "wxe");

	if (out == NULL)
		return fail(why, "cannot write %s: %s", path, strerror(errno));
	if (s->all)
		fprintf(out, "KEEP(*(set_syscalls.*))\n");
	for (int i = 0; i < SYSCALLS_MAX && !s->all; i++)
		if (s->used[i] || i == NR_RESTART_SYSCALL ||
		    (i == NR_RT_SIGRETURN && s->used[NR_RT_SIGACTION]))
			fprintf(out, "KEEP(*(set_syscalls.%d))\n", i);
	if (ferror(out) | fclose(out))
		return fail(why, "cannot write %s: %s", path, strerror(errno));
	return true;
}
