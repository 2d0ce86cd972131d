/* Text that grows. */
#include "private.h"

/* Room for n bytes more. */
static bool reserve(struct text *t, size_t n)
{
	size_t size = t->size ? t->size : 512;
	char *more;

	if (t->failed)
		return false;
	if (t->size - t->len >= n)
		return true;
	while (size - t->len < n)
		size *= 2;
	more = size <= TEXT_MAX ? krealloc(t->buf, size, ALLOC_WAIT) : NULL;
	if (!more) {
		t->failed = true;
		return false;
	}
	t->buf = more;
	t->size = size;
	return true;
}

void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!reserve(t, 256))
		return;
	va_start(ap, fmt);
	n = kvsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if ((size_t)n >= t->size - t->len) {
		if (!reserve(t, (size_t)n + 1))
			return;
		va_start(ap, fmt);
		kvsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
		va_end(ap);
	}
	t->len += (size_t)n;
}

void text_bytes(struct text *t, const void *p, size_t n)
{
	if (!reserve(t, n))
		return;
	memcpy(t->buf + t->len, p, n);
	t->len += n;
}

void text_pad(struct text *t, size_t start, size_t column)
{
	while (t->len - start < column && !t->failed)
		text_bytes(t, " ", 1);
}

void text_path(struct text *t, const char *path)
{
	for (; *path; path++) {
		if (strchr(" \t\n\\", *path))
			text_add(t, "\\%03o", *path);
		else
			text_bytes(t, path, 1);
	}
}
