#include "sink.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* As much as a pipe takes without blocking once poll says that it takes some.
 */
#define CHUNK 4096

bool sink_has_room(const struct sink *s)
{
	return SINK_SIZE - s->len >= SINK_ROOM;
}

void sink_put(struct sink *s, const char *bytes, size_t n)
{
	if (s->fd < 0 || s->dead)
		return;
	if (n > SINK_SIZE - s->len)
		n = SINK_SIZE - s->len;
	if (s->at + s->len + n > SINK_SIZE) {
		memmove(s->buf, s->buf + s->at, s->len);
		s->at = 0;
	}
	memcpy(s->buf + s->at + s->len, bytes, n);
	s->len += n;
}

bool sink_write(struct sink *s)
{
	ssize_t n =
		write(s->fd, s->buf + s->at, s->len < CHUNK ? s->len : CHUNK);

	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return true;
		s->dead = true;
		s->len = 0;
		return false;
	}
	s->at += (size_t)n;
	s->len -= (size_t)n;
	if (s->len == 0)
		s->at = 0;
	return true;
}
