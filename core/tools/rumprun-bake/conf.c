#include "conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf *confs_find(const struct confs *c, const char *name)
{
	char *want = xstrdup(name);
	struct conf *found = NULL;

	for (char *p = want; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	for (size_t i = 0; i < c->n && found == NULL; i++)
		if (strcmp(c->v[i]->name, want) == 0)
			found = c->v[i];
	free(want);
	return found;
}

bool conf_is_private(const struct conf *conf)
{
	return conf->name[0] == '_';
}

void confs_free(struct confs *c)
{
	for (size_t i = 0; i < c->n; i++) {
		strlist_clear(&c->v[i]->components);
		free(c->v[i]->name);
		free(c->v[i]->describe);
		free(c->v[i]->file);
		free(c->v[i]);
	}
	free(c->v);
	*c = (struct confs){0};
}

/* Commands inside a configuration; words[0] is the command itself. */

static bool do_create(struct confs *c, struct conf *conf,
		      const struct strlist *words, char **why)
{
	(void)c;
	if (words->n != 2)
		return fail(why, "create takes one description, in quotes");
	free(conf->describe);
	conf->describe = xstrdup(words->v[1]);
	return true;
}

static void add(struct conf *conf, const char *component)
{
	if (!strlist_has(&conf->components, component))
		strlist_add(&conf->components, component);
}

static bool do_assimilate(struct confs *c, struct conf *conf,
			  const struct strlist *words, char **why)
{
	for (size_t i = 1; i < words->n; i++) {
		const struct conf *from = confs_find(c, words->v[i]);

		if (from == NULL)
			return fail(why, "there is no configuration %s",
				    words->v[i]);
		for (size_t k = 0; k < from->components.n; k++)
			add(conf, from->components.v[k]);
	}
	return words->n > 1 ||
	       fail(why, "assimilate needs the name of a configuration");
}

/*
 * Components are names of archives, so that nothing else than a plain name may
 * become part of a path; a word with a slash is a path by itself.  The
 * original's -l in front is dropped.
 */
static const char *component_name(const char *word, char **why)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	if (strncmp(word, "-l", 2) == 0)
		word += 2;
	if (strchr(word, '/') != NULL)
		return word;
	if (*word == '\0' || word[strspn(word, plain)] != '\0') {
		fail(why,
		     "'%s' is not the name of a component (for a file of "
		     "your own, write a path with a slash)",
		     word);
		return NULL;
	}
	return word;
}

static bool do_add(struct confs *c, struct conf *conf,
		   const struct strlist *words, char **why)
{
	(void)c;
	for (size_t i = 1; i < words->n; i++) {
		const char *name = component_name(words->v[i], why);

		if (name == NULL)
			return false;
		add(conf, name);
	}
	return words->n > 1 || fail(why, "add needs the name of a component");
}

static bool do_remove(struct confs *c, struct conf *conf,
		      const struct strlist *words, char **why)
{
	(void)c;
	for (size_t i = 1; i < words->n; i++) {
		const char *name = component_name(words->v[i], why);

		if (name == NULL)
			return false;
		/* A misspelt name must not leave the component in. */
		if (!strlist_remove(&conf->components, name))
			return fail(why, "%s has no component %s to remove",
				    conf->name, name);
	}
	return words->n > 1 ||
	       fail(why, "remove needs the name of a component");
}

static bool do_nuke(struct confs *c, struct conf *conf,
		    const struct strlist *words, char **why)
{
	(void)c;
	if (words->n != 1)
		return fail(why, "nuke takes no argument");
	strlist_clear(&conf->components);
	return true;
}

static bool do_debugdump(struct confs *c, struct conf *conf,
			 const struct strlist *words, char **why)
{
	char *all = strlist_join(&conf->components, " ");

	(void)c;
	(void)words;
	(void)why;
	fprintf(stderr, "%s: %s\n", conf->name, all);
	free(all);
	return true;
}

static bool command(struct confs *c, struct conf *conf,
		    const struct strlist *words, char **why)
{
	static const struct {
		const char *name;
		bool (*fn)(struct confs *c, struct conf *conf,
			   const struct strlist *words, char **why);
	} commands[] = {
		{"create", do_create}, {"assimilate", do_assimilate},
		{"add", do_add},       {"remove", do_remove},
		{"nuke", do_nuke},     {"debugdump", do_debugdump},
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(words->v[0], commands[i].name) == 0)
			return commands[i].fn(c, conf, words, why);
	return fail(why,
		    "there is no command '%s' (known: version, conf, "
		    "create, assimilate, add, remove, nuke, fnoc)",
		    words->v[0]);
}

bool confs_modify(struct confs *c, struct conf *conf, const char *text,
		  char **why)
{
	struct strlist words = {0};
	bool ok = split_words(&words, text, why);

	if (ok && words.n == 0)
		ok = fail(why, "the command is empty");
	if (ok && (strcmp(words.v[0], "conf") == 0 ||
		   strcmp(words.v[0], "fnoc") == 0 ||
		   strcmp(words.v[0], "version") == 0))
		ok = fail(why, "%s has no place here", words.v[0]);
	if (ok)
		ok = command(c, conf, &words, why);
	strlist_clear(&words);
	return ok;
}

/* Reading of one file. */
struct reader {
	struct confs *all;
	const char *file;
	unsigned line;
	bool version;	   /* seen */
	struct conf *open; /* between conf and fnoc */
};

/* Platforms whose configurations can be baked; the name begins with it. */
static bool platform_known(const char *name)
{
	return strncmp(name, "hw_", 3) == 0 && name[3] != '\0';
}

static bool do_conf(struct reader *r, const struct strlist *words, char **why)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const struct conf *old;
	struct conf *conf;
	char *name;

	if (words->n != 2)
		return fail(why, "conf takes one name");
	if (r->open != NULL)
		return fail(why, "conf %s begins before the end (fnoc) of %s",
			    words->v[1], r->open->name);
	name = words->v[1];
	for (char *p = name; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	if (name[strspn(name, plain)] != '\0' ||
	    !(name[0] == '_' || platform_known(name)))
		return fail(why,
			    "'%s' is no name for a configuration: it must "
			    "begin with hw_ (or _ if private), then letters, "
			    "digits and _",
			    name);
	old = confs_find(r->all, name);
	if (old != NULL)
		return fail(why, "%s is already defined at %s:%u", name,
			    old->file, old->line);
	conf = xcalloc(1, sizeof(*conf));
	conf->name = xstrdup(name);
	conf->file = xstrdup(r->file);
	conf->line = r->line;
	r->all->v = xrealloc(r->all->v, (r->all->n + 1) * sizeof(*r->all->v));
	r->all->v[r->all->n++] = conf;
	r->open = conf;
	return true;
}

static bool line(struct reader *r, const struct strlist *words, char **why)
{
	const char *cmd = words->v[0];

	if (strcmp(cmd, "version") == 0) {
		if (words->n != 2 || strcmp(words->v[1], CONF_VERSION) != 0)
			return fail(
				why,
				"this rumprun-bake reads version " CONF_VERSION
				" only");
		r->version = true;
		return true;
	}
	if (!r->version)
		return fail(why,
			    "the file must begin with: version " CONF_VERSION);
	if (strcmp(cmd, "conf") == 0)
		return do_conf(r, words, why);
	if (strcmp(cmd, "fnoc") == 0) {
		if (r->open == NULL || words->n != 1)
			return fail(why, r->open ? "fnoc takes no argument"
						 : "fnoc without conf");
		r->open = NULL;
		return true;
	}
	if (r->open == NULL)
		return fail(why, "'%s' outside of conf ... fnoc", cmd);
	return command(r->all, r->open, words, why);
}

bool confs_parse(struct confs *c, const char *file, const char *text,
		 char **why)
{
	struct reader r = {.all = c, .file = file};
	bool ok = true;

	while (ok && *text != '\0') {
		size_t len = strcspn(text, "\n");
		char *copy = xstrndup(text, len);
		struct strlist words = {0};

		r.line++;
		ok = split_words(&words, copy, why) &&
		     (words.n == 0 || line(&r, &words, why));
		strlist_clear(&words);
		free(copy);
		text += len + (text[len] != '\0');
	}
	if (ok && r.open != NULL)
		ok = fail(why, "the file ends within conf %s (fnoc is missing)",
			  r.open->name);
	if (ok && !r.version)
		ok = fail(why,
			  "the file must begin with: version " CONF_VERSION);
	return ok || fail(why, "%s:%u: %s", file, r.line, *why);
}
