/* The C library's basics. */
#include "check.h"
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <regex.h>
#include <fnmatch.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

static int compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static int order[3], order_n;

__attribute__((constructor(101))) static void first(void) { order[order_n++] = 1; }
__attribute__((constructor(102))) static void second(void) { order[order_n++] = 2; }
__attribute__((constructor)) static void third(void) { order[order_n++] = 3; }

static void at_exit_one(void) { show("atexit", "registered first"); }
static void at_exit_two(void) { show("atexit", "registered second"); }

static void numbers(void)
{
	char buf[200], *end;

	snprintf(buf, sizeof(buf), "%d %5u %-5d| %05d %+d %x %#o %lld", -1, 2u, 3,
		 -4, 5, 255u, 8u, LLONG_MIN);
	show("integers", "%s", buf);
	snprintf(buf, sizeof(buf), "%f %.3e %g %a %10.2f %g %g", 3.14159, 12345.678,
		 1e-7, 1.0, -2.5, INFINITY, -0.0);
	show("floats", "%s", buf);
	show("strings", "%-8s|%8s|%.3s|%c|%%", "ab", "cd", "efghij", 'x');
	show("n", "%d", snprintf(buf, 4, "truncated"));
	show("strtod", "%.17g", strtod("2.5e3xyz", &end));
	show("strtod end", "%s", end);
	errno = 0;
	show("strtol overflow", "%ld %d", strtol("99999999999999999999", NULL, 10),
	     errno == ERANGE);
	show("strtoul 16", "%lu", strtoul("0xfe", NULL, 0));
	show("sqrt pow sin", "%.10f %.10f %.10f", sqrt(2), pow(2, 0.5), sin(1));
	show("long double", "%.15Lf", 1.0L / 3);
	sscanf("12 abc 3.5", "%d %3s %lf", &(int){0}, buf, &(double){0});
	show("sscanf", "%s", buf);
}

static void text(void)
{
	regex_t re;
	regmatch_t m[2];
	wchar_t w[8];

	show("strtok", "%s", strtok((char[]){"a,b"}, ","));
	show("memmem", "%s", (char *)memmem("haystack", 8, "sta", 3));
	show("regcomp", "%d", regcomp(&re, "^([a-z]+)[0-9]$", REG_EXTENDED));
	show("regexec", "%d", regexec(&re, "abc1", 2, m, 0));
	show("first group", "%d-%d", (int)m[1].rm_so, (int)m[1].rm_eo);
	show("no match", "%d", regexec(&re, "abc", 0, NULL, 0) == REG_NOMATCH);
	regfree(&re);
	show("fnmatch", "%d %d", fnmatch("*.c", "a.c", 0), fnmatch("*.c", "a.h", 0));
	show("setlocale", "%s", setlocale(LC_ALL, "C.UTF-8") ? "ok" : "none");
	show("mbstowcs", "%zu", mbstowcs(w, "h\xc3\xa4\xe2\x82\xac", 8));
	show("wchar", "%x", (unsigned)w[2]);
	show("toupper", "%c", toupper('q'));
}

static void dates(void)
{
	struct tm tm = {.tm_year = 100, .tm_mon = 1, .tm_mday = 29, .tm_hour = 12};
	time_t t = 951825600;
	char buf[64];

	show("gmtime", "%s", asctime(gmtime(&t)));
	show("timegm", "%lld", (long long)timegm(&tm));
	strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S %j %a", gmtime(&t));
	show("strftime", "%s", buf);
	show("after 2024", "%d", time(NULL) > 1704067200);
}

static void memory(void)
{
	void *p[300];
	size_t total = 0;
	int numbers_[50];

	for (int i = 0; i < 300; i++) {
		size_t n = (size_t)(i * i % 5000) + 1;

		p[i] = malloc(n);
		memset(p[i], i, n);
	}
	for (int i = 0; i < 300; i++) {
		total += ((unsigned char *)p[i])[(i * i) % 5000];
		free(p[i]);
	}
	show("malloc", "%zu", total);
	show("huge malloc", "%d", malloc(PTRDIFF_MAX) == NULL && errno == ENOMEM);
	p[0] = aligned_alloc(4096, 8192);
	show("aligned_alloc", "%d", p[0] && !((uintptr_t)p[0] & 4095));
	p[0] = realloc(p[0], 3 << 20);
	memset(p[0], 1, 3 << 20);
	show("realloc", "%d", p[0] != NULL);
	free(p[0]);
	p[0] = calloc(1000, 1000);
	for (size_t i = total = 0; i < 1000000; i++)
		total += ((char *)p[0])[i];
	show("calloc", "%zu", total);
	for (int i = 0; i < 50; i++)
		numbers_[i] = i * 37 % 50;
	qsort(numbers_, 50, sizeof(int), compare);
	show("qsort", "%d %d %d", numbers_[0], numbers_[25], numbers_[49]);
	show("bsearch", "%d",
	     *(int *)bsearch(&(int){25}, numbers_, 50, sizeof(int), compare));
}

static void users(void)
{
	struct passwd *pw = getpwnam("root");
	struct group *gr = getgrgid(0);

	show("getpwnam", "%s %d", pw ? pw->pw_name : "none", pw ? (int)pw->pw_uid : -1);
	show("getgrgid", "%s", gr ? gr->gr_name : "none");
	show("nobody", "%s", getpwnam("nobody") ? "there" : "none");
	show("nosuch", "%s", getpwnam("nosuchuser") ? "there" : "none");
}

int main(void)
{
	static jmp_buf env;
	volatile int jumped = 0;

	show("constructors", "%d%d%d", order[0], order[1], order[2]);
	atexit(at_exit_one);
	atexit(at_exit_two);
	numbers();
	text();
	dates();
	memory();
	users();
	if (!setjmp(env)) {
		jumped = 1;
		longjmp(env, 5);
	}
	show("setjmp", "%d", jumped);
	show("sysconf page", "%ld", sysconf(_SC_PAGESIZE));
	show("sysconf clk", "%ld", sysconf(_SC_CLK_TCK));
	show("cpus", "%d", sysconf(_SC_NPROCESSORS_ONLN) >= 1);
	CALL("unknown call", syscall(1999, 0));
	exit(3);
}
