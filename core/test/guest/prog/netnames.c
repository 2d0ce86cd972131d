/* Names of hosts, protocols, services and interfaces. */
#include "check.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>

static void names(void)
{
	struct addrinfo *ai, hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct ifaddrs *ifa;
	int found = 0;

	show("localhost", "%d", getaddrinfo("localhost", "80", &hints, &ai));
	show("address", "%s", inet_ntoa(((struct sockaddr_in *)ai->ai_addr)->sin_addr));
	hints.ai_flags = AI_NUMERICHOST;
	show("not numeric", "%d", getaddrinfo("no.such.name", "80", &hints, &ai) != 0);
	show("protocol", "%s", getprotobyname("tcp") ? "tcp" : "none");
	CALL("getifaddrs", getifaddrs(&ifa));
	for (; ifa; ifa = ifa->ifa_next)
		if (ifa->ifa_addr && ifa->ifa_addr->sa_family == AF_INET && (ifa->ifa_flags & IFF_LOOPBACK))
			found = 1;
	show("loopback", "%d", found);
	show("lo index", "%d", if_nametoindex("lo") > 0);
}

/* Not on Linux, where /etc/services belongs to a package (netbase). */
static void services(void)
{
	struct servent *s = getservbyname("http", "tcp");

	show("http", "%d", s ? ntohs(s->s_port) : -1);
	s = getservbyport(htons(53), "udp");
	show("53/udp", "%s", s ? s->s_name : "none");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "services"))
		services();
	else
		names();
	return 0;
}
