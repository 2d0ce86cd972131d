/* The options of level SOL_SOCKET (socket(7)). */
#include "private.h"
#include "process.h"
#include "string.h"
#include "uaccess.h"
#include <linux/if.h>
#include <linux/time_types.h>

/* SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF of Linux: what getsockopt shows at least. */
#define MIN_RCVBUF 2304u
#define MIN_SNDBUF 4608u

static bool privileged(void)
{
	return current_process()->euid == 0;
}

/*
 * The value that getsockopt will show: Linux doubles what is asked for, to make
 * room for its bookkeeping.
 */
static u32 buffer_size(int v, u32 max, u32 min, bool force)
{
	u64 want = v < 0 ? (force ? 0 : INT32_MAX / 2) : (u64)v;

	if (!force)
		want = MIN(want, (u64)max / 2);
	want = MIN(want * 2, (u64)INT32_MAX);
	return MAX((u32)want, min);
}

static void set_rcvbuf(struct socket *s, int v, bool force)
{
	s->opt.rcvbuf = buffer_size(v, socket_rcvbuf_max, MIN_RCVBUF, force);
	s->opt.rcvbuf_locked = true;
}

static void set_sndbuf(struct socket *s, int v, bool force)
{
	s->opt.sndbuf = buffer_size(v, socket_sndbuf_max, MIN_SNDBUF, force);
	s->opt.sndbuf_locked = true;
}

static int set_timeout(nsec_t *t, const void *val, int len)
{
	struct __kernel_old_timeval tv;

	if ((size_t)len < sizeof(tv))
		return -EINVAL;
	memcpy(&tv, val, sizeof(tv));
	if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
		return -EDOM;
	if (tv.tv_sec < 0) {
		*t = 1; /* as Linux: do not wait */
		return 0;
	}
	if ((u64)tv.tv_sec > NSEC_FOREVER / NSEC_PER_SEC / 4)
		*t = 0;
	else
		*t = tv.tv_sec * NSEC_PER_SEC + tv.tv_usec * NSEC_PER_USEC;
	return 0;
}

static int set_device(struct socket *s, const char *val, int len)
{
	char name[IFNAMSIZ] = {0};
	int idx;

	memcpy(name, val, MIN(len, IFNAMSIZ - 1));
	if (!s->ops->device_index)
		return -ENOPROTOOPT;
	idx = s->ops->device_index(name);
	if (idx < 0)
		return idx;
	s->opt.bound_device = idx;
	return 0;
}

static int set_linger(struct socket *s, const void *val, int len)
{
	struct linger l;

	if ((size_t)len < sizeof(l))
		return -EINVAL;
	memcpy(&l, val, sizeof(l));
	s->opt.linger = l.l_onoff;
	s->opt.linger_seconds = l.l_onoff ? (u32)l.l_linger : 0;
	return 0;
}

/* Options that are an int. */
static int set_int(struct socket *s, int name, int v)
{
	struct socket_options *o = &s->opt;
	bool on = v != 0;

	switch (name) {
	case SO_REUSEADDR:
		o->reuseaddr = on;
		return 0;
	case SO_REUSEPORT:
		if (s->family != AF_INET && s->family != AF_INET6)
			return -EOPNOTSUPP;
		o->reuseport = on;
		return 0;
	case SO_KEEPALIVE:
		o->keepalive = on;
		return 0;
	case SO_BROADCAST:
		o->broadcast = on;
		return 0;
	case SO_OOBINLINE:
		o->oobinline = on;
		return 0;
	case SO_DONTROUTE:
		o->dontroute = on;
		return 0;
	case SO_TIMESTAMP_OLD:
		o->timestamp = on;
		o->timestampns = false;
		return 0;
	case SO_TIMESTAMPNS_OLD:
		o->timestampns = on;
		o->timestamp = false;
		return 0;
	case SO_PASSCRED:
		if (s->family != AF_UNIX && s->family != AF_NETLINK)
			return -EOPNOTSUPP;
		o->passcred = on;
		return 0;
	case SO_NO_CHECK:
		o->no_check = on;
		return 0;
	case SO_RCVBUF:
		set_rcvbuf(s, v, false);
		return 0;
	case SO_SNDBUF:
		set_sndbuf(s, v, false);
		return 0;
	case SO_RCVBUFFORCE:
		if (!privileged())
			return -EPERM;
		set_rcvbuf(s, v, true);
		return 0;
	case SO_SNDBUFFORCE:
		if (!privileged())
			return -EPERM;
		set_sndbuf(s, v, true);
		return 0;
	case SO_PRIORITY:
		if ((v < 0 || v > 6) && !privileged())
			return -EPERM;
		o->priority = v;
		return 0;
	case SO_MARK:
		if (!privileged())
			return -EPERM;
		o->mark = v;
		return 0;
	case SO_RCVLOWAT:
		o->rcvlowat = v < 0 ? INT32_MAX : v ? v : 1;
		return 0;
	case SO_INCOMING_CPU:
		o->incoming_cpu = v;
		return 0;
	case SO_TYPE:
	case SO_PROTOCOL:
	case SO_DOMAIN:
	case SO_ERROR:
	case SO_ACCEPTCONN:
	case SO_SNDLOWAT:
	default:
		return -ENOPROTOOPT;
	}
}

int socket_setsockopt(struct socket *s, int name, const void *val, int len)
{
	int v, err;

	mutex_lock(&s->lock);
	if (name == SO_BINDTODEVICE) {
		err = set_device(s, val, len);
	} else if (len < (int)sizeof(int)) {
		err = -EINVAL;
	} else if (name == SO_LINGER) {
		err = set_linger(s, val, len);
	} else if (name == SO_RCVTIMEO_OLD || name == SO_RCVTIMEO_NEW) {
		err = set_timeout(&s->opt.rcvtimeo, val, len);
	} else if (name == SO_SNDTIMEO_OLD || name == SO_SNDTIMEO_NEW) {
		err = set_timeout(&s->opt.sndtimeo, val, len);
	} else {
		memcpy(&v, val, sizeof(v));
		err = set_int(s, name, v);
	}
	if (!err && s->ops->option_changed)
		s->ops->option_changed(s, name);
	mutex_unlock(&s->lock);
	return err;
}

static int get_int(struct socket *s, int name, int *v)
{
	const struct socket_options *o = &s->opt;

	switch (name) {
	case SO_REUSEADDR:
		*v = o->reuseaddr;
		return 0;
	case SO_REUSEPORT:
		*v = o->reuseport;
		return 0;
	case SO_KEEPALIVE:
		*v = o->keepalive;
		return 0;
	case SO_BROADCAST:
		*v = o->broadcast;
		return 0;
	case SO_OOBINLINE:
		*v = o->oobinline;
		return 0;
	case SO_DONTROUTE:
		*v = o->dontroute;
		return 0;
	case SO_TIMESTAMP_OLD:
		*v = o->timestamp;
		return 0;
	case SO_TIMESTAMPNS_OLD:
		*v = o->timestampns;
		return 0;
	case SO_PASSCRED:
		if (s->family != AF_UNIX && s->family != AF_NETLINK)
			return -EOPNOTSUPP;
		*v = o->passcred;
		return 0;
	case SO_NO_CHECK:
		*v = o->no_check;
		return 0;
	case SO_RCVBUF:
		*v = o->rcvbuf;
		return 0;
	case SO_SNDBUF:
		*v = o->sndbuf;
		return 0;
	case SO_PRIORITY:
		*v = o->priority;
		return 0;
	case SO_MARK:
		*v = o->mark;
		return 0;
	case SO_RCVLOWAT:
		*v = o->rcvlowat;
		return 0;
	case SO_SNDLOWAT:
		*v = 1;
		return 0;
	case SO_INCOMING_CPU:
		*v = o->incoming_cpu;
		return 0;
	case SO_TYPE:
		*v = s->type;
		return 0;
	case SO_PROTOCOL:
		*v = s->protocol;
		return 0;
	case SO_DOMAIN:
		*v = s->family;
		return 0;
	case SO_ERROR:
		*v = -socket_take_error(s);
		return 0;
	case SO_ACCEPTCONN:
		*v = s->listening;
		return 0;
	case SO_BINDTOIFINDEX:
		*v = o->bound_device;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static void timeval_from(struct __kernel_old_timeval *tv, nsec_t t)
{
	tv->tv_sec = t / NSEC_PER_SEC;
	tv->tv_usec = t % NSEC_PER_SEC / NSEC_PER_USEC;
}

int socket_getsockopt(struct socket *s, int name, void *val, int *len)
{
	struct __kernel_old_timeval tv;
	struct linger l;
	const void *src;
	size_t n;
	int v, err;

	if (name == SO_PEERCRED) {
		src = &s->peer;
		n = sizeof(s->peer);
	} else if (name == SO_LINGER) {
		l.l_onoff = s->opt.linger;
		l.l_linger = s->opt.linger_seconds;
		src = &l;
		n = sizeof(l);
	} else if (name == SO_RCVTIMEO_OLD || name == SO_SNDTIMEO_OLD ||
		   name == SO_RCVTIMEO_NEW || name == SO_SNDTIMEO_NEW) {
		bool rx = name == SO_RCVTIMEO_OLD || name == SO_RCVTIMEO_NEW;

		timeval_from(&tv, rx ? s->opt.rcvtimeo : s->opt.sndtimeo);
		src = &tv;
		n = sizeof(tv);
	} else {
		err = get_int(s, name, &v);
		if (err)
			return err;
		src = &v;
		n = sizeof(v);
	}
	n = MIN(n, (size_t)*len);
	memcpy(val, src, n);
	*len = n;
	return 0;
}
