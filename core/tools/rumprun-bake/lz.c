#include "lz.h"

#include <string.h>

#include "image.h"

/* LZ4 Block Format Description: lengths in a token's nibbles, 255s, the rest. */
#define NIBBLE 15u
#define SHORTEST 4u /* match */
#define BUCKETS 4096u
#define MOST 65536u

static unsigned hash(const unsigned char *p)
{
	unsigned v;

	memcpy(&v, p, 4);
	return v * 2654435761u >> 20; /* Knuth, TAOCP 3, 6.4 */
}

/* Places with the same hash, the latest first; counted from 1. */
struct chains {
	unsigned head[BUCKETS], before[MOST];
};

static void add(struct chains *c, const unsigned char *in, size_t n, size_t at)
{
	unsigned *head;

	if (at + SHORTEST > n)
		return;
	head = &c->head[hash(in + at)];
	c->before[at] = *head;
	*head = (unsigned)at + 1;
}

/* The longest match of what is at at; its length, 0 if there is none. */
static size_t longest(const struct chains *c, const unsigned char *in, size_t n,
		      size_t at, size_t *from)
{
	size_t best = SHORTEST - 1;
	unsigned k;

	if (at + SHORTEST > n)
		return 0;
	for (k = c->head[hash(in + at)]; k != 0; k = c->before[k - 1]) {
		size_t len = 0;

		if (at - (k - 1) < LZ_NEAREST)
			continue;
		while (at + len < n && in[k - 1 + len] == in[at + len])
			len++;
		if (len > best) {
			best = len;
			*from = k - 1;
		}
	}
	return best >= SHORTEST ? best : 0;
}

static unsigned char *put_rest(unsigned char *out, size_t len)
{
	if (len < NIBBLE)
		return out;
	for (len -= NIBBLE; len >= 255; len -= 255)
		*out++ = 255;
	*out++ = (unsigned char)len;
	return out;
}

static unsigned nibble(size_t len)
{
	return len < NIBBLE ? (unsigned)len : NIBBLE;
}

/* n literals, then a match of len bytes (0: none), distance before it. */
static unsigned char *put(unsigned char *out, const unsigned char *literals,
			  size_t n, size_t len, size_t distance)
{
	size_t more = len ? len - SHORTEST : 0;

	*out++ = (unsigned char)(nibble(n) << 4 | nibble(more));
	out = put_rest(out, n);
	memcpy(out, literals, n);
	out += n;
	if (!len)
		return out;
	*out++ = (unsigned char)distance;
	*out++ = (unsigned char)(distance >> 8);
	return put_rest(out, more);
}

size_t lz_pack(const unsigned char *in, size_t n, unsigned char *out)
{
	static struct chains c;
	unsigned char *to = out;
	size_t done = 0, at = 0, from = 0;

	memset(c.head, 0, sizeof(c.head));
	while (at < n) {
		size_t len = longest(&c, in, n, at, &from);

		if (!len) {
			add(&c, in, n, at++);
			continue;
		}
		to = put(to, in + done, at - done, len, at - from);
		for (done = at + len; at < done; at++)
			add(&c, in, n, at);
	}
	if (done < n)
		to = put(to, in + done, n - done, 0, 0);
	return (size_t)(to - out);
}
