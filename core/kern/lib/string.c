/* Memory and string functions. */
#include "string.h"
#include "page.h"

/*
 * Long runs use the string instructions in words: fast on every processor, with
 * or without ERMS, and reasonable under emulation.
 */
#define REP_MIN 64

static inline u64 load64(const void *p)
{
	u64 v;

	__builtin_memcpy(&v, p, 8);
	return v;
}

static inline void store64(void *p, u64 v)
{
	__builtin_memcpy(p, &v, 8);
}

void *memcpy(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	if (n >= REP_MIN) {
		u64 last = load64(s + n - 8);
		u8 *end = d + n - 8;
		size_t words = n / 8;

		__asm__ __volatile__("rep movsq"
				     : "+D"(d), "+S"(s), "+c"(words)::"memory");
		store64(end, last);
		return dst;
	}
	if (n >= 8) {
		u64 last = load64(s + n - 8);
		u8 *end = d + n - 8;

		for (; d < end; d += 8, s += 8)
			store64(d, load64(s));
		store64(end, last);
		return dst;
	}
	for (; n; n--) {
		*d++ = *s++;
		barrier(); /* or the compiler makes a call of memcpy of this */
	}
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	if ((uintptr_t)d - (uintptr_t)s >= n) {
		/* dst does not begin inside src: ascending order is safe. */
		for (; n >= 8; n -= 8, d += 8, s += 8)
			store64(d, load64(s));
		for (; n; n--) {
			*d++ = *s++;
			barrier();
		}
		return dst;
	}
	for (; n >= 8; n -= 8)
		store64(d + n - 8, load64(s + n - 8));
	while (n--) {
		d[n] = s[n];
		barrier();
	}
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	u8 *d = dst;
	u64 word = (u8)c * 0x0101010101010101ull;

	if (n >= REP_MIN) {
		size_t words = n / 8;

		store64(d + n - 8, word);
		__asm__ __volatile__("rep stosq"
				     : "+D"(d), "+c"(words)
				     : "a"(word)
				     : "memory");
		return dst;
	}
	for (; n; n--) {
		*d++ = (u8)c;
		barrier();
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n; n--, p++)
		if (*p == (u8)c)
			return (void *)p;
	return NULL;
}

size_t strnlen(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i]) {
		i++;
		barrier();
	}
	return i;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	for (;; s++) {
		if (*s == (char)c)
			found = s;
		if (!*s)
			return (char *)found;
	}
}

char *strstr(const char *s, const char *needle)
{
	size_t n = strlen(needle);

	for (;; s++) {
		if (!strncmp(s, needle, n))
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t n = strlen(src);
	size_t take = MIN(n, size - 1);

	memcpy(dst, src, take);
	dst[take] = 0;
	return n;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

bool parse_u64(const char *s, unsigned base, u64 *out)
{
	u64 v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned d = (unsigned)digit(*s);

		if (d >= base || __builtin_mul_overflow(v, (u64)base, &v) ||
		    __builtin_add_overflow(v, (u64)d, &v))
			return false;
	}
	*out = v;
	return true;
}

char *kstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = kmalloc(n, 0);

	return p ? memcpy(p, s, n) : NULL;
}
