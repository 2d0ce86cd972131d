#include "monitor.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"

void monitor_send(struct monitor *m, const char *command)
{
	char *text = xasprintf("{\"execute\":\"%s\"}\n", command);

	sink_put(&m->out, text, strlen(text));
	free(text);
}

static void message(struct monitor *m, const json_t *o)
{
	const char *event, *id;
	int open;

	if (json_object_get(o, "QMP") != NULL) {
		m->greeted = true;
		monitor_send(m, "qmp_capabilities");
		return;
	}
	event = json_string_value(json_object_get(o, "event"));
	if (event != NULL && strcmp(event, "VSERPORT_CHANGE") == 0 &&
	    json_unpack((json_t *)(uintptr_t)o, "{s:{s:s, s:b}}", "data", "id",
			&id, "open", &open) == 0 &&
	    strcmp(id, "control") == 0)
		m->control_open = open;
}

void monitor_feed(struct monitor *m, const char *bytes, size_t n)
{
	for (; n > 0; bytes++, n--) {
		if (*bytes != '\n') {
			/* A line that is too long is none that we want. */
			if (m->len < sizeof(m->line))
				m->line[m->len++] = *bytes;
			continue;
		}
		json_t *o = json_loadb(m->line, m->len, 0, NULL);

		if (o != NULL)
			message(m, o);
		json_decref(o);
		m->len = 0;
	}
}
