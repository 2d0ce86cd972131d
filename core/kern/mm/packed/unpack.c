/*
 * Pages of programs that are compressed in the image (image.h).  The bake has made
 * them, so nothing is checked.
 */
#include "image.h"
#include "vm.h"

/* Of LZ4's block format. */
#define NIBBLE 15u
#define SHORTEST_MATCH 4

/* A length that begins in a nibble of the token. */
static size_t length(const u8 **in, unsigned nibble)
{
	size_t n = nibble;
	u8 more;

	if (nibble < NIBBLE)
		return n;
	do {
		more = *(*in)++;
		n += more;
	} while (more == 255);
	return n;
}

/* from may reach into what is copied, by a word at least; both move on. */
static void copy(u8 **out, const u8 **from, size_t n)
{
	u8 *to = *out;
	const u8 *at = *from;

	for (; n >= LZ_NEAREST; n -= LZ_NEAREST) {
		__builtin_memcpy(to, at, LZ_NEAREST);
		to += LZ_NEAREST;
		at += LZ_NEAREST;
	}
	while (n--)
		*to++ = *at++;
	*out = to;
	*from = at;
}

static void unpack(const u8 *in, u8 *out)
{
	const u8 *end = out + PAGE_SIZE;

	while (out < end) {
		unsigned token = *in++;
		const u8 *from;
		size_t n = length(&in, token >> 4);

		copy(&out, &in, n);
		if (out == end)
			return;
		from = out - (in[0] | in[1] << 8);
		in += 2;
		n = length(&in, token & NIBBLE) + SHORTEST_MATCH;
		copy(&out, &from, n);
	}
}

static void relocate(const u64 *map, u64 bias, u64 *words)
{
	for (const u64 *end = map + PAGE_SIZE / 8 / 64; map < end;
	     map++, words += 64)
		for (u64 left = *map; left; left &= left - 1)
			words[__builtin_ctzll(left)] += bias;
}

void vm_unpack_page(const struct packed_segment *s, u64 vaddr, u64 bias,
		    void *out)
{
	const u8 *base = (const u8 *)s;
	u64 n = (vaddr - s->vaddr) / PAGE_SIZE;

	unpack(base + s->at[n], out);
	if (s->relocs)
		relocate((const u64 *)(base + s->relocs) + n * 8, bias, out);
}

void vm_unpack(const struct vma *v, vaddr_t va, void *out)
{
	u64 linked = (u64)(uintptr_t)v->image;

	vm_unpack_page(v->packed, linked + (va - v->start),
		       v->pgoff * PAGE_SIZE - linked, out);
}
