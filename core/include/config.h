/*
 * The configuration document (core/PROTOCOL.md, 4), read once at start-up.
 *
 * A small tree of JSON values.  Strings are UTF-8, decoded, NUL-terminated, and
 * live for ever.
 */
#ifndef RR_CONFIG_H
#define RR_CONFIG_H

#include "types.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	const char *key;    /* member name, if inside an object */
	const char *string; /* JSON_STRING */
	s64 number;         /* JSON_NUMBER (integers only), JSON_BOOL */
	struct json *child; /* first member or element */
	struct json *next;  /* sibling */
};

/*
 * Parse len bytes of strict JSON (RFC 8259, numbers must be integers, depth at
 * most 32, no duplicate keys).  NULL on error: *error is a sentence with the byte
 * offset (static storage).  Free with json_free.
 */
struct json *json_parse(const char *text, size_t len, const char **error);
void json_free(struct json *j);
/* Member of an object, or NULL. */
const struct json *json_get(const struct json *object, const char *key);
/* A member that is a string (numbers are not converted), or NULL. */
const char *json_get_string(const struct json *object, const char *key);

/* The document; never NULL (an empty object if none was given). */
const struct json *config(void);

/*
 * The configuration is wrong: print the sentence, end the guest with status 2.
 */
void config_error(const char *fmt, ...) __printf(1, 2) __noreturn;

#endif
