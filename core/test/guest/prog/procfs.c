/*
 * /proc as programs read it: in pieces, at offsets, long files, and of what has
 * gone meanwhile; and the fields that monitors show.
 */
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char text[8 << 20];

/* All of a file, by reads of n bytes: its length, NUL-terminated, or -1. */
static long slurp(const char *path, size_t n, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t r = 0;

	if (fd < 0)
		return -1;
	while (len + n < size && (r = read(fd, buf + len, n)) > 0)
		len += (size_t)r;
	close(fd);
	buf[len] = '\0';
	return r < 0 ? -1 : (long)len;
}

/* Field n of a stat file, counted as in proc(5); from the third on. */
static long stat_field(const char *path, int n)
{
	char *p;

	if (slurp(path, 4096, text, sizeof(text)) < 0)
		return -1;
	p = strrchr(text, ')') + 2;
	while (n-- > 3)
		p = strchr(p, ' ') + 1;
	return strtol(p, NULL, 10);
}

/* What follows a name at the start of a line, without blanks before it. */
static const char *line_of(const char *path, const char *name)
{
	static char line[200];
	char *p;

	if (slurp(path, 4096, text, sizeof(text)) < 0)
		return "no file";
	for (p = text; strncmp(p, name, strlen(name)); p++) {
		p = strchr(p, '\n');
		if (!p)
			return "no line";
	}
	p += strlen(name);
	p += strspn(p, " \t");
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
	return line;
}

static long number_of(const char *path, const char *name)
{
	return strtol(line_of(path, name), NULL, 10);
}

/* ---- in pieces ---- */

static void pieces(const char *path)
{
	static char other[100000];
	long n = slurp(path, 65536, text, sizeof(text));
	char part[50];
	ssize_t r;
	int fd;

	show("read", "%s %d", path, n > 100);
	slurp(path, 7, other, sizeof(other));
	show("by 7 bytes", "%d", !strcmp(text, other));
	fd = open(path, O_RDONLY);
	r = pread(fd, part, 50, 41);
	show("at an offset", "%zd %d", r, !memcmp(part, text + 41, 50));
	r = pread(fd, part, 50, 3);
	show("before it", "%zd %d", r, !memcmp(part, text + 3, 50));
	show("far behind", "%zd", pread(fd, part, 50, 1 << 30));
	lseek(fd, 20, SEEK_SET);
	r = read(fd, part, 50);
	show("after a seek", "%zd %d", r, !memcmp(part, text + 20, 50));
	CALL("position", lseek(fd, 0, SEEK_CUR));
	CALL("nothing", read(fd, part, 0));
	CALL("bad address", read(fd, (void *)1, 10));
	close(fd);
}

/* ---- long ---- */

#define AREAS 12000
#define PAGE 4096

static int count_lines(const char *path, const char *start)
{
	FILE *f = fopen(path, "r");
	char line[500];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += !strncmp(line, start, strlen(start));
	if (f)
		fclose(f);
	return n;
}

static void many_areas(void)
{
	char *p = mmap(NULL, (size_t)2 * AREAS * PAGE, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int failed = 0, maps, smaps;

	for (int i = 0; i < AREAS; i++)
		failed += !!mprotect(p + (size_t)2 * i * PAGE, PAGE, PROT_NONE);
	maps = count_lines("/proc/self/maps", "");
	smaps = count_lines("/proc/self/smaps", "Rss:");
	show("areas", "%d, %d %d", failed, maps >= 2 * AREAS, smaps == maps);
	munmap(p, (size_t)2 * AREAS * PAGE);
}

/* ---- a thread that has gone ---- */

static sem_t named, may_go;
static int its_id;

static void *short_life(void *arg)
{
	its_id = (int)syscall(SYS_gettid);
	sem_post(&named);
	sem_wait(&may_go);
	return NULL;
}

static void gone(void)
{
	char name[100], buf[200];
	struct stat st;
	pthread_t t;
	int stat_fd, dir, used;

	sem_init(&named, 0, 0);
	sem_init(&may_go, 0, 0);
	pthread_create(&t, NULL, short_life, NULL);
	sem_wait(&named);
	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", its_id);
	stat_fd = open(name, O_RDONLY);
	used = open(name, O_RDONLY);
	*strrchr(name, '/') = '\0';
	dir = open(name, O_RDONLY | O_DIRECTORY);
	show("its stat", "%d", read(used, buf, sizeof(buf)) > 50);
	CALL("its directory", stat(name, &st));
	sem_post(&may_go);
	pthread_join(t, NULL);
	/* It is waited for before it has quite gone. */
	while (!fstatat(dir, "comm", &st, 0) || errno != ENOENT)
		sched_yield();
	CALL("gone: its directory", stat(name, &st));
	CALL("gone: its stat", read(stat_fd, buf, sizeof(buf)));
	CALL("gone: once more", pread(used, buf, sizeof(buf), 0));
	CALL("gone: entries", syscall(SYS_getdents64, dir, buf, sizeof(buf)));
	close(stat_fd);
	close(used);
	close(dir);
	CALL("gone for good", stat(name, &st));
}

/* ---- fields ---- */

static void scheduling(void)
{
	struct sched_param none = {0};
	cpu_set_t set;

	/* Whoever runs this on Linux may have been favoured. */
	setpriority(PRIO_PROCESS, 0, 7);
	show("priority, nice", "%ld %ld", stat_field("/proc/self/stat", 18),
	     stat_field("/proc/thread-self/stat", 19));
	CALL("batch", syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &none));
	show("policy", "%ld %ld", stat_field("/proc/self/stat", 40),
	     stat_field("/proc/self/stat", 41));
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CALL("bind", sched_setaffinity(0, sizeof(set), &set));
	show("processor", "%ld", stat_field("/proc/self/stat", 39));
	show("allowed", "%s", line_of("/proc/self/status", "Cpus_allowed_list:"));
	umask(027);
	show("umask", "%s", line_of("/proc/self/status", "Umask:"));
}

static void peak(void)
{
	const size_t size = 64 << 20;
	void *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	munmap(p, size);
	show("peak", "%d", number_of("/proc/self/status", "VmPeak:") -
	     number_of("/proc/self/status", "VmSize:") >= (long)(size / 1024));
}

static void switches(void)
{
	const char *name = "voluntary_ctxt_switches:";
	long before = number_of("/proc/thread-self/status", name), now = before;

	/* On a busy host the time may be over before the thread sleeps. */
	for (int i = 0; i < 1000 && now < before + 10; i++) {
		usleep(10000);
		now = number_of("/proc/thread-self/status", name);
	}
	show("switches", "%d", now >= before + 10);
}

static void *nothing(void *arg)
{
	return NULL;
}

static void system_counters(void)
{
	long switched = number_of("/proc/stat", "ctxt");
	long interrupts = number_of("/proc/stat", "intr");
	long made = number_of("/proc/stat", "processes");
	pthread_t t;

	for (int i = 0; i < 10; i++) {
		pthread_create(&t, NULL, nothing, NULL);
		pthread_join(t, NULL);
		usleep(1000);
	}
	show("switched", "%d", number_of("/proc/stat", "ctxt") >= switched + 10);
	show("interrupts", "%d", number_of("/proc/stat", "intr") > interrupts);
	show("made", "%d", number_of("/proc/stat", "processes") >= made + 10);
	show("running", "%d", number_of("/proc/stat", "procs_running") >= 1);
	slurp("/proc/loadavg", 4096, text, sizeof(text));
	show("last id", "%d", atoi(strrchr(text, ' ')) > its_id);
}

/* Time that CPUs were busy or idle does not go back. */
static void cpu_times(void)
{
	unsigned long last[2] = {0, 0}, now[2];
	int back = 0;

	for (int i = 0; i < 1000; i++) {
		if (i % 100 == 0)
			usleep(1000);
		if (sscanf(line_of("/proc/stat", "cpu "), "%lu %*u %*u %lu",
			   &now[0], &now[1]) != 2)
			back = 1000;
		back += now[0] < last[0] || now[1] < last[1];
		memcpy(last, now, sizeof(last));
	}
	show("went back", "%d", back);
}

static void link_modes(void)
{
	static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR, O_PATH};
	char name[40];
	struct stat st;

	for (int i = 0; i < 4; i++) {
		int fd = open("/dev/null", flags[i]);

		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		lstat(name, &st);
		show("link", "%o %ld", st.st_mode, (long)st.st_size);
		close(fd);
		CALL("closed", lstat(name, &st));
	}
}

/* ---- a title, written over the arguments ---- */

/* What is shown of the arguments but the first skip bytes, NULs as |. */
static void show_title(const char *when, size_t skip)
{
	long n = slurp("/proc/self/cmdline", 5, text, 4096);

	for (long i = 0; i < n; i++)
		if (!text[i])
			text[i] = '|';
	show(when, "%s", n < (long)skip ? "none" : text + skip);
}

static void title(int argc, char **argv)
{
	char *end = argv[argc - 1] + strlen(argv[argc - 1]) + 1;
	size_t room = (size_t)(end - argv[0]);

	show_title("arguments", strlen(argv[0]));
	memset(argv[0], 0, room);
	strcpy(argv[0], "short");
	show("padded", "%ld", slurp("/proc/self/cmdline", 5, text, 4096) -
	     (long)room);
	/* The environment follows, and is written over, too. */
	memset(argv[0], 'x', room);
	strcpy(end, "and further");
	show_title("a longer title", room);
	argv[0][3] = '\0';
	show_title("one that ends early", 0);
}

int main(int argc, char **argv)
{
	pieces("/proc/self/limits");
	pieces("/proc/self/mountinfo");
	pieces("/proc/self/maps");
	many_areas();
	gone();
	scheduling();
	peak();
	switches();
	system_counters();
	cpu_times();
	link_modes();
	title(argc, argv);
	return 0;
}
