#include "pack.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "elffile.h"
#include "image.h"
#include "lz.h"

/*
 * Less is not worth the kernel's part that unpacks it, nor the file's room: the
 * pages of most programs are few.
 */
#define PACK_FROM (64 * 1024)

#define PAGE IMAGE_PAGE_SIZE
#define MOST_SEGMENTS 64 /* bits of baked_program's packed */
#define WORDS (PAGE / 8 / 64) /* of 64 bits each, one for each word of a page */

struct segment {
	const Elf64_Phdr *ph;
	uint64_t vaddr; /* of the first page */
	size_t pages;
	unsigned char *bytes;
	uint64_t (*relocs)[WORDS]; /* for each page; NULL: none */
};

static bool is_worth_it(const Elf64_Phdr *ph)
{
	return ph->p_type == PT_LOAD && (ph->p_flags & PF_W) &&
	       ph->p_filesz >= PACK_FROM;
}

static void take_bytes(struct segment *s, const Elf64_Phdr *ph,
		       const struct elffile *f)
{
	uint64_t skew = ph->p_offset % PAGE;

	s->ph = ph;
	s->vaddr = ph->p_vaddr - skew;
	s->pages = (skew + ph->p_filesz + PAGE - 1) / PAGE;
	s->bytes = xcalloc(s->pages, PAGE);
	memcpy(s->bytes, (char *)f->bytes + ph->p_offset - skew,
	       skew + ph->p_filesz);
}

/* The 8 bytes of the segment that lie at an address; NULL: they are elsewhere. */
static unsigned char *at_address(const struct segment *s, uint64_t addr)
{
	uint64_t end = s->vaddr + s->pages * PAGE;

	return addr >= s->vaddr && addr % 8 == 0 && addr < end
		       ? s->bytes + (addr - s->vaddr)
		       : NULL;
}

static bool mark(struct segment *s, uint64_t addr)
{
	uint64_t word = (addr - s->vaddr) / 8;

	if (at_address(s, addr) == NULL)
		return false;
	s->relocs[word / 512][word % 512 / 64] |= UINT64_C(1) << word % 64;
	return true;
}

/*
 * The words of DT_RELR (gABI, "Relative relocation table"): an even one is an
 * address, an odd one a map of the 63 words behind what was before.
 */
static bool mark_all(struct segment *s, const unsigned char *relr, size_t n)
{
	uint64_t next = 0;

	for (; n > 0; n--, relr += 8) {
		uint64_t word;

		memcpy(&word, relr, 8);
		if (word % 2 == 0) {
			if (!mark(s, word))
				return false;
			next = word + 8;
			continue;
		}
		for (unsigned i = 0; i < 63; i++)
			if (word >> (i + 1) & 1 && !mark(s, next + i * 8))
				return false;
		next += 63 * 8;
	}
	return true;
}

/* Bytes of the file by address, if the file has n of them there. */
static const unsigned char *file_bytes(const struct program *p,
				       const struct elffile *f, uint64_t addr,
				       uint64_t n)
{
	for (unsigned k = 0; k < p->ehdr.e_phnum; k++) {
		const Elf64_Phdr *ph = &p->phdr[k];

		if (ph->p_type == PT_LOAD && addr >= ph->p_vaddr &&
		    addr - ph->p_vaddr <= ph->p_filesz &&
		    n <= ph->p_filesz - (addr - ph->p_vaddr))
			return (unsigned char *)f->bytes + ph->p_offset +
			       (addr - ph->p_vaddr);
	}
	return NULL;
}

/*
 * Take the relocations over if all are in s: the program, which would relocate
 * itself and touch every page for it, finds none.
 */
static void take_relocs(struct segment *s, const struct program *p,
			const struct elffile *f)
{
	uint64_t relr = 0, size = 0, none = 0;
	unsigned char *size_at = NULL;
	const unsigned char *words;

	for (unsigned k = 0; k < p->ehdr.e_phnum; k++) {
		const Elf64_Phdr *ph = &p->phdr[k];

		for (uint64_t i = 0; ph->p_type == PT_DYNAMIC &&
				     i + sizeof(Elf64_Dyn) <= ph->p_filesz;
		     i += sizeof(Elf64_Dyn)) {
			unsigned char *at = at_address(s, ph->p_vaddr + i);
			Elf64_Dyn d;

			if (at == NULL)
				return;
			memcpy(&d, at, sizeof(d));
			if (d.d_tag == DT_NULL)
				break;
			if (d.d_tag == DT_RELR)
				relr = d.d_un.d_ptr;
			if (d.d_tag != DT_RELRSZ)
				continue;
			size = d.d_un.d_val;
			size_at = at + offsetof(Elf64_Dyn, d_un);
		}
	}
	words = size > 0 ? file_bytes(p, f, relr, size) : NULL;
	if (words == NULL)
		return;
	s->relocs = xcalloc(s->pages, sizeof(*s->relocs));
	if (mark_all(s, words, size / 8)) {
		memcpy(size_at, &none, sizeof(none));
	} else {
		free(s->relocs);
		s->relocs = NULL;
	}
}

/* Head, offsets, map of relocations, pages: see image.h. */
static bool write_packed(const struct segment *s, FILE *out)
{
	size_t fixed = offsetof(struct packed_segment, at) +
		       (s->pages + 1) * sizeof(uint32_t);
	size_t map = (fixed + 7) / 8 * 8;
	size_t at = map + (s->relocs ? s->pages * sizeof(*s->relocs) : 0);
	struct packed_segment head = {
		.vaddr = s->vaddr,
		.relocs = s->relocs ? (uint32_t)map : 0,
	};
	unsigned char page[LZ_MOST(PAGE)];
	uint32_t offset;

	fwrite(&head, offsetof(struct packed_segment, at), 1, out);
	for (size_t i = 0; i <= s->pages; i++) {
		offset = (uint32_t)at;
		fwrite(&offset, sizeof(offset), 1, out);
		if (i < s->pages)
			at += lz_pack(s->bytes + i * PAGE, PAGE, page);
	}
	for (; fixed < map; fixed++)
		fputc(0, out);
	if (s->relocs)
		fwrite(s->relocs, sizeof(*s->relocs), s->pages, out);
	for (size_t i = 0; i < s->pages; i++)
		fwrite(page, 1, lz_pack(s->bytes + i * PAGE, PAGE, page), out);
	return !ferror(out);
}

static bool write_segment(const struct segment *s, const char *path, char **why)
{
	FILE *out = fopen(path, "wxe");
	bool ok = out != NULL && write_packed(s, out);

	if (out != NULL && fclose(out) != 0)
		ok = false;
	return ok || fail(why, "cannot write %s: %s", path, strerror(errno));
}

bool pack_program(struct program *p, struct scratch *scratch, size_t i,
		  char **why)
{
	struct elffile f;
	bool ok;

	if (p->ehdr.e_phnum > MOST_SEGMENTS)
		return true;
	if (!elffile_open(&f, p->snapshot, why))
		return false;
	ok = true;
	for (unsigned k = 0; p->packed == NULL && k < p->ehdr.e_phnum; k++) {
		struct segment s = {0};

		if (!is_worth_it(&p->phdr[k]))
			continue;
		p->packed = xcalloc(p->ehdr.e_phnum, sizeof(*p->packed));
		p->packed[k] = scratch_file(scratch, "packed.%zu.%u", i, k);
		take_bytes(&s, &p->phdr[k], &f);
		take_relocs(&s, p, &f);
		ok = write_segment(&s, p->packed[k], why);
		free(s.bytes);
		free(s.relocs);
	}
	elffile_close(&f);
	return ok;
}
