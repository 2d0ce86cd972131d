/* Who we are, limits, and other facts about the process. */
#include "check.h"
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static int lines_of(const char *path)
{
	FILE *f = fopen(path, "r");
	int n = 0, c;

	if (!f)
		return -1;
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

int main(int argc, char **argv)
{
	struct utsname u;
	struct rlimit rl, old;
	struct sysinfo si;
	struct rusage ru;
	char name[32] = "", path[200];
	FILE *f;
	ssize_t n;

	uname(&u);
	show("uname", "%s %s", u.sysname, u.machine);
	show("as root: ids", "%d %d %d %d", getuid(), geteuid(), getgid(), getegid());
	show("pid", "%d", getpid() > 0 && getppid() >= 0);
	show("session", "%d", getsid(0) > 0 && getpgrp() > 0);
	CALL("prctl name", prctl(PR_SET_NAME, "test-name", 0, 0, 0));
	CALL("prctl get", prctl(PR_GET_NAME, name, 0, 0, 0));
	show("name", "%s", name);
	CALL("dumpable", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	CALL("dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	CALL("no new privs", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CALL("prctl unknown", prctl(12345, 0, 0, 0, 0));
	CALL("getrlimit", getrlimit(RLIMIT_NOFILE, &old));
	rl = (struct rlimit){100, old.rlim_max};
	CALL("setrlimit", setrlimit(RLIMIT_NOFILE, &rl));
	CALL("beyond", dup2(1, 100));
	CALL("within", dup2(1, 99));
	rl = (struct rlimit){200, 100};
	CALL("soft above hard", setrlimit(RLIMIT_NOFILE, &rl));
	CALL("bad resource", getrlimit(99, &rl));
	setrlimit(RLIMIT_NOFILE, &old);
	getrlimit(RLIMIT_STACK, &rl);
	show("stack limit", "%lu", (unsigned long)rl.rlim_cur);
	rl = (struct rlimit){10000, 10000};
	setrlimit(RLIMIT_FSIZE, &rl);
	CALL("sysinfo", sysinfo(&si));
	show("memory", "%d", si.totalram > 1000000 / si.mem_unit && si.uptime >= 0);
	CALL("getrusage", getrusage(RUSAGE_SELF, &ru));
	CALL("getrusage bad", getrusage(55, &ru));
	/* Whoever runs this on Linux may have been favoured. */
	if (getpriority(PRIO_PROCESS, 0) < 0)
		setpriority(PRIO_PROCESS, 0, 0);
	CALL("getpriority", getpriority(PRIO_PROCESS, 0));
	CALL("nice", nice(5));
	CALL("getpriority", getpriority(PRIO_PROCESS, 0));
	CALL("scheduler", sched_getscheduler(0));
	CALL("priority max", sched_get_priority_max(SCHED_FIFO));
	CALL("yield", sched_yield());
	CALL("getgroups", getgroups(0, NULL) >= 0 ? 0 : -1);
	CALL("as root: setgroups", setgroups(2, (gid_t[]){10, 20}));
	CALL("as root: getgroups", getgroups(0, NULL));
	CALL("as root: setgid", setgid(33));
	CALL("as root: setuid", setuid(33));
	show("as root: ids", "%d %d %d %d", getuid(), geteuid(), getgid(), getegid());
	CALL("setuid back", setuid(0));
	CALL("chown as other", chown("/tmp", 33, 33));
	CALL("wait", wait(NULL));

	f = fopen("/proc/self/comm", "r");
	show("comm", "%s", f && fgets(name, sizeof(name), f) ? name : "none");
	show("maps", "%d", lines_of("/proc/self/maps") > 3);
	show("status", "%d", lines_of("/proc/self/status") > 10);
	show("meminfo", "%d", lines_of("/proc/meminfo") > 5);
	show("cpuinfo", "%d", lines_of("/proc/cpuinfo") > 5);
	show("stat", "%d", lines_of("/proc/self/stat"));
	show("uptime", "%d", lines_of("/proc/uptime"));
	n = readlink("/proc/self/fd/1", path, sizeof(path));
	show("fd link", "%d", n > 0);
	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	show("exe", "%d", n > 0 && strlen(path) >= 4);
	n = readlink("/proc/self/cwd", path, sizeof(path));
	show("cwd", "%d", n > 0);
	int fd = open("/proc/self/cmdline", O_RDONLY);
	n = read(fd, path, sizeof(path));
	show("cmdline", "%d", n > 0 && path[n - 1] == 0);
	CALL("no such process", open("/proc/99999/stat", O_RDONLY));
	return 0;
}
