#include "assemble.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diag.h"
#include "image.h"

/* A string literal of the assembler. */
static void put_string(FILE *f, const char *directive, const char *s)
{
	fprintf(f, "\t%s \"", directive);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < ' ' || c > '~')
			fprintf(f, "\\%03o", c);
		else
			fputc(c, f);
	}
	fprintf(f, "\"");
}

static bool is_packed(const struct program *p, unsigned k)
{
	return p->packed != NULL && p->packed[k] != NULL;
}

static void put_bytes(FILE *f, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;

	for (size_t k = 0; k < n; k++)
		fprintf(f, "\t.byte %u\n", b[k]);
}

/* The ELF header.  The kernel wants to know nothing of sections. */
static void put_ehdr(FILE *f, const struct program *p, size_t i)
{
	Elf64_Ehdr eh = p->ehdr;

	eh.e_phoff = sizeof(eh);
	eh.e_shoff = 0;
	eh.e_shnum = 0;
	eh.e_shstrndx = 0;
	fprintf(f, ".Lehdr%zu:\n", i);
	put_bytes(f, &eh, sizeof(eh));
}

/*
 * The kernel finds the program headers right behind the ELF header.  Nearly all
 * programs have them there, in their first segment.
 */
static bool has_headers(const struct program *p)
{
	const uint64_t end =
		sizeof(p->ehdr) + p->ehdr.e_phnum * sizeof(*p->phdr);

	if (p->ehdr.e_phoff != sizeof(p->ehdr))
		return false;
	for (unsigned k = 0; k < p->ehdr.e_phnum; k++)
		if (p->phdr[k].p_type == PT_LOAD && p->phdr[k].p_filesz > 0)
			return !is_packed(p, k) && p->phdr[k].p_offset == 0 &&
			       p->phdr[k].p_filesz >= end;
	return false;
}

/* Segments that are packed need no page of their own; which of them are. */
static uint64_t put_packed(FILE *f, const struct program *p, size_t i)
{
	uint64_t packed = 0, bit = 1;

	for (unsigned k = 0; k < p->ehdr.e_phnum; k++) {
		if (p->phdr[k].p_type != PT_LOAD)
			continue;
		if (is_packed(p, k)) {
			fprintf(f, "\t.balign 8\n.Lseg%zu_%u:\n", i, k);
			put_string(f, ".incbin", p->packed[k]);
			fprintf(f, "\n");
			packed |= bit;
		}
		bit <<= 1;
	}
	return packed;
}

static void put_program(FILE *f, const struct program *p, size_t i)
{
	uint64_t packed;

	fprintf(f, "\t.section " IMAGE_PROGRAMS_SECTION ",\"a\",@progbits\n");
	fprintf(f, "\t.balign 8\n");
	if (!has_headers(p)) {
		put_ehdr(f, p, i);
		put_bytes(f, p->phdr, p->ehdr.e_phnum * sizeof(*p->phdr));
	}
	fprintf(f, ".Lload%zu:\n", i);
	for (unsigned k = 0; k < p->ehdr.e_phnum; k++) {
		if (p->phdr[k].p_type != PT_LOAD)
			continue;
		if (p->phdr[k].p_filesz == 0)
			fprintf(f, "\t.quad 0\n");
		else
			fprintf(f, "\t.quad .Lseg%zu_%u\n", i, k);
	}
	packed = put_packed(f, p, i);
	fprintf(f, ".Lname%zu:\n", i);
	put_string(f, ".asciz", p->name);
	fprintf(f, "\n\t.balign 8\n");
	fprintf(f,
		".Lprogram%zu:\n\t.quad .Lname%zu, .Lehdr%zu, .Lload%zu, %#" PRIx64
		"\n",
		i, i, i, i, packed);
	fprintf(f,
		"\t.section " IMAGE_PROGRAMS_SET ",\"a\",@progbits\n"
		"\t.balign 8\n\t.quad .Lprogram%zu\n",
		i);
}

/*
 * To the next page.  Not by .balign: the linker script puts the section on a page,
 * and one that asked for that itself would have to lie on one in the file, too.
 */
static void put_page(FILE *f)
{
	fprintf(f, "\t.org .Lpages + ((. - .Lpages + %d) & -%d), 0\n",
		IMAGE_PAGE_SIZE - 1, IMAGE_PAGE_SIZE);
}

/*
 * The next segment that has bytes, if it begins in the page of the file in which
 * this one ends, and this one does not care what else is in that page.
 */
static const Elf64_Phdr *shares_page(const struct program *p, unsigned k)
{
	const Elf64_Phdr *ph = &p->phdr[k];
	uint64_t end = ph->p_offset + ph->p_filesz;

	if ((ph->p_flags & PF_W) || ph->p_memsz > ph->p_filesz)
		return NULL;
	while (++k < p->ehdr.e_phnum) {
		const Elf64_Phdr *next = &p->phdr[k];

		if (next->p_type != PT_LOAD || next->p_filesz == 0)
			continue;
		return !is_packed(p, k) && next->p_offset >= end &&
				       next->p_offset / IMAGE_PAGE_SIZE ==
					       (end - 1) / IMAGE_PAGE_SIZE
			       ? next
			       : NULL;
	}
	return NULL;
}

/* What the kernel wants to know follows what is not a whole page at the end. */
static void put_segments(FILE *f, const struct program *p, size_t i)
{
	bool headers = has_headers(p);

	fprintf(f, "\t.section " IMAGE_PROGRAMS_SECTION "\n");
	for (unsigned k = 0; k < p->ehdr.e_phnum; k++) {
		const Elf64_Phdr *ph = &p->phdr[k], *next;
		uint64_t from = ph->p_offset - ph->p_offset % IMAGE_PAGE_SIZE;
		uint64_t to = ph->p_offset + ph->p_filesz;

		if (ph->p_type != PT_LOAD || ph->p_filesz == 0 ||
		    is_packed(p, k))
			continue;
		next = shares_page(p, k);
		if (next != NULL)
			to = next->p_offset - next->p_offset % IMAGE_PAGE_SIZE;
		put_page(f);
		fprintf(f, ".Lseg%zu_%u:\n", i, k);
		if (to == from)
			continue; /* all of it is in the next one's page */
		if (from == 0 && headers) {
			put_ehdr(f, p, i);
			from = sizeof(p->ehdr);
			headers = false;
		}
		put_string(f, ".incbin", p->snapshot);
		fprintf(f, ", %" PRIu64 ", %" PRIu64 "\n", from, to - from);
		/* The kernel copies the end of a writable one. */
		if (!(ph->p_flags & PF_W))
			put_page(f);
	}
}

static void put_note(FILE *f, const struct program *programs, size_t n,
		     const char *config, const struct strlist *components)
{
	fprintf(f,
		"\t.section " IMAGE_NOTE_SECTION ",\"\",@note\n"
		"\t.balign 4\n\t.long 2f - 1f, 4f - 3f, %d\n1:",
		IMAGE_NOTE_IMAGE);
	put_string(f, ".asciz", IMAGE_NOTE_NAME);
	fprintf(f, "\n2:\t.balign 4\n3:");
	put_string(f, ".ascii", "config=");
	put_string(f, "\n\t.ascii", config);
	put_string(f, "\n\t.ascii", "\ncomponents=");
	for (size_t i = 0; i < components->n; i++) {
		if (i > 0)
			put_string(f, "\n\t.ascii", " ");
		put_string(f, "\n\t.ascii", base_name(components->v[i]));
	}
	put_string(f, "\n\t.ascii", "\nprograms=");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			put_string(f, "\n\t.ascii", " ");
		put_string(f, "\n\t.ascii", programs[i].name);
	}
	put_string(f, "\n\t.ascii", "\n");
	fprintf(f, "\n4:\t.balign 4\n");
}

bool assemble_write(const char *path, const struct program *programs,
		    char *const *debug, size_t n, const char *config,
		    const struct strlist *components, char **why)
{
	FILE *f = fopen(path, "wxe");

	if (f == NULL)
		return fail(why, "cannot write %s: %s", path, strerror(errno));
	fprintf(f, "\t.section " IMAGE_PROGRAMS_SECTION
		   ",\"a\",@progbits\n.Lpages:\n");
	for (size_t i = 0; i < n; i++)
		put_segments(f, &programs[i], i);
	for (size_t i = 0; i < n; i++)
		put_program(f, &programs[i], i);
	for (size_t i = 0; i < n; i++) {
		if (debug[i] == NULL)
			continue;
		fprintf(f,
			"\t.section " IMAGE_DEBUG_SECTION
			"%zu,\"\",@progbits\n",
			i);
		put_string(f, ".incbin", debug[i]);
		fprintf(f, "\n");
	}
	put_note(f, programs, n, config, components);
	fprintf(f, "\t.section .note.GNU-stack,\"\",@progbits\n");
	if (ferror(f) | fclose(f))
		return fail(why, "cannot write %s: %s", path, strerror(errno));
	return true;
}
