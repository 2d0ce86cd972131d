/* The configuration document (PROTOCOL.md, 4). */
#include "config.h"
#include "log.h"
#include "page.h"
#include "platform.h"
#include "private.h"
#include "string.h"
#include "syscall.h"

static struct json empty = {.type = JSON_OBJECT};
static struct json *document = &empty;

/* Given by component vfs. */
int kernel_mount(const char *source, const char *point, const char *type,
		 u64 flags, const char *options) __weak;

static const char *const known[] = {"cmdline", "rc",	"env",	 "hostname",
				    "net",     "blk",	"mount", "console"};

const struct json *config(void)
{
	return document;
}

/*
 * A command line without a document: its words become {"cmdline": [...]}, after a
 * place for the program's name.
 */
static struct json *from_words(const char *s, size_t len)
{
	struct json *doc = kzalloc(sizeof(*doc), 0);
	struct json *list = kzalloc(sizeof(*list), 0), **tail;
	const char *end = s + len;

	if (!doc || !list)
		config_error("no memory for the command line");
	doc->type = JSON_OBJECT;
	doc->child = list;
	list->type = JSON_ARRAY;
	list->key = "cmdline";
	tail = &list->child;
	*tail = kzalloc(sizeof(**tail), 0);
	for (;;) {
		const char *word;
		char *copy;

		if (!*tail)
			config_error("no memory for the command line");
		(*tail)->type = JSON_STRING;
		if (!(*tail)->string)
			(*tail)->string = "";
		while (s < end && (*s == ' ' || *s == '\t'))
			s++;
		for (word = s; s < end && *s && *s != ' ' && *s != '\t'; s++)
			;
		if (s == word)
			return doc;
		copy = kmalloc((size_t)(s - word) + 1, 0);
		tail = &(*tail)->next;
		*tail = kzalloc(sizeof(**tail), 0);
		if (!copy || !*tail)
			config_error("no memory for the command line");
		memcpy(copy, word, (size_t)(s - word));
		copy[s - word] = 0;
		(*tail)->string = copy;
	}
}

static void check_keys(void)
{
	for (const struct json *j = document->child; j; j = j->next) {
		size_t i = 0;

		while (i < ARRAY_SIZE(known) && strcmp(j->key, known[i]))
			i++;
		if (i == ARRAY_SIZE(known))
			config_error("unknown key \"%s\"", j->key);
		if (!kernel_mount && j->child &&
		    (!strcmp(j->key, "blk") || !strcmp(j->key, "mount")))
			config_error("\"%s\": nothing can be mounted, since no "
				     "program here opens files by name",
				     j->key);
	}
}

/* Switches of the kernel itself travel in the environment. */
static void look_at_environment(void)
{
	const struct json *env = json_get(document, "env");

	if (env && env->type != JSON_ARRAY)
		config_error("\"env\" is not an array");
	for (const struct json *e = env ? env->child : NULL; e; e = e->next) {
		if (e->type != JSON_STRING)
			config_error("\"env\" holds something that is not a string");
		if (!strncmp(e->string, "RUMPRUN_DEBUG=", 14))
			kdebug_enable();
		else if (!strncmp(e->string, "RUMPRUN_STRACE=", 15))
			syscall_trace_enable();
	}
}

void config_init(void)
{
	size_t len = 0;
	const char *text = platform_config(&len), *brace, *error;

	if (!text)
		return;
	len = strnlen(text, len);
	brace = memchr(text, '{', len);
	if (!brace) {
		document = from_words(text, len);
		return;
	}
	document = json_parse(brace, len - (size_t)(brace - text), &error);
	if (!document)
		config_error("%s", error);
	if (document->type != JSON_OBJECT)
		config_error("the document is not an object");
	check_keys();
	look_at_environment();
}
