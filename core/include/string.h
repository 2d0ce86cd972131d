/* The string functions of C that the kernel has, with their usual contracts. */
#ifndef RR_STRING_H
#define RR_STRING_H

#include "types.h"

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *needle);
/* Copy and always terminate; returns strlen(src).  dst has size > 0 bytes. */
size_t strlcpy(char *dst, const char *src, size_t size);
/*
 * Decimal (or, with base 16, hexadecimal) digits to *out; true if all of s was a
 * number that fits.
 */
bool parse_u64(const char *s, unsigned base, u64 *out);
/* UTF-8 (RFC 3629) of code point c into out[4]; returns the bytes written. */
size_t utf8_encode(char *out, u32 c);
/* A copy from kmalloc, or NULL; the caller frees it. */
char *kstrdup(const char *s);

#endif
