/* Memory that several address spaces share: a mapping without a file. */
#include "log.h"
#include "../private.h"
#include "refs.h"

struct shared_memory {
	struct mapping mapping;
	s32 refs; /* atomic */
	u64 size; /* bytes; never changes */
};

static u64 shared_size(struct mapping *m)
{
	return container_of(m, struct shared_memory, mapping)->size;
}

static const struct mapping_ops shared_ops = {.size = shared_size};

bool mapping_is_shared_memory(const struct mapping *m)
{
	return m->ops == &shared_ops;
}

struct mapping *shared_memory_new(u64 size)
{
	struct shared_memory *s = kzalloc(sizeof(*s), ALLOC_WAIT);

	if (!s)
		return NULL;
	mapping_init(&s->mapping, &shared_ops, NULL);
	s->refs = 1;
	s->size = size;
	return &s->mapping;
}

static struct shared_memory *shared_of(struct mapping *m)
{
	assert(mapping_is_shared_memory(m));
	return container_of(m, struct shared_memory, mapping);
}

void shared_memory_get(struct mapping *m)
{
	ref_get(&shared_of(m)->refs);
}

void shared_memory_put(struct mapping *m)
{
	struct shared_memory *s = shared_of(m);

	if (!ref_put(&s->refs))
		return;
	mapping_destroy(m);
	kfree(s);
}
