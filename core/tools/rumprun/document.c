#include "document.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "address.h"
#include "platform.h"
#include "usernet.h"

struct console console_here(void)
{
	struct console c = {0};
	struct winsize ws;

	for (int fd = 0; fd < 3; fd++) {
		c.tty[fd] = isatty(fd);
		if (c.tty[fd] && c.rows == 0 &&
		    ioctl(fd, TIOCGWINSZ, &ws) == 0) {
			c.rows = ws.ws_row;
			c.cols = ws.ws_col;
		}
	}
	return c;
}

/*
 * Strings come from the command line and the environment, which may hold bytes
 * that are no UTF-8.
 */
static bool string(json_t **out, const char *s, char **why)
{
	*out = json_string(s);
	return *out != NULL || fail(why, "'%s' is not valid UTF-8", s);
}

/* The array under key, made if it is not there. */
static json_t *array(json_t *doc, const char *key)
{
	json_t *a = json_object_get(doc, key);

	if (a == NULL) {
		a = json_array();
		json_object_set_new(doc, key, a);
	}
	return a;
}

static bool put_strings(json_t *a, const struct strlist *l, char **why)
{
	for (size_t i = 0; i < l->n; i++) {
		json_t *s;

		if (!string(&s, l->v[i], why))
			return false;
		json_array_append_new(a, s);
	}
	return true;
}

static bool put_command(json_t *doc, const struct launch *l, char **why)
{
	/* With a file, only arguments say that a command line is meant. */
	if (l->args.n <= 1 && (json_object_get(doc, "cmdline") != NULL ||
			       json_object_get(doc, "rc") != NULL))
		return true;
	if (json_object_get(doc, "rc") != NULL)
		return fail(why,
			    "%s has an rc list, which says what to run: "
			    "arguments after the image have no place",
			    l->config_file);
	json_object_set_new(doc, "cmdline", json_array());
	return put_strings(array(doc, "cmdline"), &l->args, why);
}

static void put_address(json_t *net, const struct iface *i,
			const struct address *a, bool elsewhere)
{
	json_t *o = json_object();
	struct usernet u = {0};
	char *ignored = NULL, prefix[16];

	json_object_set_new(o, "if", json_string(i->name));
	/* Without one, devices are taken in their order. */
	if (!elsewhere || i->mac_given)
		json_object_set_new(o, "mac", json_string(i->mac));
	json_object_set_new(o, "type",
			    json_string(a->inet6 ? "inet6" : "inet"));
	json_object_set_new(o, "method",
			    json_string(!a->dynamic ? "static"
					: a->inet6  ? "auto"
						    : "dhcp"));
	if (!a->dynamic) {
		snprintf(prefix, sizeof(prefix), "%u", a->prefix);
		json_object_set_new(o, "addr", json_string(a->addr));
		json_object_set_new(o, "mask", json_string(prefix));
		if (a->gw != NULL)
			json_object_set_new(o, "gw", json_string(a->gw));
		/* The user network answers for names. */
		if (!a->inet6 && i->backend == BACKEND_USER && !elsewhere &&
		    usernet_plan(&u, i, &ignored) && u.set)
			json_object_set_new(o, "dns",
					    json_pack("[s]", ipv4_text(u.dns)));
	}
	json_array_append_new(net, o);
}

static bool put_blocks(json_t *doc, const struct launch *l, char **why)
{
	for (size_t i = 0; i < l->nblocks; i++) {
		json_t *o = json_object(), *m;

		json_array_append_new(array(doc, "blk"), o);
		json_object_set_new(o, "source", json_string("dev"));
		json_object_set_new(
			o, "path",
			json_sprintf("%s%zu", l->platform->disk, i));
		if (l->blocks[i].mountpoint == NULL)
			continue;
		json_object_set_new(o, "fstype", json_string("blk"));
		if (!string(&m, l->blocks[i].mountpoint, why))
			return false;
		json_object_set_new(o, "mountpoint", m);
	}
	return true;
}

static void put_console(json_t *doc, const struct console *c)
{
	json_t *o = json_object();

	json_object_set_new(
		o, "tty",
		json_pack("[b, b, b]", c->tty[0], c->tty[1], c->tty[2]));
	if (c->rows > 0 && c->cols > 0) {
		json_object_set_new(o, "rows", json_integer(c->rows));
		json_object_set_new(o, "cols", json_integer(c->cols));
	}
	json_object_set_new(doc, "console", o);
}

/* What the user wrote; an empty object if nothing. */
static json_t *base(const char *file, char **why)
{
	static const char *const lists[] = {"env", "net", "blk"};
	json_error_t e;
	json_t *doc, *a;

	if (file == NULL)
		return json_object();
	if (access(file, R_OK) < 0) {
		fail(why, "cannot read %s: %s", file, strerror(errno));
		return NULL;
	}
	doc = json_load_file(file, JSON_REJECT_DUPLICATES, &e);
	if (doc == NULL) {
		fail(why, "%s:%d: %s", file, e.line, e.text);
		return NULL;
	}
	if (!json_is_object(doc)) {
		fail(why, "%s does not hold a JSON object", file);
		json_decref(doc);
		return NULL;
	}
	/* The options append to these. */
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		a = json_object_get(doc, lists[i]);
		if (a != NULL && !json_is_array(a)) {
			fail(why, "%s: %s is not an array", file, lists[i]);
			json_decref(doc);
			return NULL;
		}
	}
	return doc;
}

char *document_make(const struct launch *l, const struct console *c, char **why)
{
	json_t *doc = base(l->config_file, why);
	char *text = NULL;
	bool ok = doc != NULL;

	ok = ok && put_command(doc, l, why);
	if (ok && l->env.n > 0)
		ok = put_strings(array(doc, "env"), &l->env, why);
	if (ok && l->name != NULL)
		json_object_set_new(doc, "hostname", json_string(l->name));
	for (size_t i = 0; ok && i < l->nifaces; i++)
		for (size_t k = 0; k < l->ifaces[i].naddresses; k++)
			put_address(array(doc, "net"), &l->ifaces[i],
				    &l->ifaces[i].addresses[k],
				    l->platform->elsewhere);
	ok = ok && put_blocks(doc, l, why);
	if (ok) {
		if (!l->platform->elsewhere)
			put_console(doc, c);
		text = json_dumps(doc, JSON_COMPACT);
		if (text == NULL)
			fail(why, "out of memory");
	}
	json_decref(doc);
	return text;
}
