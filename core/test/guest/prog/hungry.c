/* Wants more than there is. */
#include "check.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Large enough that a very small guest cannot hold the program. */
static char ballast[6 << 20] = {1};

static void fill_tmpfs(void)
{
	static char block[65536];
	char back[4] = "";
	int a = open("/tmp/first", O_CREAT | O_RDWR, 0600);
	int b = open("/tmp/big", O_CREAT | O_RDWR, 0600);

	write(a, "abc", 3);
	while (write(b, block, sizeof(block)) == (ssize_t)sizeof(block))
		;
	write(b, block, sizeof(block)); /* the last one may have been short */
	show("big", "%s", write(b, block, 1) < 0 ? strerror(errno) : "room");
	pread(a, back, 3, 0);
	show("small", "first file %s", strcmp(back, "abc") ? "lost" : "intact");
	close(b);
	unlink("/tmp/big");
	show("again", "%s", write(a, block, 60000) == 60000 ? "room again" : "none");
}

int main(int argc, char **argv)
{
	size_t n = 0;
	char *p;

	for (size_t i = 0; i < sizeof(ballast); i += 4096)
		n += (size_t)ballast[i];
	if (argc < 2)
		return n != 1;
	if (!strcmp(argv[1], "touch")) {
		p = mmap(NULL, 40 << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		for (size_t i = 0; p != MAP_FAILED && i < 40 << 20; i += 4096)
			p[i] = 1;
		show("touched", "all");
	} else if (!strcmp(argv[1], "malloc")) {
		p = malloc(1 << 30);
		show("malloc", "%s", p ? "worked" : strerror(errno));
	} else {
		fill_tmpfs();
	}
	return 0;
}
