/* From the configuration document to the list of programs to run. */
#include "config.h"
#include "image.h"
#include "linkset.h"
#include "log.h"
#include "page.h"
#include "run.h"
#include "string.h"
#include "words.h"

LINKSET_DECLARE(programs);

static void *need(void *p)
{
	if (!p)
		config_error("no memory for the list of programs");
	return p;
}

/* Strings of an array, with a NULL behind; name is for the message. */
static const char **string_list(const struct json *array, const char *name,
				size_t *count)
{
	const char **v;
	size_t n = 0;

	for (const struct json *e = array->child; e; e = e->next) {
		if (e->type != JSON_STRING)
			config_error("\"%s\" holds something that is not a "
				     "string",
				     name);
		n++;
	}
	v = need(kmalloc((n + 1) * sizeof(*v), 0));
	n = 0;
	for (const struct json *e = array->child; e; e = e->next)
		v[n++] = e->string;
	v[n] = NULL;
	*count = n;
	return v;
}

/* An argument list: an array, or one string to be split. */
static const char **arguments(const struct json *j, const char *name,
			      size_t *count)
{
	if (j->type == JSON_ARRAY)
		return string_list(j, name, count);
	if (j->type != JSON_STRING)
		config_error("\"%s\" is neither an array nor a string", name);
	return need((void *)words_split(j->string, count));
}

/* Whatever the document gives, a program has a name in argv[0]. */
static void give_name(struct run_entry *e)
{
	if (!e->argc) {
		kfree(e->argv);
		e->argv = need(kzalloc(2 * sizeof(*e->argv), 0));
		e->argc = 1;
		e->argv[0] = "";
	}
	if (!e->argv[0][0])
		e->argv[0] = e->program->name;
}

static struct run_entry *new_entry(const struct baked_program *bp,
				   const struct json *argv)
{
	struct run_entry *e = need(kzalloc(sizeof(*e), 0));

	e->program = bp;
	if (argv)
		e->argv = arguments(argv, argv->key, &e->argc);
	give_name(e);
	return e;
}

static const struct baked_program *find(const char *name)
{
	const struct baked_program *bp;

	LINKSET_FOREACH(programs, bp)
		if (!strcmp(bp->name, name))
			return bp;
	config_error("no program \"%s\" in this image", name);
}

static enum run_mode run_mode(const struct json *entry)
{
	const struct json *mode = json_get(entry, "runmode");

	if (!mode || mode->type == JSON_NULL)
		return RUN_FOREGROUND;
	if (mode->type == JSON_STRING && !mode->string[0])
		return RUN_FOREGROUND;
	if (mode->type == JSON_STRING && !strcmp(mode->string, "&"))
		return RUN_BACKGROUND;
	if (mode->type == JSON_STRING && !strcmp(mode->string, "|"))
		return RUN_PIPE;
	config_error("\"runmode\" is not \"\", \"&\" or \"|\"");
}

static struct run_entry *from_rc(const struct json *entry)
{
	const char *bin;
	struct run_entry *e;

	if (entry->type != JSON_OBJECT)
		config_error("\"rc\" holds something that is not an object");
	for (const struct json *m = entry->child; m; m = m->next)
		if (strcmp(m->key, "bin") && strcmp(m->key, "argv") &&
		    strcmp(m->key, "runmode"))
			config_error("unknown key \"%s\" in \"rc\"", m->key);
	bin = json_get_string(entry, "bin");
	if (!bin)
		config_error("an entry of \"rc\" has no \"bin\"");
	e = new_entry(find(bin), json_get(entry, "argv"));
	e->mode = run_mode(entry);
	return e;
}

struct run_entry *run_list(const char *const **env, size_t *envc)
{
	const struct json *rc = json_get(config(), "rc");
	const struct json *cmdline = json_get(config(), "cmdline");
	const struct json *envs = json_get(config(), "env");
	const struct baked_program *bp;
	struct run_entry *list = NULL, *last = NULL, **tail = &list;

	*env = NULL;
	*envc = 0;
	if (envs)
		*env = string_list(envs, "env", envc);
	if (rc) {
		if (rc->type != JSON_ARRAY)
			config_error("\"rc\" is not an array");
		for (const struct json *j = rc->child; j; j = j->next) {
			last = *tail = from_rc(j);
			tail = &last->next;
		}
	} else {
		LINKSET_FOREACH(programs, bp) {
			last = *tail = new_entry(bp, cmdline);
			tail = &last->next;
		}
	}
	if (!list)
		config_error("there is no program to run");
	if (last->mode == RUN_PIPE)
		config_error("nothing follows the last \"|\"");
	return list;
}
