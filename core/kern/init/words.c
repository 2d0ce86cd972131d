/* Splitting a command line into words. */
#include "words.h"
#include "page.h"
#include "string.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/*
 * One word from *s on, unquoted, to out (or nowhere); its length. Quoting as in
 * the shell: POSIX.1-2017, vol. 3, 2.2.
 */
static size_t word(const char **s, char *out)
{
	const char *p = *s;
	size_t n = 0;
	char quote = 0;

	for (; *p && (quote || !blank(*p)); p++) {
		char c = *p;

		if (quote == '\'') {
			if (c == quote) {
				quote = 0;
				continue;
			}
		} else if (c == '"' || (c == '\'' && !quote)) {
			quote = quote ? 0 : c;
			continue;
		} else if (c == '\\' && p[1] &&
			   (!quote || strchr("$`\"\\\n", p[1]))) {
			c = *++p;
		}
		if (out)
			out[n] = c;
		n++;
	}
	*s = p;
	return n;
}

char **words_split(const char *s, size_t *count)
{
	const char *p;
	size_t n = 0, bytes = 0;
	char **v, *text;

	for (p = s; *p;) {
		if (blank(*p)) {
			p++;
			continue;
		}
		bytes += word(&p, NULL) + 1;
		n++;
	}
	v = kmalloc((n + 1) * sizeof(*v) + bytes, 0);
	if (!v)
		return NULL;
	text = (char *)(v + n + 1);
	n = 0;
	for (p = s; *p;) {
		if (blank(*p)) {
			p++;
			continue;
		}
		v[n++] = text;
		text += word(&p, text);
		*text++ = 0;
	}
	v[n] = NULL;
	*count = n;
	return v;
}
