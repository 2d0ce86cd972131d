/*
 * Compression of single pages, in LZ4's block format without its rules for the
 * end of a block, and without near matches: image.h, struct packed_segment.
 */
#ifndef BAKE_LZ_H
#define BAKE_LZ_H

#include <stddef.h>

/* What n bytes become at most: one run of literals. */
#define LZ_MOST(n) ((n) + (n) / 255 + 16)

/* Pack n bytes, at most 64 KiB, to out; how many bytes that makes. */
size_t lz_pack(const unsigned char *in, size_t n, unsigned char *out);

#endif
