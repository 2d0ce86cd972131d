/*
 * libdwfl can fetch symbols over the network, by a shared library that it opens
 * when it is asked to.  We never ask, and a static program must not open one:
 * these take the place of libdw.a's debuginfod-client.o, and all that it would
 * bring.
 */
#include <elfutils/libdwfl.h>

int __libdwfl_debuginfod_find_executable(Dwfl *dwfl, const unsigned char *id,
					 size_t n);
int __libdwfl_debuginfod_find_debuginfo(Dwfl *dwfl, const unsigned char *id,
					size_t n);
void __libdwfl_debuginfod_end(void *client);

int __libdwfl_debuginfod_find_executable(Dwfl *dwfl, const unsigned char *id,
					 size_t n)
{
	(void)dwfl, (void)id, (void)n;
	return -1;
}

int __libdwfl_debuginfod_find_debuginfo(Dwfl *dwfl, const unsigned char *id,
					size_t n)
{
	(void)dwfl, (void)id, (void)n;
	return -1;
}

void __libdwfl_debuginfod_end(void *client)
{
	(void)client;
}
