/*
 * JSON documents as a tree.  jsmn finds the tokens; here they are checked for
 * structure, decoded and linked.
 */
#include "config.h"
#include "log.h"
#include "page.h"
#include "string.h"

#define JSMN_STATIC
#define JSMN_STRICT
#include <jsmn.h>

#define MAX_DEPTH 32

struct parser {
	const char *text;
	const jsmntok_t *tok;
	int next, count; /* tokens */
	const char *error;
	int error_at;
};

static void *fail(struct parser *p, const char *what, int at)
{
	if (!p->error) {
		p->error = what;
		p->error_at = at;
	}
	return NULL;
}

static int hex4(const char *s, const char *end)
{
	int v = 0;

	if (end - s < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			v = v * 16 + (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v * 16 + ((c | 32) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* One \u escape after the backslash and u, maybe a surrogate pair; 0: bad. */
static size_t unicode_escape(const char **s, const char *end, char *out)
{
	int hi = hex4(*s, end), lo;
	u32 c = (u32)hi;

	if (hi <= 0) /* no number, or a NUL, which our strings cannot hold */
		return 0;
	*s += 4;
	if (c >= 0xd800 && c < 0xe000) {
		if (c >= 0xdc00 || end - *s < 6 || (*s)[0] != '\\' ||
		    (*s)[1] != 'u')
			return 0;
		lo = hex4(*s + 2, end);
		if (lo < 0xdc00 || lo >= 0xe000)
			return 0;
		*s += 6;
		c = 0x10000 + ((c - 0xd800) << 10) + ((u32)lo - 0xdc00);
	}
	return utf8_encode(out, c);
}

/* The decoded string of a token, from kmalloc; never longer than its text. */
static char *string_of(struct parser *p, const jsmntok_t *t)
{
	const char *s = p->text + t->start, *end = p->text + t->end;
	char *out = kmalloc((size_t)(t->end - t->start) + 1, 0), *o = out;
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *e;
	size_t n;

	if (!out)
		return fail(p, "no memory", t->start);
	while (s < end) {
		if ((u8)*s < 0x20)
			goto bad;
		if (*s != '\\') {
			*o++ = *s++;
			continue;
		}
		s++;
		if (s < end && *s == 'u') {
			s++;
			n = unicode_escape(&s, end, o);
			if (!n)
				goto bad;
			o += n;
			continue;
		}
		e = s < end ? strchr(from, *s) : NULL;
		if (!e || !*e)
			goto bad;
		*o++ = to[e - from];
		s++;
	}
	*o = 0;
	return out;
bad:
	kfree(out);
	return fail(p, "bad character in a string", t->start);
}

/* null, true, false, or an integer. */
static bool primitive(struct parser *p, const jsmntok_t *t, struct json *j)
{
	const char *s = p->text + t->start;
	int n = t->end - t->start;
	char digits[20];
	u64 v;
	bool minus = n && *s == '-';

	if (n == 4 && !memcmp(s, "null", 4)) {
		j->type = JSON_NULL;
		return true;
	}
	if ((n == 4 && !memcmp(s, "true", 4)) ||
	    (n == 5 && !memcmp(s, "false", 5))) {
		j->type = JSON_BOOL;
		j->number = n == 4;
		return true;
	}
	s += minus;
	n -= minus;
	if (n < 1 || n >= (int)sizeof(digits) || (n > 1 && *s == '0'))
		return false;
	memcpy(digits, s, (size_t)n);
	digits[n] = 0;
	if (!parse_u64(digits, 10, &v) || v > INT64_MAX)
		return false;
	j->type = JSON_NUMBER;
	j->number = minus ? -(s64)v : (s64)v;
	return true;
}

static struct json *value(struct parser *p, int depth);

/* The members of an object or elements of an array, linked in order. */
static bool children(struct parser *p, struct json *j, int n, int depth)
{
	struct json **tail = &j->child;

	for (; n; n--) {
		const jsmntok_t *k = &p->tok[p->next];
		char *key = NULL;

		if (j->type == JSON_OBJECT) {
			if (p->next >= p->count || k->type != JSMN_STRING ||
			    k->size != 1)
				return fail(p, "member without name or value",
					    p->next < p->count ? k->start : 0);
			key = string_of(p, k);
			if (!key)
				return false;
			if (json_get(j, key)) {
				kfree(key);
				return fail(p, "the same name twice", k->start);
			}
			p->next++;
		}
		*tail = value(p, depth + 1);
		if (!*tail) {
			kfree(key);
			return false;
		}
		(*tail)->key = key;
		tail = &(*tail)->next;
	}
	return true;
}

static struct json *value(struct parser *p, int depth)
{
	const jsmntok_t *t = &p->tok[p->next];
	struct json *j;
	bool ok;

	if (p->next++ >= p->count || depth > MAX_DEPTH)
		return fail(p, "nested too deeply, or cut off", 0);
	j = kzalloc(sizeof(*j), 0);
	if (!j)
		return fail(p, "no memory", t->start);
	switch (t->type) {
	case JSMN_STRING:
		j->type = JSON_STRING;
		j->string = string_of(p, t);
		ok = j->string && !t->size;
		break;
	case JSMN_PRIMITIVE:
		ok = !t->size && primitive(p, t, j);
		break;
	default:
		j->type = t->type == JSMN_OBJECT ? JSON_OBJECT : JSON_ARRAY;
		ok = children(p, j, t->size, depth);
	}
	if (ok)
		return j;
	json_free(j);
	return fail(p, "not a value", t->start);
}

void json_free(struct json *j)
{
	while (j) {
		struct json *next = j->next;

		json_free(j->child);
		kfree((void *)j->key);
		kfree((void *)j->string);
		kfree(j);
		j = next;
	}
}

static const char *blank_skip(const char *s, const char *end)
{
	while (s < end && *s && strchr(" \t\r\n", *s))
		s++;
	return s;
}

static struct json *build(struct parser *p, size_t len)
{
	struct json *j = value(p, 0);
	const char *end = p->text + len;

	/* jsmn stops after the first value; the rest must be blank. */
	if (j && (p->next != p->count ||
		  blank_skip(p->text + p->tok[0].end +
				     (p->tok[0].type == JSMN_STRING),
			     end) != end)) {
		json_free(j);
		return fail(p, "something follows the document", p->tok[0].end);
	}
	return j;
}

struct json *json_parse(const char *text, size_t len, const char **error)
{
	static char message[96];
	struct parser p = {.text = text};
	struct json *j = NULL;
	jsmn_parser jp;
	jsmntok_t *tok;
	int n;

	*error = message;
	jsmn_init(&jp);
	n = len <= INT32_MAX / 2 ? jsmn_parse(&jp, text, len, NULL, 0) : -1;
	if (n <= 0) {
		ksnprintf(message, sizeof(message), "JSON: %s at byte %u",
			  n == JSMN_ERROR_PART ? "the document is cut off" :
			  n == 0	       ? "the document is empty" :
						 "not JSON",
			  jp.pos);
		return NULL;
	}
	tok = kmalloc((size_t)n * sizeof(*tok), 0);
	if (tok) {
		jsmn_init(&jp);
		p.tok = tok;
		p.count = jsmn_parse(&jp, text, len, tok, (unsigned)n);
		j = build(&p, len);
		kfree(tok);
	} else {
		fail(&p, "no memory", 0);
	}
	if (!j)
		ksnprintf(message, sizeof(message), "JSON: %s at byte %d",
			  p.error, p.error_at);
	return j;
}

const struct json *json_get(const struct json *object, const char *key)
{
	for (const struct json *j = object ? object->child : NULL; j; j = j->next)
		if (j->key && !strcmp(j->key, key))
			return j;
	return NULL;
}

const char *json_get_string(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j && j->type == JSON_STRING ? j->string : NULL;
}
