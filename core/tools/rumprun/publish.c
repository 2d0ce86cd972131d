#include "publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"

static const char form[] = "it must be [HOST:]PORT:GUESTPORT[/udp]";

/* Cut off the protocol behind the last slash. */
static bool protocol(struct publish *p, char *text, char **why)
{
	char *slash = strrchr(text, '/');

	if (slash == NULL)
		return true;
	*slash++ = '\0';
	p->udp = strcmp(slash, "udp") == 0;
	return p->udp || strcmp(slash, "tcp") == 0 ||
	       fail(why, "'%s' is neither tcp nor udp", slash);
}

static bool host(struct publish *p, const char *text, char **why)
{
	uint32_t addr;

	if (strcmp(text, "localhost") == 0)
		text = "127.0.0.1";
	if (text[0] == '[')
		return fail(why,
			    "QEMU's user network forwards from IPv4 "
			    "addresses only, and %s is none",
			    text);
	if (*text == '\0' || strcmp(text, "*") == 0)
		return true;
	if (!ipv4_parse(text, &addr))
		return fail(why, "'%s' is not an IPv4 address", text);
	p->host = xstrdup(text);
	return true;
}

/* text is ours to cut up. */
static bool parse(struct publish *p, char *text, char **why)
{
	char *guest, *port;

	if (!protocol(p, text, why))
		return false;
	guest = strrchr(text, ':');
	if (guest == NULL)
		return fail(why, "%s", form);
	*guest++ = '\0';
	port = strrchr(text, ':');
	if (port != NULL) {
		*port++ = '\0';
		if (!host(p, text, why))
			return false;
	} else {
		port = text;
	}
	if (!number_parse(port, 0, 65535, &p->port))
		return fail(why,
			    "'%s' is not a port of the host (1 to 65535, "
			    "or 0 for any that is free); %s",
			    port, form);
	if (!number_parse(guest, 1, 65535, &p->guest))
		return fail(why, "'%s' is not a port between 1 and 65535; %s",
			    guest, form);
	return true;
}

bool publish_parse(struct publish *p, const char *arg, char **why)
{
	char *text = xstrdup(arg);
	bool ok;

	*p = (struct publish){.arg = xstrdup(arg)};
	ok = parse(p, text, why);
	free(text);
	return ok;
}

void publish_free(struct publish *p)
{
	free(p->arg);
	free(p->host);
	*p = (struct publish){0};
}

/*
 * Bind as the user network will: with SO_REUSEADDR, which lets a port pass that
 * only has connections of the past, and then listen, which shows a listener.
 * Returns errno or 0; *port is the port bound.
 */
static int try_bind(uint32_t addr, bool udp, unsigned *port)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)*port),
		.sin_addr.s_addr = htonl(addr),
	};
	socklen_t len = sizeof(sa);
	int fd, one = 1, error = 0;

	fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC,
		    0);
	if (fd < 0)
		return errno;
	if (!udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    (!udp && listen(fd, 1) < 0) ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		error = errno;
	else
		*port = ntohs(sa.sin_port);
	close(fd);
	return error;
}

bool publish_reserve(struct publish *p, char **why)
{
	uint32_t addr = INADDR_ANY;
	unsigned wanted = p->port;
	int error;

	if (p->host != NULL)
		ipv4_parse(p->host, &addr);
	error = try_bind(addr, p->udp, &p->port);
	if (error == 0)
		return true;
	if (error == EADDRINUSE)
		return fail(why, "%s port %u of the host is in use",
			    p->udp ? "UDP" : "TCP", wanted);
	if (error == EADDRNOTAVAIL)
		return fail(why, "%s is not an address of this host", p->host);
	return fail(why, "cannot listen on %s port %u: %s",
		    p->udp ? "UDP" : "TCP", wanted, strerror(error));
}

bool port_free(unsigned port, char **why)
{
	int error = try_bind(INADDR_LOOPBACK, false, &port);

	return error == 0 ||
	       fail(why,
		    error == EADDRINUSE ? "TCP port %u is in use"
					: "cannot listen on TCP port %u",
		    port);
}
