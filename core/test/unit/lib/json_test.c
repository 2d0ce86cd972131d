/* sources: core/kern/lib/json.c core/kern/lib/utf8.c */
/* The configuration document's parser, good and bad input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "config.h"

static struct json *parse(const char *s)
{
	const char *error;
	/* Exactly as long as the text, so that the sanitizer sees overruns. */
	size_t n = strlen(s);
	char *copy = malloc(n ? n : 1);
	struct json *j;

	memcpy(copy, s, n);
	j = json_parse(copy, n, &error);
	if (!j)
		assert_non_null(error);
	free(copy);
	return j;
}

static void refuse(const char *s)
{
	struct json *j = parse(s);

	if (j)
		fail_msg("accepted: %s", s);
}

static void test_values(void **state)
{
	struct json *j = parse("{\"a\": 1, \"b\": [true, null, -5, \"x\"],"
			       " \"c\": {\"d\": \"e\"}, \"z\": {}, \"y\": []}");
	const struct json *b;

	assert_non_null(j);
	assert_int_equal(j->type, JSON_OBJECT);
	assert_int_equal(json_get(j, "a")->number, 1);
	b = json_get(j, "b");
	assert_int_equal(b->type, JSON_ARRAY);
	assert_int_equal(b->child->type, JSON_BOOL);
	assert_int_equal(b->child->number, 1);
	assert_int_equal(b->child->next->type, JSON_NULL);
	assert_int_equal(b->child->next->next->number, -5);
	assert_string_equal(b->child->next->next->next->string, "x");
	assert_null(b->child->next->next->next->next);
	assert_string_equal(json_get_string(json_get(j, "c"), "d"), "e");
	assert_null(json_get(j, "missing"));
	assert_null(json_get_string(j, "a"));
	assert_null(json_get(j, "z")->child);
	json_free(j);
}

static void test_strings(void **state)
{
	struct json *j = parse("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u00e4\\u20ac\","
			       "\"\\ud83d\\ude00\", \"\xc3\xa4\", \"\"]");
	const struct json *e;

	assert_non_null(j);
	e = j->child;
	assert_string_equal(e->string, "\"\\/\b\f\n\r\t");
	e = e->next;
	assert_string_equal(e->string, "\xc3\xa4\xe2\x82\xac");
	e = e->next;
	assert_string_equal(e->string, "\xf0\x9f\x98\x80");
	e = e->next;
	assert_string_equal(e->string, "\xc3\xa4");
	e = e->next;
	assert_string_equal(e->string, "");
	json_free(j);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "{", "}", "[", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\" 1}",
		"{\"a\":1 \"b\":2}", "{a:1}", "{1:2}", "[1] x", "[1]]", "\"abc",
		"\"\\x\"", "\"\\u12\"", "\"\\u0000\"", "\"\\ud800\"",
		"\"\\ud800\\u0041\"", "\"\\udc00\"", "[1.5]", "[1e3]", "[01]", "[-]",
		"[truth]", "[nul]", "[99999999999999999999]", "\"\x01\"",
		"{\"a\":1,\"a\":2}", "nonsense", "[\"a\" : 1]",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse(bad[i]);
}

static void test_depth(void **state)
{
	char deep[200];

	memset(deep, '[', 100);
	memset(deep + 100, ']', 99);
	deep[199] = 0;
	refuse(deep);
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	refuse((deep[199] = ']', deep[198] = 0, deep));
}

/* Every prefix, and every text with one byte changed: no crash, no leak. */
static void test_mutations(void **state)
{
	static const char text[] = "{\"cmdline\":[\"a\\n\",\"\\u20ac\"],\"net\":[{\"if\":"
				   "\"vioif0\",\"mask\":24}],\"env\":[]}";
	char copy[sizeof(text)];
	const char *error;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		memcpy(copy, text, n);
		copy[n] = 0;
		refuse(copy);
	}
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		for (int c = 1; c < 256; c += 3) {
			memcpy(copy, text, sizeof(text));
			copy[i] = (char)c;
			json_free(json_parse(copy, sizeof(text) - 1, &error));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	cmocka_unit_test(test_strings),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
