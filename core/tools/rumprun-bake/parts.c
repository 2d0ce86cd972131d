#include "parts.h"

#include <sys/syscall.h>

/*
 * Each is in the image if a program makes one of its calls, not in the plain way,
 * or if a component is there that wants it.
 */
static const struct part {
	const char *component;
	unsigned calls[4]; /* ends with 0, which nobody needs a part for */
	const char *user;  /* that component, or NULL */
} parts[] = {
	{"futex_ops",
	 {SYS_futex, SYS_set_robust_list, SYS_get_robust_list},
	 NULL},
	{"pagecache", {SYS_mmap}, "vfs"},
	{"madvise", {SYS_madvise, SYS_process_madvise}, NULL},
	{"ioctl", {SYS_ioctl}, NULL},
};

static bool is_needed(const struct part *p, const struct strlist *components,
		      const struct syscalls *calls)
{
	for (const unsigned *nr = p->calls; *nr != 0; nr++)
		if (calls->more[*nr])
			return true;
	return calls->all ||
	       (p->user != NULL && strlist_has(components, p->user));
}

void parts_add(struct strlist *components, const struct syscalls *calls)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (is_needed(&parts[i], components, calls) &&
		    !strlist_has(components, parts[i].component))
			strlist_add(components, parts[i].component);
}
