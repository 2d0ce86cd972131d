/* sources: core/tools/rumprun/kernlog.c core/tools/rumprun/outcome.c core/tools/rumprun/address.c core/tools/common/diag.c */
/* flags: -D_GNU_SOURCE -iquote ../../tools/common -iquote ../../tools/rumprun */
/* The log channel: status lines, frames, and what is neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "diag.h"
#include "kernlog.h"
/* Last: its macro fail would take our function's name. */
#include <cmocka.h>

static char shown[8192];

static void put(void *arg, const char *text, size_t len)
{
	assert_true(strlen(shown) + len < sizeof(shown));
	strncat(shown, text, len);
}

/* Stands for the image's symbols: knows one address. */
char *symbols_name(struct symbols *s, uint64_t addr, const char *where,
		   bool returns)
{
	if (addr != 0x1234)
		return NULL;
	return xasprintf("f+0x4 in %s%s", where, returns ? " (return)" : "");
}

/* Feed text in pieces of every size; the result must be the same. */
static void feed(const char *text, const char *want, enum cause cause,
		 int number)
{
	for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
		struct kernlog k = {.symbols = (void *)&k, .put = put};
		struct outcome o = {CAUSE_NONE, 0};

		shown[0] = '\0';
		for (size_t at = 0; at < strlen(text); at += piece) {
			size_t n = strlen(text) - at;

			kernlog_feed(&k, text + at, n < piece ? n : piece);
		}
		kernlog_end(&k, &o);
		assert_string_equal(shown, want);
		assert_int_equal(o.cause, cause);
		assert_int_equal(o.number, number);
	}
}

static void test_status(void **state)
{
	feed("rumprun: x\nrumprun-status: exit 3\n", "rumprun: x\n", CAUSE_EXIT,
	     3);
	feed("rumprun-status: exit 255\n", "", CAUSE_EXIT, 255);
	feed("rumprun-status: signal 11\n", "", CAUSE_SIGNAL, 11);
	feed("rumprun-status: panic\n", "", CAUSE_PANIC, 0);
	feed("rumprun-status: oom\n", "", CAUSE_OOM, 0);
	feed("", "", CAUSE_NONE, 0);
}

/* A program may print what looks like one. */
static void test_not_status(void **state)
{
	feed("rumprun-status: exit 9\nmore\nrumprun-status: exit 1\n",
	     "rumprun-status: exit 9\nmore\n", CAUSE_EXIT, 1);
	feed("rumprun-status: exit 9\nmore", "rumprun-status: exit 9\nmore",
	     CAUSE_NONE, 0);
	feed("rumprun-status: exit 256\n", "rumprun-status: exit 256\n",
	     CAUSE_NONE, 0);
	feed("rumprun-status: exit 3", "rumprun-status: exit 3", CAUSE_NONE, 0);
	feed("rumprun-status: signal 0\n", "rumprun-status: signal 0\n",
	     CAUSE_NONE, 0);
	/* Behind the rest of a line of a program it counts all the same. */
	feed("x rumprun-status: oom\n", "x rumprun-status: oom\n", CAUSE_OOM, 0);
	feed("rumprun-status: nonsense\n", "rumprun-status: nonsense\n",
	     CAUSE_NONE, 0);
}

static void test_frames(void **state)
{
	feed("rumprun:   #0 0x1234 kernel\n",
	     "rumprun:   #0 0x1234 kernel: f+0x4 in kernel\n", CAUSE_NONE, 0);
	feed("rumprun:   #2 0x0000000000001234 hello+0x10\n",
	     "rumprun:   #2 0x0000000000001234 hello+0x10: f+0x4 in "
	     "hello+0x10 (return)\n",
	     CAUSE_NONE, 0);
	feed("rumprun:   #0 0x9999 kernel\n", "rumprun:   #0 0x9999 kernel\n",
	     CAUSE_NONE, 0);
	feed("rumprun:   #x 0x1234 kernel\n", "rumprun:   #x 0x1234 kernel\n",
	     CAUSE_NONE, 0);
}

static void test_other_output(void **state)
{
	feed("a\nb", "a\nb", CAUSE_NONE, 0);
	feed("rum", "rum", CAUSE_NONE, 0);
	feed("rumprun", "rumprun", CAUSE_NONE, 0);
	feed("\n\n", "\n\n", CAUSE_NONE, 0);
}

static void test_long_lines(void **state)
{
	char line[3000];

	memset(line, 'x', sizeof(line));
	memcpy(line, "rumprun: ", 9);
	line[sizeof(line) - 1] = '\0';
	feed(line, line, CAUSE_NONE, 0);
}

/* A prompt is seen before its line ends. */
static void test_prompt(void **state)
{
	struct kernlog k = {.put = put};
	struct outcome o = {CAUSE_NONE, 0};

	shown[0] = '\0';
	kernlog_feed(&k, "name? ", 6);
	assert_string_equal(shown, "name? ");
	kernlog_feed(&k, "\nrump", 5);
	assert_string_equal(shown, "name? \n");
	kernlog_flush(&k);
	assert_string_equal(shown, "name? \nrump");
	kernlog_end(&k, &o);
}

static void test_outcome(void **state)
{
	const struct {
		struct outcome o;
		int status;
	} all[] = {
		{{CAUSE_EXIT, 7}, 7},	  {{CAUSE_SIGNAL, 11}, 139},
		{{CAUSE_PANIC, 0}, 120},  {{CAUSE_OOM, 0}, 121},
		{{CAUSE_KILLED, 0}, 137}, {{CAUSE_NO_STATUS, 0}, 120},
		{{CAUSE_REFUSED, 0}, 2},  {{CAUSE_LOST, 9}, 137},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char *text = outcome_text(&all[i].o);

		assert_int_equal(outcome_status(&all[i].o), all[i].status);
		assert_true(strlen(text) > 0);
		assert_true(strlen(outcome_word(&all[i].o)) > 0);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_not_status),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_other_output),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_prompt),
		cmocka_unit_test(test_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
