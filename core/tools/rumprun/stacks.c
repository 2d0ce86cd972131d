#include "stacks.h"

#include <stdlib.h>
#include <string.h>

#include "diag.h"

/* The callee of that name, perhaps a new one. */
static struct stack *callee(struct stack *of, const char *name, enum code code)
{
	struct stack **at = &of->callees, *c;
	int order = -1;

	for (; *at != NULL; at = &(*at)->next) {
		order = strcmp(name, (*at)->name);
		if (order == 0)
			order = (int)code - (int)(*at)->code;
		if (order <= 0)
			break;
	}
	if (*at != NULL && order == 0)
		return *at;
	c = xcalloc(1, sizeof(*c));
	*c = (struct stack){.name = xstrdup(name), .code = code, .next = *at};
	*at = c;
	return c;
}

/* What would be a frame's end or a stack's in a folded line. */
static void clean(char *who)
{
	for (; *who != '\0'; who++)
		if (*who == ';' || *who == '\n')
			*who = '_';
}

void stacks_add(struct profile *p, unsigned cpu, const struct sample *s,
		struct unwinder *u)
{
	struct stack *at = &p->root;
	char who[sizeof(s->who)];

	if (s->absent)
		return;
	p->cpu[cpu].samples++;
	if (s->idle) {
		p->cpu[cpu].idle++;
		return;
	}
	memcpy(who, s->who, sizeof(who));
	clean(who);
	at->total++;
	at = callee(at, who, CODE_UNKNOWN);
	at->whose = true;
	at->total++;
	for (size_t i = s->n; i-- > 0;) {
		const struct function *f = unwind_function(u, s, i);

		at = callee(at, f->name, f->code);
		at->total++;
	}
	at->self++;
}

static void free_callees(struct stack *of)
{
	struct stack *c;

	while ((c = of->callees) != NULL) {
		of->callees = c->next;
		free_callees(c);
		free(c->name);
		free(c);
	}
}

void stacks_free(struct profile *p)
{
	free_callees(&p->root);
	free(p->image);
}

unsigned long stacks_samples(const struct profile *p)
{
	unsigned long n = 0;

	for (unsigned c = 0; c < p->cpus; c++)
		n += p->cpu[c].samples;
	return n;
}

unsigned long stacks_idle(const struct profile *p)
{
	unsigned long n = 0;

	for (unsigned c = 0; c < p->cpus; c++)
		n += p->cpu[c].idle;
	return n;
}

/* Those that s calls; path is its own. */
static void fold(const struct stack *s, const char *path, FILE *f)
{
	for (const struct stack *c = s->callees; c != NULL; c = c->next) {
		char *longer =
			xasprintf("%s%s%s%s", path, *path ? ";" : "", c->name,
				  c->code == CODE_KERNEL ? "_[k]" : "");

		if (c->self > 0)
			fprintf(f, "%s %lu\n", longer, c->self);
		fold(c, longer, f);
		free(longer);
	}
}

void stacks_fold(const struct profile *p, FILE *f)
{
	if (stacks_idle(p) > 0)
		fprintf(f, "[idle] %lu\n", stacks_idle(p));
	fold(&p->root, "", f);
}
