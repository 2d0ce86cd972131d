/* Segments whose pages are compressed: struct packed_segment of image.h. */
#ifndef BAKE_PACK_H
#define BAKE_PACK_H

#include "program.h"
#include "scratch.h"

/*
 * Pack the first segment of the program that is copied page by page anyway and is
 * large enough to be worth it; linkers make one.  (The kernel tells pages of two
 * apart by nothing else than their addresses.)  It goes to a file whose path is put
 * into p->packed, which has p->ehdr.e_phnum entries then; it stays NULL where there
 * is none.  The relative relocations (DT_RELR) are taken over by the kernel if all of
 * them are in that segment.  i is the program's number, for the file's name.  False
 * with *why if it cannot be written.
 */
bool pack_program(struct program *p, struct scratch *scratch, size_t i,
		  char **why);

#endif
