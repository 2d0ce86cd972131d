/* Files that components give: of /proc/net, and of /proc itself. */
#include "private.h"
#include "procfile.h"

LINKSET_DECLARE(proc_net);
LINKSET_DECLARE(proc_root);

#define TEXT_START 4096u

static const struct proc_file *of(const struct proc_ctx *c);

static void show(struct text *t, const struct proc_ctx *c)
{
	const struct proc_file *f = of(c);
	size_t size = TEXT_START, n;
	char *buf;

	/* What it would have needed is known only afterwards. */
	for (; size <= TEXT_MAX; size = n + n / 4) {
		buf = kmalloc(size, ALLOC_WAIT);
		if (!buf)
			break;
		n = f->show(buf, size);
		if (n < size) {
			text_bytes(t, buf, n);
			kfree(buf);
			return;
		}
		kfree(buf);
	}
	t->failed = true;
}

static int store(const struct proc_ctx *c, char *s, size_t n)
{
	return of(c)->store(s, n);
}

/* One of each set; the number of the file in it is the context's fd. */
static const struct proc_entry net_file = {.mode = PROC_FILE, .show = show};
static const struct proc_entry root_file = {.mode = PROC_FILE, .show = show};
static const struct proc_entry root_setting = {.mode = S_IFREG | 0644,
					       .show = show,
					       .store = store};

static const struct proc_file *of(const struct proc_ctx *c)
{
	return c->entry == &net_file ? __start_set_proc_net[c->fd] :
				       __start_set_proc_root[c->fd];
}

static int find(const void *const *set, const void *const *end,
		const char *name, size_t len)
{
	for (int i = 0; set + i < end; i++) {
		const struct proc_file *f = set[i];

		if (strlen(f->name) == len && !memcmp(f->name, name, len))
			return i;
	}
	return -ENOENT;
}

int proc_net_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		    struct proc_ctx *out)
{
	out->entry = &net_file;
	out->fd = find(__start_set_proc_net, __stop_set_proc_net, name, len);
	return MIN(out->fd, 0);
}

bool proc_net_next(const struct proc_ctx *dir, u64 *key, struct proc_ctx *out,
		   char name[16])
{
	if (*key >= (u64)(__stop_set_proc_net - __start_set_proc_net))
		return false;
	out->entry = &net_file;
	out->fd = (int)*key;
	strlcpy(name, of(out)->name, 16);
	return true;
}

static void choose_root(struct proc_ctx *out, int n)
{
	const struct proc_file *f = __start_set_proc_root[n];

	out->entry = f->store ? &root_setting : &root_file;
	out->fd = n;
}

int proc_root_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		     struct proc_ctx *out)
{
	int n = find(__start_set_proc_root, __stop_set_proc_root, name, len);

	if (n >= 0)
		choose_root(out, n);
	return MIN(n, 0);
}

/* Behind the processes, whose keys are their numbers. */
bool proc_root_next(const struct proc_ctx *dir, u64 *key, struct proc_ctx *out,
		    char name[16])
{
	u64 first = (u64)INT32_MAX + 1, n;

	*key = MAX(*key, first);
	n = *key - first;
	if (n >= (u64)(__stop_set_proc_root - __start_set_proc_root))
		return false;
	choose_root(out, (int)n);
	strlcpy(name, of(out)->name, 16);
	return true;
}
