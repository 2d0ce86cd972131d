#include "gdbremote.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"

static bool send_bytes(struct gdb *g, const char *s, size_t n)
{
	while (n > 0 && !g->ended) {
		ssize_t w = write(g->fd, s, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			g->ended = true;
		} else {
			s += w;
			n -= (size_t)w;
		}
	}
	return !g->ended;
}

/* The next byte; -1 at the end. */
static int next(struct gdb *g)
{
	ssize_t n;

	if (g->at == g->have) {
		do {
			n = read(g->fd, g->in, sizeof(g->in));
		} while (n < 0 && errno == EINTR);
		if (n <= 0) {
			g->ended = true;
			return -1;
		}
		g->at = 0;
		g->have = (size_t)n;
	}
	return (unsigned char)g->in[g->at++];
}

/* Send a packet, and wait until it has been acknowledged. */
static bool send_packet(struct gdb *g, const char *text)
{
	unsigned char sum = 0;
	char *packet;
	bool ok;
	int c;

	for (const char *s = text; *s != '\0'; s++)
		sum += (unsigned char)*s;
	/* "+" acknowledges what was received before. */
	packet = xasprintf("+$%s#%02x", text, sum);
	ok = send_bytes(g, packet, strlen(packet));
	free(packet);
	if (!ok)
		return false;
	do {
		c = next(g);
	} while (c >= 0 && c != '+');
	return c == '+';
}

/* Receive a packet into g->packet; NULL at the end. */
static const char *receive(struct gdb *g)
{
	size_t n = 0;
	int c;

	while ((c = next(g)) != '$')
		if (c < 0)
			return NULL;
	while ((c = next(g)) != '#') {
		if (c < 0)
			return NULL;
		if (n < sizeof(g->packet) - 1)
			g->packet[n++] = (char)c;
	}
	g->packet[n] = '\0';
	/* A local socket loses nothing: the sum need not be looked at. */
	if (next(g) < 0 || next(g) < 0)
		return NULL;
	return g->packet;
}

/* Ask, and receive the answer. */
static const char *ask(struct gdb *g, const char *text)
{
	return send_packet(g, text) ? receive(g) : NULL;
}

/* A document that describes the target, or NULL; the caller frees it. */
static char *description(struct gdb *g, const char *annex)
{
	char *all = xstrdup(""), *request, *more;
	const char *part;

	do {
		request = xasprintf("qXfer:features:read:%s:%zx,%x", annex,
				    strlen(all), GDB_PACKET / 2);
		part = ask(g, request);
		free(request);
		if (part == NULL || (part[0] != 'm' && part[0] != 'l')) {
			free(all);
			return NULL;
		}
		more = xasprintf("%s%s", all, part + 1);
		free(all);
		all = more;
	} while (part[0] == 'm');
	return all;
}

/* Without what is said in comments. */
static void strip_comments(char *xml)
{
	char *begin, *end;

	while ((begin = strstr(xml, "<!--")) != NULL) {
		end = strstr(begin, "-->");
		if (end == NULL)
			*begin = '\0';
		else
			memmove(begin, end + 3, strlen(end + 3) + 1);
	}
}

/* The value of an attribute of the element at xml, up to its quote; or NULL. */
static const char *attribute(const char *xml, const char *name)
{
	char *key = xasprintf(" %s=\"", name);
	const char *end = strchr(xml, '>'), *at = strstr(xml, key);
	size_t n = strlen(key);

	free(key);
	return at != NULL && end != NULL && at < end ? at + n : NULL;
}

/*
 * Where in the reply to "g" each register is: they come in the order of the
 * description, whose first included document has the integer registers.
 */
static bool find_registers(struct gdb *g, const char *xml)
{
	static const char *const names[GDB_REGS] = {
		"rax", "rdx", "rcx", "rbx",	"rsi",	     "rdi", "rbp",
		"rsp", "r8",  "r9",  "r10",	"r11",	     "r12", "r13",
		"r14", "r15", "rip", "gs_base", "k_gs_base", "cr0"};
	const char *name, *bits;
	unsigned found = 0;
	size_t at = 0;

	for (; (xml = strstr(xml, "<reg ")) != NULL; xml++) {
		name = attribute(xml, "name");
		bits = attribute(xml, "bitsize");
		if (name == NULL || bits == NULL)
			return false;
		for (int r = 0; r < GDB_REGS; r++) {
			size_t n = strlen(names[r]);

			if (strncmp(name, names[r], n) == 0 && name[n] == '"') {
				g->place[r].at = at;
				g->place[r].size = strtoul(bits, NULL, 10) / 8;
				found++;
			}
		}
		at += strtoul(bits, NULL, 10) / 8;
	}
	return found == GDB_REGS;
}

static bool describe(struct gdb *g)
{
	char *target = description(g, "target.xml"), *core = NULL, *name;
	const char *include, *href;
	bool ok = false;

	include = target ? strstr(target, "<xi:include") : NULL;
	href = include ? attribute(include, "href") : NULL;
	if (href != NULL) {
		name = xstrndup(href, strcspn(href, "\""));
		core = description(g, name);
		free(name);
	}
	if (core != NULL) {
		strip_comments(core);
		ok = find_registers(g, core);
	}
	free(core);
	free(target);
	return ok;
}

bool gdb_open(struct gdb *g, int fd, char **why)
{
	static const char knows[] = "PacketSize=";
	const char *said;

	*g = (struct gdb){.fd = fd};
	/*
	 * A running guest takes the first byte, whatever it is, as an order to
	 * stop, and says that it has; a stopped one passes this one over.
	 */
	if (send_bytes(g, "\3", 1) &&
	    send_packet(g, "qSupported:xmlRegisters=i386")) {
		do {
			said = receive(g);
		} while (said && strncmp(said, knows, strlen(knows)) != 0);
		if (said != NULL && describe(g))
			return true;
	}
	if (g->ended)
		return fail(why, "the guest ended before it could be profiled");
	return fail(why, "the hypervisor's debugger interface does not "
			 "say where registers are");
}

void gdb_close(struct gdb *g)
{
	close(g->fd);
	g->fd = -1;
}

bool gdb_stop(struct gdb *g)
{
	const char *said;

	if (!send_bytes(g, "\3", 1))
		return false;
	do {
		said = receive(g);
		/* W, X: the process exited. */
		if (said == NULL || *said == 'W' || *said == 'X')
			g->ended = true;
	} while (!g->ended && *said != 'T' && *said != 'S');
	gdb_forget(g);
	return !g->ended;
}

bool gdb_continue(struct gdb *g)
{
	return send_packet(g, "c");
}

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c | 32) - 'a' + 10;
}

/* n bytes in hexadecimal, the least significant first. */
static uint64_t value(const char *hex, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | digit(hex[2 * n]) << 4 | digit(hex[2 * n + 1]);
	return v;
}

bool gdb_registers(struct gdb *g, unsigned cpu, uint64_t regs[GDB_REGS])
{
	const char *said;
	char text[32];
	size_t n;

	snprintf(text, sizeof(text), "Hg%x", cpu + 1);
	said = ask(g, text);
	if (said == NULL || strcmp(said, "OK") != 0)
		return false;
	gdb_forget(g);
	said = ask(g, "g");
	n = said ? strlen(said) : 0;
	for (int r = 0; r < GDB_REGS; r++) {
		if (2 * (g->place[r].at + g->place[r].size) > n)
			return false;
		regs[r] = value(said + 2 * g->place[r].at, g->place[r].size);
	}
	return true;
}

void gdb_forget(struct gdb *g)
{
	g->lines = 0;
}

/* Fetch the line at addr.  An error is a short reply: "E14". */
static unsigned fetch(struct gdb *g, uint64_t addr)
{
	unsigned l = g->lines < GDB_LINES ? g->lines++
					  : (addr / GDB_LINE) % GDB_LINES;
	const char *said;
	char text[64];

	snprintf(text, sizeof(text), "m%" PRIx64 ",%x", addr, GDB_LINE);
	said = ask(g, text);
	g->line[l].addr = addr;
	g->line[l].readable = said && strlen(said) == 2 * GDB_LINE;
	for (size_t i = 0; g->line[l].readable && i < GDB_LINE; i++)
		g->line[l].bytes[i] = (uint8_t)value(said + 2 * i, 1);
	return l;
}

static bool read_byte(struct gdb *g, uint64_t addr, uint8_t *byte)
{
	uint64_t start = addr & ~(uint64_t)(GDB_LINE - 1);
	unsigned l = 0;

	while (l < g->lines && g->line[l].addr != start)
		l++;
	if (l == g->lines)
		l = fetch(g, start);
	*byte = g->line[l].bytes[addr - start];
	return g->line[l].readable;
}

bool gdb_read(struct gdb *g, uint64_t addr, uint64_t *word)
{
	uint8_t byte;

	*word = 0;
	for (unsigned i = 0; i < sizeof(*word); i++) {
		if (!read_byte(g, addr + i, &byte))
			return false;
		*word |= (uint64_t)byte << 8 * i;
	}
	return true;
}
