/*
 * The written order of locks (core/README.md, "Lock order"), as a table.
 *
 * A lock may be taken while one of a lower or of the same rank is held.  Locks that
 * are not here are ordered by what is seen of them (classes.c).
 */
#include "private.h"
#include "string.h"

static const struct {
	const char *place; /* file and the expression initialised */
	u16 rank;
} order[] = {
	{"fs/vfs/file.c &f->pos_lock", 20},
	{"fs/vfs/super.c &sb->rename_lock", 21},
	{"locks_mutex", 22},
	{"fs/vfs/mount.c &mounts_lock", 22},
	{"fs/vfs/inode.c &i->lock", 23},
	{"fs/pipe/pipe.c &p->lock", 24},
	{"net/socket/socket.c &s->lock", 24},
	{"net/socket/socket.c &s->rx_lock", 25},
	{"process_lock", 26},
	{"kern/mm/vm.c &vm->lock", 30},
	{"kern/mm/pagecache.c &m->lock", 40},
	{"kern/mm/pagecache.c &m->vmas_lock", 41},
	{"kern/mm/vm.c &vm->tables_lock", 42},
	{"epoll_nest_lock", 50},
	{"fs/epoll/set.c &s->mutex", 51},
	{"unix_lock", 52},
	{"net_mutex", 60},
};

/* Does a place ("/.../core/FILE:LINE EXPRESSION") fit an entry? */
static bool fits(const char *place, const char *entry)
{
	const char *blank = strchr(entry, ' ');
	size_t n = strlen(place), m;

	if (blank) {
		size_t len = (size_t)(blank - entry);
		const char *colon = strchr(place, ':');

		if (!colon || (size_t)(colon - place) < len ||
		    strncmp(colon - len, entry, len))
			return false;
		entry = blank + 1;
	}
	m = strlen(entry);
	return n > m && place[n - m - 1] == ' ' && !strcmp(place + n - m, entry);
}

u16 order_rank(const char *place)
{
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (fits(place, order[i].place))
			return order[i].rank;
	return 0;
}
