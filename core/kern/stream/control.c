/* Control lines from the launcher (core/PROTOCOL.md, 5). */
#include "chardev.h"
#include "init.h"
#include "log.h"
#include "signal.h"
#include "string.h"

/*
 * The next word of *s as a number up to max; false if it is none.  *s moves
 * behind it.
 */
static bool number(char **s, u64 max, u64 *out)
{
	char *word = *s, *end;

	while (*word == ' ')
		word++;
	end = strchr(word, ' ');
	if (end)
		*end++ = '\0';
	else
		end = word + strlen(word);
	*s = end;
	return *word && parse_u64(word, 10, out) && *out <= max;
}

static bool starts(const char *line, const char *word, char **rest)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n) || (line[n] && line[n] != ' '))
		return false;
	*rest = (char *)(uintptr_t)line + n;
	return true;
}

static bool act(char *line)
{
	char *rest;
	u64 a, b;

	if (starts(line, "interrupt", &rest)) {
		signal_foreground(SIGINT);
		return true;
	}
	if (starts(line, "shutdown", &rest)) {
		shutdown_request();
		return true;
	}
	if (starts(line, "eof", &rest) && number(&rest, UINT64_MAX, &a)) {
		if (stream_input_end)
			stream_input_end(a);
		return true;
	}
	if (starts(line, "winsize", &rest) &&
	    number(&rest, UINT16_MAX, &a) && number(&rest, UINT16_MAX, &b)) {
		stream_window_set((u16)a, (u16)b);
		return true;
	}
	return false;
}

void control_line(const char *line)
{
	char copy[64];

	if (strlcpy(copy, line, sizeof(copy)) < sizeof(copy) && act(copy))
		return;
	kmsg("control line not understood: %.40s", line);
}
