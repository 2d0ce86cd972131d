/* Corner cases of calls about processes, threads, limits and scheduling. */
#include "check.h"
#include <limits.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 999999 /* a number that no process has */
#define BAD ((void *)8)
/* Label a call with its own text. */
#define TRY(expr) CALL(#expr, expr)

static void threads(void)
{
	char args[100] = {0};

	TRY(syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
	TRY(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0));
	TRY(syscall(SYS_clone3, NULL, 10));
	TRY(syscall(SYS_clone3, args, 8));
	TRY(syscall(SYS_clone3, args, 5000));
	TRY(syscall(SYS_set_robust_list, NULL, 5));
	TRY(syscall(SYS_get_robust_list, NOBODY, args, args));
	TRY(syscall(SYS_restart_syscall));
}

static void numbers(void)
{
	TRY(kill(-NOBODY, 0));
	TRY(kill(INT_MIN, 0));
	TRY(kill(0, 0));
	TRY(syscall(SYS_tgkill, getpid(), gettid(), 0));
	TRY(syscall(SYS_tgkill, getpid(), NOBODY, 0));
	TRY(syscall(SYS_tgkill, 0, 1, 0));
	TRY(syscall(SYS_tgkill, getpid() + 1000000, gettid(), 0));
	TRY(syscall(SYS_tkill, -1, 0));
	TRY(syscall(SYS_tkill, gettid(), 65));
	TRY(getpgid(NOBODY));
	TRY(getsid(NOBODY));
	TRY(setpgid(0, -1));
	TRY(setpgid(NOBODY, 0));
	TRY(getpgid(0) == getpgrp());
}

static void waits(void)
{
	siginfo_t si;

	TRY(wait4(-1, NULL, 0x1000, NULL));
	TRY(wait4(INT_MIN, NULL, 0, NULL));
	TRY(waitid(P_ALL, 0, &si, WEXITED));
	TRY(waitid(P_ALL, 0, &si, 0));
	TRY(waitid(77, 0, &si, WEXITED));
	TRY(waitid(P_PID, 0, &si, WEXITED));
}

static void prctls(void)
{
	char name[17] = "";

	TRY(prctl(PR_SET_NAME, "averyveryverylongname"));
	TRY(prctl(PR_GET_NAME, name));
	show("name", "%s", name);
	TRY(prctl(PR_SET_NAME, BAD));
	TRY(prctl(PR_SET_DUMPABLE, 2));
	TRY(prctl(PR_SET_KEEPCAPS, 2));
	TRY(prctl(PR_SET_PDEATHSIG, 65));
	TRY(prctl(PR_CAPBSET_READ, 0));
	TRY(prctl(PR_CAPBSET_READ, 99));
	TRY(prctl(PR_GET_SECUREBITS));
	TRY(prctl(PR_SET_NO_NEW_PRIVS, 2));
	TRY(prctl(PR_GET_SECCOMP));
	TRY(syscall(SYS_personality, 0xffffffff));
}

static void identity(void)
{
	struct __user_cap_header_struct head = {0x12345678, 0};
	struct __user_cap_data_struct data[2];

	TRY(setreuid(-1, -1));
	TRY(setresuid(-1, -1, -1));
	TRY(setgid(-1));
	TRY(getgroups(-1, NULL));
	TRY(syscall(SYS_setfsuid, -1) == getuid());
	TRY(syscall(SYS_capget, &head, NULL));
	show("version", "%x", head.version);
	TRY(syscall(SYS_capget, &head, data));
	head.version = 0;
	TRY(syscall(SYS_capset, &head, data));
}

static void limits(void)
{
	struct rlimit rl = {5, 4};

	TRY(setrlimit(RLIMIT_CORE, &rl));
	TRY(getrlimit(16, &rl));
	TRY(prlimit(NOBODY, RLIMIT_CORE, NULL, &rl));
	TRY(syscall(SYS_getrlimit, 0, BAD));
	TRY(syscall(SYS_getrusage, 0, BAD));
	TRY(syscall(SYS_uname, BAD));
	TRY(syscall(SYS_sysinfo, BAD));
	TRY(syscall(SYS_times, BAD));
}

static void scheduling(void)
{
	struct sched_param param = {0};
	unsigned cpu = 99;
	cpu_set_t set;

	TRY(syscall(SYS_sched_getaffinity, 0, 1, &set));
	TRY(sched_getaffinity(NOBODY, sizeof(set), &set));
	TRY(sched_getaffinity(-1, sizeof(set), &set));
	CPU_ZERO(&set);
	TRY(sched_setaffinity(0, sizeof(set), &set));
	TRY(sched_get_priority_max(99));
	TRY(sched_get_priority_min(SCHED_RR));
	TRY(syscall(SYS_sched_getscheduler, -1));
	TRY(syscall(SYS_sched_getscheduler, NOBODY));
	TRY(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &param));
	TRY(syscall(SYS_sched_getscheduler, 0));
	param.sched_priority = 5;
	TRY(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param));
	TRY(syscall(SYS_sched_getparam, 0, &param));
	TRY(param.sched_priority);
	TRY(getpriority(3, 0));
	TRY(getpriority(PRIO_PROCESS, NOBODY));
	TRY(setpriority(PRIO_PROCESS, 0, 100));
	TRY(getpriority(PRIO_PROCESS, 0));
	TRY(syscall(SYS_getcpu, &cpu, NULL, NULL));
	show("cpu", "%d", cpu != 99);
}

int main(void)
{
	threads();
	numbers();
	waits();
	prctls();
	identity();
	limits();
	scheduling();
	/* exit(2), not exit(3): the status is the main thread's all the same. */
	syscall(SYS_exit, 7);
}
