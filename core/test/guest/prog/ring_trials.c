/*
 * What ring 3 keeps a program from where Linux is no measure: ports, descriptor tables,
 * and the kernel itself without its functions for the program's memory (ring3.t).
 */
#include "rings.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>

/*
 * Component trials does what is asked for, with AC set, as if that opened the
 * program's memory.
 */
static int trial(const char *name)
{
	int fd = open("/dev/trials", O_WRONLY);
	long r;

	if (fd < 0)
		return 2;
	__asm__ __volatile__("pushfq; orl $0x40000, (%%rsp); popfq; syscall;"
			     "pushq $0x202; popfq"
			     : "=a"(r)
			     : "0"(SYS_write), "D"(fd), "S"(name),
			       "d"(strlen(name))
			     : "rcx", "r11", "memory", "cc");
	return r < 0 ? 1 : 0;
}

static volatile int spinning;

static void *spin(void *arg)
{
	__asm__ __volatile__("wrgsbase %0" ::"r"(bad[0]));
	spinning = 1;
	for (;;)
		;
	return NULL;
}

/* What stops another CPU finds it in the program, with the program's GS. */
static int stop_others(void)
{
	pthread_t t;

	pthread_create(&t, NULL, spin, NULL);
	while (!spinning)
		;
	return trial("null-read");
}

/* Linux grants ports to root; a program here has no way to have them. */
static void ports(void)
{
	CALL("iopl", syscall(SYS_iopl, 3));
	CALL("iopl too high", syscall(SYS_iopl, 4));
	CALL("ioperm", syscall(SYS_ioperm, 0x60, 1, 1));
	CALL("ioperm too high", syscall(SYS_ioperm, 65536, 1, 1));
	TRY("in $0x60, %%al");
}

static void by_umip(void)
{
	TRY("sgdt -64(%%rsp)");
	TRY("sidt -64(%%rsp)");
	TRY("sldt %%eax");
	TRY("str %%eax");
	TRY("smsw %%eax");
}

int main(int argc, char **argv)
{
	catch_all();
	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "umip"))
		return by_umip(), 0;
	if (!strcmp(argv[1], "ports"))
		return ports(), 0;
	if (!strcmp(argv[1], "stop"))
		return stop_others();
	return trial(argv[1]);
}
