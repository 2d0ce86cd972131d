/* Standard streams are binary-safe and large output arrives whole. */
#include "check.h"
#include <unistd.h>

int main(void)
{
	static char buf[65536];
	unsigned h = 2166136261u;
	size_t total = 0;
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			h = (h ^ (unsigned char)buf[i]) * 16777619u;
		total += (size_t)n;
	}
	show("read", "%zu %x", total, h);
	for (int i = 0; i < 65536; i++)
		buf[i] = (char)(i * 13 + (i >> 8));
	for (int i = 0; i < 20; i++)
		write(1, buf, sizeof(buf));
	write(1, "\n", 1);
	for (int i = 0; i < 1000; i++)
		dprintf(2, "error line %d\n", i);
	show("done", "ok");
	return 255;
}
