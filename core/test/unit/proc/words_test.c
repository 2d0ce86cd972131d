/* sources: core/kern/init/words.c */
/* Splitting command lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../kern/init/words.h"

static void split(const char *s, const char *expect)
{
	size_t n;
	char *copy = strdup(s), **v = words_split(copy, &n), text[200] = "";

	assert_non_null(v);
	for (size_t i = 0; i < n; i++) {
		strcat(text, v[i]);
		strcat(text, "|");
	}
	assert_null(v[n]);
	assert_string_equal(text, expect);
	free(v);
	free(copy);
}

static void splits(void **state)
{
	split("", "");
	split("  \t\n", "");
	split("a", "a|");
	split("  nginx -c  /data/conf ", "nginx|-c|/data/conf|");
	split("a 'b c' d", "a|b c|d|");
	split("a \"b c\" d", "a|b c|d|");
	split("a'b'\"c\"d", "abcd|");
	split("'' \"\" x", "||x|");
	split("a\\ b c", "a b|c|");
	split("'a\\b' \"a\\b\" a\\b", "a\\b|a\\b|ab|");
	split("\"a\\\"b\\\\c\\$d\"", "a\"b\\c$d|");
	split("'it'\\''s'", "it's|");
	split("\"it's\" 'say \"x\"'", "it's|say \"x\"|");
	/* Not closed: up to the end. */
	split("a 'b c", "a|b c|");
	split("a\\", "a\\|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(splits)};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
