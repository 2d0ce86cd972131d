/* Linux's <linux/if.h> wants struct sockaddr from here when it is not in libc. */
#include <socket.h>
