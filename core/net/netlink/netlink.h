/*
 * AF_NETLINK, protocol NETLINK_ROUTE, to ask for interfaces and addresses
 * (rtnetlink(7)): getifaddrs and if_nameindex of C libraries use it.  Nothing can
 * be changed through it.
 */
#ifndef RR_NETLINK_H
#define RR_NETLINK_H

#include "socket.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

/* A datagram being built for the program. */
struct nl_reply {
	struct list link;
	size_t len;
	u8 data[];
};

/* Room in one; programs read with 4 or 8 KiB. */
#define NL_REPLY_MAX 3840

struct nl_sock {
	struct socket s;
	u32 pid;         /* its address; 0: none yet.  s->lock */
	spinlock_t spin;
	struct list rx;  /* of nl_reply; spin */
	u32 rx_count;
};

/* ---- netlink.c ---- */

/*
 * Begin a message in the replies being collected in list; NULL: no memory.
 * Its header is filled in but for nlmsg_len, which nl_end sets.
 */
struct nlmsghdr *nl_begin(struct list *list, const struct nlmsghdr *request,
			  u32 pid, u16 type, u16 flags, size_t room);
/* Reserve n bytes at the end of the message, zeroed, aligned. */
void *nl_put(struct nlmsghdr *h, size_t n);
void nl_attribute(struct nlmsghdr *h, u16 type, const void *data, size_t n);
void nl_end(struct list *list, struct nlmsghdr *h);

/* ---- route.c ---- */

/*
 * Answer a dump request: append to list.  0, or -errno for the error message that
 * answers it instead (-EOPNOTSUPP, -EPERM).
 */
int rtnetlink_answer(const struct nlmsghdr *request, size_t len, u32 pid,
		     struct list *list);

#endif
