#include "explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "components.h"

/* Collect each symbol that ld found undefined, once. */
static void undefined(struct strlist *symbols, const char *said)
{
	static const char phrase[] = "undefined reference to `";
	const char *s = said;

	while ((s = strstr(s, phrase)) != NULL) {
		char *name;

		s += strlen(phrase);
		name = xstrndup(s, strcspn(s, "'\n"));
		if (!strlist_has(symbols, name))
			strlist_add(symbols, name);
		free(name);
	}
}

/* The first few of them; the caller frees it. */
static char *some(const struct strlist *all)
{
	struct strlist l = {0};
	char *s;

	for (size_t i = 0; i < all->n && i < 6; i++)
		strlist_add(&l, all->v[i]);
	if (all->n > l.n)
		strlist_addf(&l, "(and %zu more)", all->n - l.n);
	s = strlist_join(&l, " ");
	strlist_clear(&l);
	return s;
}

void explain_link(const char *said, const char *config,
		  const struct strlist *have, char **why)
{
	struct strlist symbols = {0}, missing = {0}, unknown = {0};
	char *list;

	undefined(&symbols, said);
	for (size_t i = 0; i < symbols.n; i++) {
		char *c = components_defining(symbols.v[i], have);

		if (c == NULL)
			strlist_add(&unknown, symbols.v[i]);
		else if (!strlist_has(&missing, c))
			strlist_add(&missing, c);
		free(c);
	}
	list = missing.n > 0 ? strlist_join(&missing, " ") : some(&unknown);
	if (missing.n > 0) {
		fail(why,
		     "%s needs %s %s as well (-m \"add %s\"): "
		     "%s is used and not defined",
		     config, missing.n > 1 ? "the components" : "component",
		     list, list, symbols.v[0]);
	} else if (unknown.n > 0) {
		fail(why, "no component defines %s, which %s uses", list,
		     config);
	} else {
		fputs(said, stderr);
		fail(why, "the image could not be linked (ld's message is "
			  "above)");
	}
	free(list);
	strlist_clear(&symbols);
	strlist_clear(&missing);
	strlist_clear(&unknown);
}
