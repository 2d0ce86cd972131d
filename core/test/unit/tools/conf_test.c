/* sources: core/tools/rumprun-bake/conf.c core/tools/common/strlist.c core/tools/common/words.c core/tools/common/diag.c */
/* flags: -D_GNU_SOURCE -iquote ../../tools/common -iquote ../../tools/rumprun-bake */
/* The language of rumprun-bake.conf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "conf.h"
/* Last: its macro fail would take our function's name. */
#include <cmocka.h>

#define V "version 20160209\n"

static struct confs all;

static int setup(void **state)
{
	memset(&all, 0, sizeof(all));
	return 0;
}

static int teardown(void **state)
{
	confs_free(&all);
	return 0;
}

static void accept(const char *text)
{
	char *why = NULL;

	if (!confs_parse(&all, "f", text, &why))
		fail_msg("refused: %s", why);
}

static void refuse(const char *text, const char *reason)
{
	char *why = NULL;

	if (confs_parse(&all, "f", text, &why))
		fail_msg("accepted: %s", text);
	if (strstr(why, reason) == NULL)
		fail_msg("'%s' does not say '%s'", why, reason);
	free(why);
}

static void has(const char *name, const char *components)
{
	struct conf *c = confs_find(&all, name);
	char *s;

	assert_non_null(c);
	s = strlist_join(&c->components, " ");
	assert_string_equal(s, components);
	free(s);
}

static void test_commands(void **state)
{
	accept(V "# comment\n\n"
		 "conf _a\n\tcreate \"set a\"\n\tadd one two\nfnoc\n"
		 "conf hw_b # another\n  assimilate _a\n  add three two\n"
		 "  remove one\nfnoc\n"
		 "conf hw_c\nassimilate hw_b\nnuke\nadd -lfour ./own.a\nfnoc");
	has("_a", "one two");
	has("hw_b", "two three");
	has("hw-c", "four ./own.a");
	assert_string_equal(confs_find(&all, "_a")->describe, "set a");
	assert_null(confs_find(&all, "hw_b")->describe);
	assert_true(conf_is_private(confs_find(&all, "_a")));
	assert_false(conf_is_private(confs_find(&all, "hw_b")));
	assert_null(confs_find(&all, "hw_d"));
}

static void test_second_file(void **state)
{
	accept(V "conf _private\nadd x\nfnoc\nconf hw_x\nadd y\nfnoc\n");
	accept(V "conf hw-mine\nassimilate _private hw-x\nfnoc\n");
	has("hw_mine", "x y");
	refuse(V "conf hw_x\nfnoc\n", "f:2: hw_x is already defined at f:5");
}

static void test_structure(void **state)
{
	refuse("", "begin with: version");
	refuse("conf hw_a\nfnoc\n", "f:1: the file must begin");
	refuse("version 1\n", "version 20160209 only");
	refuse("version\n", "version 20160209 only");
	refuse(V "add x\n", "f:2: 'add' outside of conf");
	refuse(V "fnoc\n", "fnoc without conf");
	refuse(V "conf hw_1\n", "f:2: the file ends within conf hw_1");
	refuse(V "conf hw_2\nconf hw_3\n", "before the end (fnoc) of hw_2");
	refuse(V "conf hw_4\nfnoc x\n", "fnoc takes no argument");
}

static void test_names(void **state)
{
	refuse(V "conf mine\nfnoc\n", "must begin with hw_");
	refuse(V "conf hw_\nfnoc\n", "must begin with hw_");
	refuse(V "conf hw_a.b\nfnoc\n", "hw_a.b");
	refuse(V "conf hw_a hw_b\nfnoc\n", "conf takes one name");
	refuse(V "conf hw_n\nadd ../x.y\nfnoc\nconf hw_m\nadd x.y\nfnoc\n",
	       "f:6: 'x.y' is not the name of a component");
}

static void test_bad_commands(void **state)
{
	refuse(V "conf hw_1\nbogus\nfnoc\n",
	       "f:3: there is no command 'bogus'");
	refuse(V "conf hw_2\ncreate a b\nfnoc\n", "create takes one");
	refuse(V "conf hw_3\ncreate \"a\nfnoc\n", "f:3: a quote does not end");
	refuse(V "conf hw_4\nassimilate hw_none\nfnoc\n",
	       "configuration hw_none");
	refuse(V "conf hw_5\nassimilate\nfnoc\n", "assimilate needs");
	refuse(V "conf hw_6\nadd\nfnoc\n", "add needs");
	refuse(V "conf hw_7\nremove\nfnoc\n", "remove needs");
	refuse(V "conf hw_8\nremove x\nfnoc\n", "no component x to remove");
	refuse(V "conf hw_9\nnuke x\nfnoc\n", "nuke takes no argument");
}

static void modify(const char *command, const char *reason)
{
	char *why = NULL;
	bool ok = confs_modify(&all, confs_find(&all, "hw_x"), command, &why);

	if (reason == NULL) {
		assert_true(ok);
		return;
	}
	assert_false(ok);
	assert_non_null(strstr(why, reason));
	free(why);
}

static void test_modify(void **state)
{
	accept(V "conf _p\nadd p\nfnoc\nconf hw_x\nadd a b\nfnoc\n");
	modify("add c", NULL);
	modify("remove a", NULL);
	modify("assimilate _p", NULL);
	has("hw_x", "b c p");
	modify("remove a", "no component a");
	modify("", "empty");
	modify("# nothing", "empty");
	modify("fnoc", "no place");
	modify("conf hw_y", "no place");
	modify("version 20160209", "no place");
	modify("add 'x", "quote");
	modify("nuke", NULL);
	has("hw_x", "");
}

static void words(const char *text, const char *joined)
{
	struct strlist l = {0};
	char *why = NULL, *s;
	/* Exactly as long as the text, so that the sanitizer sees overruns. */
	char *copy = strdup(text);

	assert_true(split_words(&l, copy, &why));
	s = strlist_join(&l, "|");
	assert_string_equal(s, joined);
	free(s);
	free(copy);
	strlist_clear(&l);
}

static void test_words(void **state)
{
	words("", "");
	words("  a\tb  c ", "a|b|c");
	words("'a b' \"c d\"e f\\ g", "a b|c de|f g");
	words("'' x \"\"", "|x|");
	words("\"a\\\"b\\n\" '\\'", "a\"b\\n|\\");
	words("a#b # c", "a#b");
	words("a\\", "a\\");
}

static void test_shell(void **state)
{
	struct strlist l = {0};
	char *s;

	strlist_adds(&l, "plain", "two words", "it's", "", "$x", NULL);
	s = strlist_shell(&l);
	assert_string_equal(s, "plain 'two words' 'it'\\''s' '' '$x'");
	free(s);
	assert_true(strlist_remove(&l, "it's"));
	assert_false(strlist_remove(&l, "it's"));
	assert_int_equal(l.n, 4);
	assert_null(l.v[4]);
	strlist_clear(&l);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_commands), T(test_second_file),	T(test_structure),
		T(test_names),	  T(test_bad_commands), T(test_modify),
		T(test_words),	  T(test_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
