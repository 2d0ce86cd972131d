/* The generator: splitmix64 (Steele, Lea, Flood: Fast splittable ..., 2014). */
#include "stress.h"
#include <string.h>

#define GOLDEN 0x9e3779b97f4a7c15ull

uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

uint64_t next_random(uint64_t *state)
{
	return mix(*state += GOLDEN);
}

unsigned draw(struct worker *w, unsigned n)
{
	return (unsigned)(next_random(&w->random) >> 32) % n;
}

unsigned between(struct worker *w, unsigned a, unsigned b)
{
	return a + draw(w, b - a + 1);
}

static uint64_t word_of(uint64_t key, uint64_t at)
{
	return mix(key + at / 8 * GOLDEN);
}

void pattern(uint64_t key, uint64_t at, void *p, size_t n)
{
	char *to = p;

	while (n) {
		uint64_t v = word_of(key, at);
		size_t part = 8 - at % 8;

		if (part > n)
			part = n;
		memcpy(to, (char *)&v + at % 8, part);
		to += part;
		at += part;
		n -= part;
	}
}

bool is_pattern(uint64_t key, uint64_t at, const void *p, size_t n)
{
	const char *from = p;

	while (n) {
		uint64_t v = word_of(key, at);
		size_t part = 8 - at % 8;

		if (part > n)
			part = n;
		if (memcmp(from, (char *)&v + at % 8, part))
			return false;
		from += part;
		at += part;
		n -= part;
	}
	return true;
}
