/* /proc/net/unix (proc(5)). */
#include "unix.h"
#include "log.h"
#include "procfile.h"

#define say(...)                                                               \
	(len += ksnprintf(len < size ? buf + len : NULL,                       \
			  len < size ? size - len : 0, __VA_ARGS__))

static size_t show(char *buf, size_t size)
{
	size_t len = 0;
	struct unix_sock *u;

	say("Num       RefCount Protocol Flags    Type St Inode Path\n");
	mutex_lock(&unix_lock);
	for (u = NULL; (u = unix_next(u));) {
		/* SS_UNCONNECTED, SS_CONNECTED; __SO_ACCEPTCON */
		say("%016x: %08X 00000000 %08X %04X %02X %5u", 0, u->s.refs,
		    u->state == UNIX_LISTENING ? 1u << 16 : 0, u->s.type,
		    u->state == UNIX_CONNECTED ? 3 : 1, u->s.ino);
		if (u->addr) {
			int n = u->addr->len -
				(int)offsetof(struct sockaddr_un, sun_path);
			const char *p = u->addr->sun.sun_path;

			/* An abstract name, and NULs in it, show as @. */
			say(" ");
			for (int i = 0; i < n && (p[i] || !p[0]); i++)
				say("%c", p[i] ? p[i] : '@');
		}
		say("\n");
	}
	mutex_unlock(&unix_lock);
	return len;
}

static const struct proc_file f_unix = {"unix", show, NULL};
PROC_NET(f_unix);
