#include "names.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/*
 * Calls that neither take a name nor ask an open file for what only a named one
 * has: a descriptor is then a standard stream, an epoll set or the like.
 */
static const unsigned nameless[] = {
	SYS_read, SYS_write, SYS_close, SYS_poll, SYS_lseek, SYS_mmap,
	SYS_mprotect, SYS_munmap, SYS_brk, SYS_rt_sigaction,
	SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_ioctl, SYS_readv, SYS_writev,
	SYS_select, SYS_sched_yield, SYS_mremap, SYS_madvise, SYS_dup,
	SYS_dup2, SYS_dup3, SYS_pause, SYS_nanosleep, SYS_getitimer, SYS_alarm,
	SYS_setitimer, SYS_getpid, SYS_clone, SYS_exit, SYS_wait4, SYS_kill,
	SYS_uname, SYS_gettimeofday, SYS_getrlimit, SYS_getrusage, SYS_sysinfo,
	SYS_times, SYS_getuid, SYS_getgid, SYS_geteuid, SYS_getegid,
	SYS_getppid, SYS_rt_sigpending, SYS_rt_sigtimedwait, SYS_rt_sigsuspend,
	SYS_sigaltstack, SYS_arch_prctl, SYS_setrlimit, SYS_gettid, SYS_tkill,
	SYS_time, SYS_futex, SYS_sched_setaffinity, SYS_sched_getaffinity,
	SYS_set_tid_address, SYS_restart_syscall, SYS_clock_gettime,
	SYS_clock_getres, SYS_clock_nanosleep, SYS_exit_group, SYS_tgkill,
	SYS_pselect6, SYS_ppoll, SYS_set_robust_list, SYS_get_robust_list,
	SYS_prlimit64, SYS_getrandom, SYS_membarrier,
};

/* Only of use to somebody who can name a file. */
static const char *const dropped[] = {"vfs",	"tmpfs",    "devfs",
				      "procfs", "progfs",   "etcfiles",
				      "iso9660", "pipe"};

/* Those which can do without; what is not known may need them. */
static const char *const independent[] = {
	"kern",		"file",		"epoll",	  "virtio",
	"virtio_pci",	"virtio_mmio",	"virtio_console", "virtio_rng",
	"smp",		"strict_wx"};

#define N(a) (sizeof(a) / sizeof((a)[0]))

static bool is_in(const char *const *list, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], s) == 0)
			return true;
	return false;
}

static bool can_name(const struct syscalls *calls)
{
	bool ok[SYSCALLS_MAX] = {false};

	if (calls->all)
		return true;
	for (size_t i = 0; i < N(nameless); i++)
		ok[nameless[i]] = true;
	for (size_t i = 0; i < SYSCALLS_MAX; i++)
		if (calls->used[i] && !ok[i])
			return true;
	return false;
}

void names_drop(struct strlist *components, const struct syscalls *calls,
		size_t n)
{
	struct strlist kept = {0};

	/* Several programs may be joined by pipes: PROTOCOL.md, 4. */
	if (n != 1 || can_name(calls))
		return;
	for (size_t i = 0; i < components->n; i++) {
		const char *c = components->v[i];

		if (is_in(dropped, N(dropped), c))
			continue;
		if (!is_in(independent, N(independent), c)) {
			strlist_clear(&kept);
			return;
		}
		strlist_add(&kept, c);
	}
	strlist_clear(components);
	*components = kept;
}
