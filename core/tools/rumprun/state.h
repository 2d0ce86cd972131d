/*
 * What is known of guests, running and past, in files:
 *
 *     BASE/rumprun/.lock            locked while an entry is made or removed
 *     BASE/rumprun/NAME/lock          locked by the supervisor while it lives
 *                       state.json    what ps prints
 *                       console       last output, about 1 MiB,
 *                       console.1     and what was before it
 *
 * BASE is $XDG_RUNTIME_DIR, or else /run for root, ~/.local/state, or
 * /tmp/rumprun-UID.  The lock is a POSIX record lock, so that the kernel names
 * the process that holds it, and forgets it when that dies.
 */
#ifndef RUMPRUN_STATE_H
#define RUMPRUN_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "launch.h"
#include "outcome.h"

/* The entry of a guest that this process supervises. */
struct state {
	char *name;
	char *dir;
	int lock;
	int console;
	size_t console_size;
	json_t *facts;
};

/*
 * Make the entry for l, under l->name or else a name made of the image's and
 * our process id.  False with *why, for example when a guest of that name runs.
 */
bool state_claim(struct state *s, const struct launch *l, char **why);
/* Note that the hypervisor runs. */
void state_running(struct state *s, const struct launch *l, pid_t pid);
/* Keep what the guest printed. */
void state_console(struct state *s, const char *bytes, size_t n);
/* Note how it ended, and let go of the entry. */
void state_end(struct state *s, const struct outcome *o);

/* An entry, seen from outside. */
struct entry {
	char *name;
	char *dir;
	json_t *facts; /* an object, perhaps empty */
	bool runs;     /* it has a supervisor */
	pid_t holder;  /* that; 0: it is none of this PID namespace, or !runs */
};

/* All entries by name; NULL-safe count in *n.  entries_free them. */
struct entry *entries_read(size_t *n);
void entries_free(struct entry *e, size_t n);
/* The one of that name among them, or NULL. */
struct entry *entry_find(struct entry *e, size_t n, const char *name);

/*
 * Remove the entries of all but the last few guests that ended, so that they do
 * not pile up.  Nobody makes an entry meanwhile (.lock).
 */
void entries_prune(void);

/* Write a JSON value to path by way of a new file; false with *why. */
bool json_write(const char *path, const json_t *value, char **why);

#endif
