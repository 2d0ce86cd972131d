/* sources: core/kern/lib/printf.c core/kern/lib/string.c */
/* flags: -Dmemcpy=k_memcpy -Dmemmove=k_memmove -Dmemset=k_memset -Dmemcmp=k_memcmp -Dmemchr=k_memchr -Dstrlen=k_strlen -Dstrnlen=k_strnlen -Dstrcmp=k_strcmp -Dstrncmp=k_strncmp -Dstrchr=k_strchr -Dstrrchr=k_strrchr -Dstrstr=k_strstr -Dstrlcpy=k_strlcpy -fno-builtin */
/* Formatted text and the string functions, against the host's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strcmp
#undef strstr
#undef strrchr
#include <string.h>
#include "types.h"

int ksnprintf(char *buf, size_t size, const char *fmt, ...);
void *k_memcpy(void *dst, const void *src, size_t n);
void *k_memmove(void *dst, const void *src, size_t n);
void *k_memset(void *dst, int c, size_t n);
size_t k_strlen(const char *s);
char *k_strstr(const char *s, const char *needle);
char *k_strrchr(const char *s, int c);

#define SAME(...)                                                              \
	do {                                                                   \
		char a_[200], b_[200];                                         \
		int x_ = snprintf(a_, sizeof(a_), __VA_ARGS__);                \
		int y_ = ksnprintf(b_, sizeof(b_), __VA_ARGS__);               \
		assert_string_equal(a_, b_);                                   \
		assert_int_equal(x_, y_);                                      \
	} while (0)

static void test_formats(void **state)
{
	char small[5];

	SAME("%d %i %u", -5, 0, 7u);
	SAME("[%5d] [%-5d] [%05d] [%+d] [% d]", 42, 42, 42, 42, 42);
	SAME("[%5d] [%-5d] [%05d]", -42, -42, -42);
	SAME("%x %X %#x %#o %o", 255u, 255u, 255u, 8u, 8u);
	SAME("%lx %lu %ld", ~0ul, ~0ul, (long)INT64_MIN);
	SAME("%lld %llu %zu %jd", -1ll, 1ull, (size_t)3, (intmax_t)4);
	SAME("%hd %hhu %hhd", (short)-3, (unsigned char)200, (signed char)-3);
	SAME("%.3d %.0d %8.3d|%-8.3x|", 5, 0, 7, 10u);
	SAME("%016lx %08x", 0x1234ul, 0xabcu);
	SAME("%s %10s|%-10s|%.2s", "abc", "abc", "abc", "abc");
	SAME("%*d %-*d| %.*s", 6, 1, 6, 2, 2, "xyz");
	SAME("%c%c %%", 'a', 'b');
	SAME("%p", (void *)0x1234);
	assert_int_equal(ksnprintf(small, sizeof(small), "truncated"), 9);
	assert_string_equal(small, "trun");
	assert_int_equal(ksnprintf(NULL, 0, "abc"), 3);
}

static void test_memory(void **state)
{
	unsigned char a[600], b[600], src[600];

	for (int i = 0; i < 600; i++)
		src[i] = (unsigned char)(i * 7);
	for (size_t n = 0; n < 200; n++)
		for (size_t off = 0; off < 9; off++) {
			memset(a, 0xee, sizeof(a));
			memset(b, 0xee, sizeof(b));
			memcpy(a + off, src + 3, n);
			assert_ptr_equal(k_memcpy(b + off, src + 3, n), b + off);
			assert_memory_equal(a, b, sizeof(a));
			memset(a + off, 0x5a, n);
			k_memset(b + off, 0x5a, n);
			assert_memory_equal(a, b, sizeof(a));
			memcpy(a, src, sizeof(a));
			memcpy(b, src, sizeof(b));
			memmove(a + off, a + 5, n);
			k_memmove(b + off, b + 5, n);
			assert_memory_equal(a, b, sizeof(a));
		}
}

static void test_strings(void **state)
{
	assert_int_equal(k_strlen(""), 0);
	assert_int_equal(k_strlen("abc"), 3);
	assert_string_equal(k_strstr("haystack", "st"), "stack");
	assert_null(k_strstr("haystack", "sx"));
	assert_string_equal(k_strrchr("a/b/c", '/'), "/c");
	assert_null(k_strrchr("abc", '/'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
