/* Inside the socket system calls. */
#ifndef RR_SOCKET_PRIVATE_H
#define RR_SOCKET_PRIVATE_H

#include "socket.h"

/* Take in a program's address, zero-padded: 0, -EINVAL, -EFAULT. */
int sockaddr_import(struct sockaddr_storage *ss, const void __user *p, int len);
/*
 * Give an address of len bytes to the program, as much as *ulen has room for;
 * *ulen becomes len.  0, -EINVAL, -EFAULT.
 */
int sockaddr_export(const struct sockaddr_storage *ss, int len, void __user *p,
		    int __user *ulen);
/* The family's entry, or NULL if it is not baked in. */
const struct socket_family *socket_family_find(int family);

#endif
