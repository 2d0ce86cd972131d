/*
 * procfs and sysfs: trees of files whose text is made when they are read.
 *
 * An entry describes a file or directory; where one description stands for many
 * (a process, a descriptor), a context says which.
 */
#ifndef RR_PROCFS_PRIVATE_H
#define RR_PROCFS_PRIVATE_H

#include "log.h"
#include "mount.h"
#include "page.h"
#include "process.h"
#include "string.h"
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/stat.h>

/* ---- text.c: text that grows ---- */

struct text {
	char *buf;
	size_t size, len;
	bool failed; /* no memory, or too much: what follows is dropped */
};

#define TEXT_MAX (4u << 20)

void text_add(struct text *t, const char *fmt, ...) __printf(2, 3);
void text_bytes(struct text *t, const void *p, size_t n);
/* Blanks up to this column of the line that began at offset start. */
void text_pad(struct text *t, size_t start, size_t column);
/* A path, with blanks, tabs, newlines and backslashes as \ooo (octal). */
void text_path(struct text *t, const char *path);

/* ---- entries ---- */

struct proc_entry;

/* Which one of those that an entry stands for. */
struct proc_ctx {
	const struct proc_entry *entry;
	int pid, tid, fd;
};

struct proc_entry {
	const char *name; /* NULL: end of a table, or dynamic */
	u32 mode;         /* with S_IF* */
	/* Regular files: the whole text, */
	void (*show)(struct text *t, const struct proc_ctx *c);
	/*
	 * or, where that can be long, some lines of it, from *key on (0: the
	 * first), which moves behind them; false: none are left.
	 */
	bool (*show_part)(struct text *t, const struct proc_ctx *c, u64 *key);
	/* What was written, NUL-terminated, n bytes: 0 or -errno. */
	int (*store)(const struct proc_ctx *c, char *s, size_t n);
	/* Links: as inode_ops. */
	ssize_t (*readlink)(const struct proc_ctx *c, char *buf);
	int (*follow)(const struct proc_ctx *c, struct path *p);
	/* Directories: entries that are always there, */
	const struct proc_entry *children;
	/* and those that come and go.  0 and *out, or -errno (-ENOENT). */
	int (*lookup)(const struct proc_ctx *dir, const char *name, size_t len,
		      struct proc_ctx *out);
	/* The first one with a key >= *key: true, and *key, *out, name. */
	bool (*next)(const struct proc_ctx *dir, u64 *key, struct proc_ctx *out,
		     char name[16]);
	u64 size; /* st_size, where programs look at it */
};

#define PROC_DIR (S_IFDIR | 0555)
#define PROC_FILE (S_IFREG | 0444)
#define PROC_LINK (S_IFLNK | 0777)

/* A number without leading zeroes, as names of processes are. */
bool proc_number(const char *name, size_t len, int *out);

extern const struct proc_entry proc_root, proc_pid, proc_sys_children[],
	proc_rumprun_children[], sysfs_root;

/* fd.c: the lookup and next of both directories. */
int proc_fd_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		   struct proc_ctx *out);
bool proc_fd_next(const struct proc_ctx *dir, u64 *key, struct proc_ctx *out,
		  char name[16]);
int proc_fdinfo_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		       struct proc_ctx *out);
bool proc_fdinfo_next(const struct proc_ctx *dir, u64 *key,
		      struct proc_ctx *out, char name[16]);

/* given.c: the same of what components give. */
int proc_net_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		    struct proc_ctx *out);
bool proc_net_next(const struct proc_ctx *dir, u64 *key, struct proc_ctx *out,
		   char name[16]);
int proc_root_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		     struct proc_ctx *out);
bool proc_root_next(const struct proc_ctx *dir, u64 *key, struct proc_ctx *out,
		    char name[16]);

/* Has the process, or the thread, gone that c is about? */
bool proc_gone(const struct proc_ctx *c);
/* The process, referenced; NULL: it has gone. */
struct process *proc_process(const struct proc_ctx *c);

/* system.c */
void show_meminfo(struct text *t, const struct proc_ctx *c);
void show_stat(struct text *t, const struct proc_ctx *c);
void show_uptime(struct text *t, const struct proc_ctx *c);
void show_loadavg(struct text *t, const struct proc_ctx *c);
void show_version(struct text *t, const struct proc_ctx *c);
void show_cmdline(struct text *t, const struct proc_ctx *c);
void show_cpuinfo(struct text *t, const struct proc_ctx *c);
/* mounts.c */
void show_filesystems(struct text *t, const struct proc_ctx *c);
void show_mounts(struct text *t, const struct proc_ctx *c);
void show_mountinfo(struct text *t, const struct proc_ctx *c);
/* pidstat.c */
void show_pid_stat(struct text *t, const struct proc_ctx *c);
void show_pid_statm(struct text *t, const struct proc_ctx *c);
void show_pid_status(struct text *t, const struct proc_ctx *c);
void show_pid_limits(struct text *t, const struct proc_ctx *c);
/* maps.c */
bool show_pid_maps(struct text *t, const struct proc_ctx *c, u64 *key);
bool show_pid_smaps(struct text *t, const struct proc_ctx *c, u64 *key);
void show_pid_smaps_rollup(struct text *t, const struct proc_ctx *c);

/* Clock ticks of /proc, USER_HZ: 100 a second on every Linux. */
#define NSEC_PER_TICK 10000000ul

#endif
