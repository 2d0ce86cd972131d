#include "strlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void push(struct strlist *l, char *s)
{
	l->v = xrealloc(l->v, (l->n + 2) * sizeof(*l->v));
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void strlist_add(struct strlist *l, const char *s)
{
	push(l, xstrdup(s));
}

void strlist_addf(struct strlist *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	push(l, xvasprintf(fmt, ap));
	va_end(ap);
}

void strlist_adds(struct strlist *l, ...)
{
	const char *s;
	va_list ap;

	va_start(ap, l);
	while ((s = va_arg(ap, const char *)) != NULL)
		strlist_add(l, s);
	va_end(ap);
}

void strlist_cat(struct strlist *l, const struct strlist *from)
{
	for (size_t i = 0; i < from->n; i++)
		strlist_add(l, from->v[i]);
}

static size_t find(const struct strlist *l, const char *s)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0)
			break;
	return i;
}

bool strlist_has(const struct strlist *l, const char *s)
{
	return find(l, s) < l->n;
}

bool strlist_remove(struct strlist *l, const char *s)
{
	size_t i = find(l, s);

	if (i == l->n)
		return false;
	free(l->v[i]);
	/* The NULL at the end moves along. */
	memmove(&l->v[i], &l->v[i + 1], (l->n - i) * sizeof(*l->v));
	l->n--;
	return true;
}

char *strlist_join(const struct strlist *l, const char *sep)
{
	size_t len = 1;
	char *out, *p;

	for (size_t i = 0; i < l->n; i++)
		len += strlen(l->v[i]) + strlen(sep);
	p = out = xmalloc(len);
	*p = '\0';
	for (size_t i = 0; i < l->n; i++)
		p += sprintf(p, "%s%s", i ? sep : "", l->v[i]);
	return out;
}

/* One word for the shell; the caller frees it. */
static char *shell_word(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=:,./@%^";
	char *out, *p;

	if (*s != '\0' && s[strspn(s, plain)] == '\0')
		return xstrdup(s);
	p = out = xmalloc(strlen(s) * 4 + 3);
	*p++ = '\'';
	for (; *s != '\0'; s++) {
		if (*s == '\'') {
			memcpy(p, "'\\''", 4);
			p += 4;
		} else {
			*p++ = *s;
		}
	}
	*p++ = '\'';
	*p = '\0';
	return out;
}

char *strlist_shell(const struct strlist *l)
{
	struct strlist quoted = {0};
	char *out;

	for (size_t i = 0; i < l->n; i++)
		push(&quoted, shell_word(l->v[i]));
	out = strlist_join(&quoted, " ");
	strlist_clear(&quoted);
	return out;
}

void strlist_clear(struct strlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strlist){0};
}
