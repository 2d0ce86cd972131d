/*
 * A profile as a picture: callers below, what they call above, as wide as their
 * share of the time that was not idle.  Whoever points at a box reads the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "stacks.h"

/* Pixels. */
#define WIDTH 1200
#define EDGE 12
#define INNER (WIDTH - 2 * EDGE)
#define ROW 18
#define CHAR 7.0    /* of the 12 px monospace font, rounded up */
#define NARROW 0.15 /* narrower boxes cannot be seen */
#define BAR 240	    /* a processor's */
#define BARS 4	    /* in a row */
#define HEAD 74	    /* title and numbers, above the processors */

/* XML 1.0, 2.2 and 2.4; no name has characters that it forbids. */
static void put_text(FILE *f, const char *s, size_t n)
{
	for (; *s != '\0' && n > 0; s++, n--) {
		unsigned char c = (unsigned char)*s;

		if (c == '&')
			fputs("&amp;", f);
		else if (c == '<')
			fputs("&lt;", f);
		else if (c == '>')
			fputs("&gt;", f);
		else
			fputc(c < ' ' || c > '~' ? '?' : c, f);
	}
}

static double percent(unsigned long part, unsigned long of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

static unsigned depth(const struct stack *s)
{
	unsigned most = 0, d;

	for (const struct stack *c = s->callees; c != NULL; c = c->next) {
		d = depth(c) + 1;
		if (d > most)
			most = d;
	}
	return most;
}

/* The same function has the same colour everywhere; kinds differ in hue. */
static void put_colour(FILE *f, const struct stack *s)
{
	static const unsigned hues[] = {
		[CODE_KERNEL] = 205, [CODE_PROGRAM] = 28, [CODE_UNKNOWN] = 0};
	unsigned hash = 5381; /* Bernstein's */

	for (const char *c = s->name; *c != '\0'; c++)
		hash = hash * 33 + (unsigned char)*c;
	if (s->whose || s->code == CODE_UNKNOWN)
		fprintf(f, "hsl(0,0%%,%u%%)", 78 + hash % 8);
	else
		fprintf(f, "hsl(%u,%u%%,%u%%)", hues[s->code] + hash % 22,
			62 + hash / 22 % 20, 66 + hash / 440 % 12);
}

static const char *kind(const struct stack *s)
{
	static const char *const words[] = {[CODE_KERNEL] = " (kernel)",
					    [CODE_PROGRAM] = " (program)",
					    [CODE_UNKNOWN] = ""};

	return s->whose ? " (all of it)" : words[s->code];
}

static void put_box(FILE *f, const struct stack *s, unsigned long all, double x,
		    double y, double w)
{
	size_t room = w < 3 * CHAR ? 0 : (size_t)((w - 6) / CHAR);
	size_t len = strlen(s->name);

	fputs("<g><title>", f);
	put_text(f, s->name, len);
	fprintf(f, "%s: %.1f %%, %lu samples; itself %.1f %%</title>", kind(s),
		percent(s->total, all), s->total, percent(s->self, all));
	fprintf(f,
		"<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%d\" "
		"fill=\"",
		x, y, w, ROW - 1);
	put_colour(f, s);
	fputs("\"/>", f);
	if (room > 0) {
		fprintf(f, "<text x=\"%.2f\" y=\"%.0f\">", x + 3, y + ROW - 5);
		put_text(f, s->name, len <= room ? len : room - 2);
		fprintf(f, "%s</text>", len <= room ? "" : "..");
	}
	fputs("</g>\n", f);
}

/* What s calls, from x on; y is the row of s. */
static void put_callees(FILE *f, const struct stack *s, unsigned long all,
			double x, double y)
{
	for (const struct stack *c = s->callees; c != NULL; c = c->next) {
		double w = INNER * (double)c->total / (double)all;

		if (w >= NARROW) {
			put_box(f, c, all, x, y - ROW, w);
			put_callees(f, c, all, x, y - ROW);
		}
		x += w;
	}
}

/* How busy each processor was. */
static void put_cpus(FILE *f, const struct profile *p)
{
	for (unsigned c = 0; c < p->cpus; c++) {
		unsigned long n = p->cpu[c].samples, busy = n - p->cpu[c].idle;
		double x = EDGE + c % BARS * (INNER / BARS);
		double y = HEAD + c / BARS * ROW, w = percent(busy, n);

		fprintf(f,
			"<g><title>CPU %u: %lu samples, %lu of them idle"
			"</title><rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" "
			"height=\"%d\" fill=\"#e4e7ec\"/><rect x=\"%.0f\" "
			"y=\"%.0f\" width=\"%.1f\" height=\"%d\" "
			"fill=\"#9bb4d0\"/><text x=\"%.0f\" y=\"%.0f\">",
			c, n, p->cpu[c].idle, x, y, BAR, ROW - 3, x, y,
			BAR * w / 100, ROW - 3, x + 4, y + ROW - 6);
		if (n > 0)
			fprintf(f, "CPU %u: busy %.1f %%</text></g>\n", c, w);
		else
			fprintf(f, "CPU %u: never started</text></g>\n", c);
	}
}

static void put_head(FILE *f, const struct profile *p, unsigned height)
{
	const char *name = base_name(p->image);
	unsigned long n = stacks_samples(p), busy = p->root.total;

	fprintf(f,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
		"width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\">\n"
		"<style>text{font:12px monospace;fill:#1b2430}"
		".h{font:bold 17px sans-serif}.n{font:13px sans-serif}"
		"g:hover>rect{stroke:#000;stroke-width:1}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
		"<text class=\"h\" x=\"%d\" y=\"26\">",
		WIDTH, height, WIDTH, height, EDGE);
	put_text(f, name, strlen(name));
	fprintf(f,
		"</text>\n<text class=\"n\" x=\"%d\" y=\"46\">%lu samples "
		"in %.1f s, %u a second of each processor; not idle: %lu "
		"(%.1f %%), which is 100 %% below</text>\n",
		EDGE, n, p->seconds, p->hz, busy, percent(busy, n));
	fprintf(f,
		"<text class=\"n\" x=\"%d\" y=\"64\">"
		"<tspan fill=\"hsl(216,70%%,45%%)\">&#9632;</tspan> kernel  "
		"<tspan fill=\"hsl(35,70%%,50%%)\">&#9632;</tspan> program  "
		"<tspan fill=\"#aaa\">&#9632;</tspan> process or kernel "
		"thread, unknown code</text>\n",
		EDGE);
}

void stacks_draw(const struct profile *p, FILE *f)
{
	unsigned top = HEAD + (p->cpus + BARS - 1) / BARS * ROW + 10;
	unsigned height = top + (depth(&p->root) + 1) * ROW + EDGE;

	put_head(f, p, height);
	put_cpus(f, p);
	if (p->root.total > 0)
		put_callees(f, &p->root, p->root.total, EDGE, height - EDGE);
	else
		fprintf(f, "<text x=\"%d\" y=\"%u\">always idle</text>\n", EDGE,
			top + ROW);
	fputs("</svg>\n", f);
}
