/* rumprun ps: the guests of this user. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "options.h"
#include "state.h"

static const char *string(const struct entry *e, const char *key)
{
	const char *s = json_string_value(json_object_get(e->facts, key));

	return s ? s : "-";
}

static long long number(const struct entry *e, const char *key)
{
	return json_integer_value(json_object_get(e->facts, key));
}

/* "running", how it ended, or that nobody was there to see it end. */
static const char *condition(const struct entry *e)
{
	if (e->runs)
		return "running";
	return json_object_get(e->facts, "ended") ? string(e, "text")
						  : "lost its supervisor";
}

/* "127.0.0.1:8080->80/tcp ..."; the caller frees it. */
static char *ports(const struct entry *e)
{
	struct strlist l = {0};
	const char *host, *proto;
	int port, guest;
	json_t *p;
	size_t i;
	char *s;

	json_array_foreach(json_object_get(e->facts, "ports"), i,
			   p) if (json_unpack(p, "{s:s, s:i, s:i, s:s}", "host",
					      &host, "port", &port, "guest",
					      &guest, "protocol", &proto) == 0)
		strlist_addf(&l, "%s:%d->%d/%s", host, port, guest, proto);
	s = strlist_join(&l, " ");
	strlist_clear(&l);
	return s;
}

static void table(const struct entry *all, size_t n, bool ended)
{
	int width = 20;

	for (size_t i = 0; i < n; i++)
		if (all[i].runs || ended)
			width = width > (int)strlen(all[i].name)
					? width
					: (int)strlen(all[i].name);
	printf("%-*s %8s %-8s %5s %-20s %-24s %s\n", width, "NAME", "PID",
	       "PLATFORM", "MIB", "STARTED", "STATE", "IMAGE");
	for (size_t i = 0; i < n; i++) {
		const struct entry *e = &all[i];
		char *p;

		if (!e->runs && !ended)
			continue;
		p = ports(e);
		printf("%-*s %8d %-8s %5lld %-20s %-24s %s%s%s\n", width,
		       e->name, (int)e->holder, string(e, "platform"),
		       number(e, "memory"), string(e, "started"), condition(e),
		       string(e, "image"), *p ? "  " : "", p);
		free(p);
	}
}

static void as_json(const struct entry *all, size_t n, bool ended)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++) {
		if (!all[i].runs && !ended)
			continue;
		json_object_set_new(all[i].facts, "name",
				    json_string(all[i].name));
		json_object_set_new(all[i].facts, "running",
				    json_boolean(all[i].runs));
		json_object_set_new(all[i].facts, "state",
				    json_string(condition(&all[i])));
		json_array_append(a, all[i].facts);
	}
	json_dumpf(a, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(a);
}

int command_ps(int argc, char **argv)
{
	static const struct option longs[] = {
		{"all", no_argument, NULL, 'a'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	bool ended = false, json = false;
	struct entry *all;
	size_t n;
	int c;

	while ((c = getopt_long(argc, argv, "ajh", longs, NULL)) != -1) {
		if (c == 'a')
			ended = true;
		else if (c == 'j')
			json = true;
		else if (c == 'h')
			return options_usage(true), EXIT_SUCCESS;
		else
			return EXIT_REFUSED;
	}
	if (optind < argc)
		die(EXIT_REFUSED, "ps: '%s' is too much", argv[optind]);
	all = entries_read(&n);
	if (json)
		as_json(all, n, ended);
	else
		table(all, n, ended);
	entries_free(all, n);
	return EXIT_SUCCESS;
}
