/* JSON documents as a tree (RFC 8259), by recursive descent. */
#include "config.h"
#include "log.h"
#include "page.h"
#include "string.h"

#define MAX_DEPTH 32

struct parser {
	const char *s, *end; /* s: what comes next */
	const char *error;
	unsigned depth;
};

/* Returns false, for the caller to return. */
static bool fail(struct parser *p, const char *what)
{
	if (!p->error)
		p->error = p->s < p->end ? what : "the document is cut off";
	return false;
}

/* The next character that is no blank; 0: the end. */
static char peek(struct parser *p)
{
	while (p->s < p->end && (*p->s == ' ' || *p->s == '\t' ||
				 *p->s == '\r' || *p->s == '\n'))
		p->s++;
	return p->s < p->end ? *p->s : 0;
}

static bool take(struct parser *p, char c)
{
	if (peek(p) != c)
		return false;
	p->s++;
	return true;
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
static size_t unicode_escape(struct parser *p, char *out)
{
	int hi = hex4(p->s, p->end), lo;
	u32 c = (u32)hi;

	if (hi <= 0) /* no number, or a NUL, which our strings cannot hold */
		return 0;
	p->s += 4;
	if (c >= 0xd800 && c < 0xe000) {
		if (c >= 0xdc00 || p->end - p->s < 6 || p->s[0] != '\\' ||
		    p->s[1] != 'u')
			return 0;
		lo = hex4(p->s + 2, p->end);
		if (lo < 0xdc00 || lo >= 0xe000)
			return 0;
		p->s += 6;
		c = 0x10000 + ((c - 0xd800) << 10) + ((u32)lo - 0xdc00);
	}
	return utf8_encode(out, c);
}

/* What follows a backslash; how many bytes it stands for, 0: it is bad. */
static size_t escape(struct parser *p, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = *p->s++;
	const char *e = strchr(from, c);

	if (c == 'u')
		return unicode_escape(p, out);
	if (!c || !e)
		return 0;
	*out = to[e - from];
	return 1;
}

/* A string whose first quote was taken, decoded, from kmalloc; NULL: wrong. */
static char *string(struct parser *p)
{
	const char *last = p->s;
	char *out, *o;
	bool ok = true;
	size_t n;

	for (; last < p->end && *last != '"'; last++)
		last += *last == '\\';
	if (last >= p->end)
		p->s = p->end;
	/* Nothing gets longer by decoding. */
	o = out = p->s < p->end ? kmalloc((size_t)(last - p->s) + 1, 0) : NULL;
	if (!out) {
		fail(p, "no memory");
		return NULL;
	}
	while (ok && p->s < last) {
		if (*p->s != '\\') {
			ok = (u8)*p->s >= ' ';
			*o++ = *p->s++;
			continue;
		}
		p->s++;
		n = escape(p, o);
		ok = n;
		o += n;
	}
	if (!ok) {
		kfree(out);
		fail(p, "bad character in a string");
		return NULL;
	}
	p->s++;
	*o = 0;
	return out;
}

static bool word(struct parser *p, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(p->end - p->s) < n || memcmp(p->s, text, n))
		return false;
	p->s += n;
	return true;
}

/* An integer. */
static bool number(struct parser *p, struct json *j)
{
	bool minus = take(p, '-');
	const char *first = p->s;
	u64 v = 0;

	for (; p->s < p->end && *p->s >= '0' && *p->s <= '9'; p->s++) {
		v = v * 10 + (u64)(*p->s - '0');
		if (v > INT64_MAX || (p->s > first && *first == '0'))
			return false;
	}
	j->type = JSON_NUMBER;
	j->number = minus ? -(s64)v : (s64)v;
	return p->s > first;
}

static bool value(struct parser *p, struct json *j);

/* The members of an object or elements of an array, linked in order. */
static bool children(struct parser *p, struct json *j, char close)
{
	struct json **tail = &j->child;

	if (take(p, close))
		return true;
	do {
		struct json *child = kzalloc(sizeof(*child), 0);

		if (!child)
			return fail(p, "no memory");
		*tail = child;
		tail = &child->next;
		if (close == '}') {
			char *key = take(p, '"') ? string(p) : NULL;

			if (key && json_get(j, key)) {
				kfree(key);
				return fail(p, "the same name twice");
			}
			child->key = key;
			if (!key || !take(p, ':'))
				return fail(p, "member without name or value");
		}
		if (!value(p, child))
			return false;
	} while (take(p, ','));
	return take(p, close) || fail(p, "neither a comma nor the end of a list");
}

static bool value(struct parser *p, struct json *j)
{
	bool ok = true;

	if (++p->depth > MAX_DEPTH)
		return fail(p, "nested too deeply");
	switch (peek(p)) {
	case '"':
		p->s++;
		j->type = JSON_STRING;
		j->string = string(p);
		ok = j->string;
		break;
	case '{':
		p->s++;
		j->type = JSON_OBJECT;
		ok = children(p, j, '}');
		break;
	case '[':
		p->s++;
		j->type = JSON_ARRAY;
		ok = children(p, j, ']');
		break;
	default:
		if (word(p, "null")) {
			j->type = JSON_NULL;
		} else if (word(p, "true")) {
			j->type = JSON_BOOL;
			j->number = true;
		} else if (word(p, "false")) {
			j->type = JSON_BOOL;
		} else {
			ok = number(p, j);
		}
	}
	p->depth--;
	return ok || fail(p, "not a value");
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

struct json *json_parse(const char *text, size_t len, const char **error)
{
	static char message[96];
	struct parser p = {.s = text, .end = text + len};
	struct json *j = kzalloc(sizeof(*j), 0);

	*error = message;
	if (!j)
		(void)fail(&p, "no memory");
	else if (value(&p, j) && (peek(&p), p.s != p.end))
		(void)fail(&p, "something follows the document");
	if (p.error) {
		ksnprintf(message, sizeof(message), "JSON: %s at byte %lu",
			  p.error, (unsigned long)(p.s - text));
		json_free(j);
		j = NULL;
	}
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
