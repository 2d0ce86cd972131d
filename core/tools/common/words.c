/* split_words of strlist.h. */
#include <stdlib.h>
#include <string.h>

#include "strlist.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Copy one word from s to out, which has room for all of s; returns what comes
 * after it, or NULL if a quote does not end.
 */
static const char *word(const char *s, char *out)
{
	char quote = '\0';

	for (; *s != '\0' && (quote != '\0' || !is_blank(*s)); s++) {
		if (quote == '\0' && (*s == '\'' || *s == '"')) {
			quote = *s;
		} else if (quote != '\0' && *s == quote) {
			quote = '\0';
		} else if (*s == '\\' && quote != '\'' && s[1] != '\0' &&
			   (quote == '\0' || strchr("\"\\$`", s[1]))) {
			*out++ = *++s;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
	return quote == '\0' ? s : NULL;
}

bool split_words(struct strlist *l, const char *text, char **why)
{
	char *buf = xmalloc(strlen(text) + 1);
	const char *s = text;
	bool ok = true;

	for (;;) {
		while (is_blank(*s))
			s++;
		if (*s == '\0')
			break;
		if (*s == '#') {
			s += strcspn(s, "\n");
			continue;
		}
		s = word(s, buf);
		if (s == NULL) {
			ok = fail(why, "a quote does not end");
			break;
		}
		strlist_add(l, buf);
	}
	free(buf);
	return ok;
}
