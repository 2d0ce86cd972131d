/*
 * What rumprun-bake puts into an image, for the kernel and the tools
 * (core/PROTOCOL.md, 2 and 3).  Needs no other header.
 */
#ifndef RR_IMAGE_H
#define RR_IMAGE_H

/* In packed pages no match is nearer than so many bytes: words can be copied. */
#define LZ_NEAREST 8

/*
 * A writable segment whose pages are compressed, each for itself: nobody maps them
 * where they lie anyhow.
 */
struct packed_segment {
	/* Linked address of the first page. */
	unsigned long long vaddr;
	/*
	 * Distance from here to a map of relative relocations, aligned to 8
	 * bytes: 64 bytes for each page, with a bit for each word of 8 bytes to
	 * which the program's load bias is to be added.  0: there are none, or
	 * the program relocates itself.
	 */
	unsigned relocs;
	/*
	 * Distances from here: page n is from at[n] to at[n + 1], in LZ4's
	 * block format, but ends with its last byte, wherever that is, and
	 * with no match nearer than LZ_NEAREST.
	 */
	unsigned at[];
};

/*
 * One program.  The bake puts a pointer to each into the linker set "programs"
 * (section set_programs, linkset.h), in the order of its command line; struct,
 * name, headers and pointers lie in .rodata.programs.
 */
struct baked_program {
	/* Base name of the program file; NUL-terminated, unique in the image. */
	const char *name;
	/*
	 * Its Elf64_Ehdr (ET_EXEC or ET_DYN, EM_X86_64): e_phoff is 64 and the
	 * e_phnum program headers follow directly.  No section headers.
	 * Aligned to 8 bytes.
	 */
	const void *ehdr;
	/*
	 * One pointer for each PT_LOAD, in the order of the program headers, to
	 * the page-aligned bytes of the file from p_offset rounded down to a
	 * page up to p_offset + p_filesz; the rest of the last page is zero,
	 * or, if nothing may be written to the segment, what the file has there.
	 * NULL where p_filesz is 0.  The bake has made sure that p_offset and
	 * p_vaddr are equal modulo the page size, that the segments ascend and
	 * do not share a page, that none is writable and executable, and that
	 * e_entry lies in an executable one.
	 */
	const void *const *load;
	/*
	 * Bit n: load[n] leads to a struct packed_segment instead, with the
	 * pages up to that of the last byte, the rest of which is zero.
	 */
	unsigned long long packed;
};

/* Bytes that the bake aligns segments to. */
#define IMAGE_PAGE_SIZE 4096

/* Section and note names. */
#define IMAGE_PROGRAMS_SECTION ".rodata.programs"
#define IMAGE_PROGRAMS_SET "set_programs"
#define IMAGE_DEBUG_SECTION ".debug_rumprun." /* followed by the index */
#define IMAGE_NOTE_SECTION ".note.rumprun"

#define IMAGE_NOTE_NAME "rumprun"
#define IMAGE_NOTE_PROGRAM 1 /* by the toolchain: target, NUL, version, NUL */
#define IMAGE_NOTE_IMAGE 2   /* by the bake: key=value lines */

#define IMAGE_PVH_NOTE_NAME "Xen"
#define IMAGE_PVH_NOTE_TYPE 18 /* XEN_ELFNOTE_PHYS32_ENTRY */

/* What the program note of a matching toolchain says. */
#define RUMPRUN_TARGET "x86_64-rumprun-linux-musl"

#endif
