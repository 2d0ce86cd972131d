/* For lwIP's netif.c: the number in an interface name of two letters and digits. */
#ifndef RR_LWIP_STDLIB_H
#define RR_LWIP_STDLIB_H

static inline int atoi(const char *s)
{
	int n = 0;

	while (*s >= '0' && *s <= '9' && n < 1000)
		n = n * 10 + (*s++ - '0');
	return n;
}

#endif
