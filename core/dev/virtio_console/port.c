/*
 * One port as a stream.
 *
 * Output is copied into chunks which the device takes one by one; so much of it
 * may be in flight, then writers wait.  Input buffers that are full wait for
 * readers before the device gets them again: that is the back-pressure.
 */
#include "page.h"
#include "private.h"
#include "string.h"
#include "syscall.h"
#include <linux/eventpoll.h>

#define OUT_LIMIT (32u << 10)
#define CHUNK_MAX ((u32)(PAGE_SIZE - sizeof(struct vcon_chunk)))
#define INPUT_SIZE (2048u - (u32)sizeof(struct vcon_input))
#define INPUT_BUFFERS 4

static struct vcon_port *to_port(struct stream_port *sp)
{
	return container_of(sp, struct vcon_port, stream);
}

/* ---- output ---- */

/* Free what the device has taken; lock held. */
static void reclaim(struct vcon_port *p)
{
	struct vcon_chunk *c;

	while ((c = virtq_get(p->out, NULL))) {
		p->out_bytes -= c->len;
		p->out_count--;
		kfree(c);
	}
}

/* May another chunk go out?  Lock held.  If not, there will be an interrupt. */
static bool has_room(struct vcon_port *p)
{
	for (;;) {
		reclaim(p);
		if (p->out->broken || p->gone ||
		    (p->out->free && p->out_bytes < OUT_LIMIT))
			return true;
		if (!virtq_enable_irq(p->out))
			return false;
		virtq_disable_irq(p->out);
	}
}

static bool port_writable(struct stream_port *sp)
{
	struct vcon_port *p = to_port(sp);
	u64 flags = spin_lock_irqsave(&p->lock);
	bool yes = has_room(p);

	spin_unlock_irqrestore(&p->lock, flags);
	return yes;
}

/*
 * 1: the chunk is on its way; 0: no room now; the port is gone: it is dropped.
 */
static bool send(struct vcon_port *p, struct vcon_chunk *c)
{
	struct virtio_buf buf = {c->data, c->len};
	u64 flags = spin_lock_irqsave(&p->lock);
	bool sent = false, taken = has_room(p);

	if (taken && !p->gone && !virtq_add(p->out, &buf, 1, 0, c, NULL)) {
		p->out_bytes += c->len;
		p->out_count++;
		virtq_kick(p->out);
		sent = true;
	}
	spin_unlock_irqrestore(&p->lock, flags);
	if (taken && !sent)
		kfree(c);
	return taken;
}

static ssize_t port_write(struct stream_port *sp, const void *buf, size_t n,
			  bool nonblocking)
{
	struct vcon_port *p = to_port(sp);
	u32 len = (u32)MIN(n, (size_t)CHUNK_MAX);
	struct vcon_chunk *c;

	if (!n)
		return 0;
	if (nonblocking && !port_writable(sp))
		return 0;
	c = kmalloc(sizeof(*c) + len, ALLOC_WAIT);
	if (!c)
		return -ENOMEM;
	c->len = len;
	memcpy(c->data, buf, len);
	while (!send(p, c)) {
		int err = nonblocking ? -EAGAIN :
			  wait_event_interruptible(&p->wait, port_writable(sp));

		if (err) {
			kfree(c);
			return err == -EAGAIN ? 0 : err;
		}
	}
	return (ssize_t)len;
}

static bool drained(struct vcon_port *p)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	bool yes;

	do {
		virtq_disable_irq(p->out);
		reclaim(p);
		yes = !p->out_count || p->out->broken || p->gone;
	} while (!yes && virtq_enable_irq(p->out));
	spin_unlock_irqrestore(&p->lock, flags);
	return yes;
}

static void port_drain(struct stream_port *sp, nsec_t deadline)
{
	struct vcon_port *p = to_port(sp);

	(void)wait_event_common(&p->wait, drained(p), false, deadline, false);
}

void vcon_out_interrupt(struct virtq *q)
{
	struct vcon_port *p = q->priv;

	virtq_disable_irq(q);
	waitq_wake(&p->wait, WAKE_ALL, EPOLLOUT);
}

/* ---- input ---- */

static void post(struct vcon_port *p, struct vcon_input *i)
{
	struct virtio_buf buf = {i->data, INPUT_SIZE};

	if (virtq_add(p->in, &buf, 0, 1, i, NULL))
		kfree(i);
}

void vcon_in_interrupt(struct virtq *q)
{
	struct vcon_port *p = q->priv;
	struct vcon_input *i;
	u32 n;

	spin_lock(&p->lock);
	while ((i = virtq_get(q, &n))) {
		i->len = n;
		i->taken = 0;
		if (n)
			list_append(&p->full, &i->link);
		else
			post(p, i);
	}
	virtq_kick(q);
	spin_unlock(&p->lock);
	waitq_wake(&p->wait, WAKE_ALL, EPOLLIN);
}

static size_t port_read(struct stream_port *sp, void *buf, size_t n)
{
	struct vcon_port *p = to_port(sp);
	u64 flags = spin_lock_irqsave(&p->lock);
	size_t got = 0;

	while (got < n && !list_empty(&p->full)) {
		struct vcon_input *i =
		    list_first(&p->full, struct vcon_input, link);
		u32 piece = (u32)MIN(n - got, (size_t)(i->len - i->taken));

		memcpy((u8 *)buf + got, i->data + i->taken, piece);
		got += piece;
		i->taken += piece;
		if (i->taken == i->len) {
			list_del(&i->link);
			post(p, i);
		}
	}
	p->in_taken += got;
	virtq_kick(p->in);
	spin_unlock_irqrestore(&p->lock, flags);
	return got;
}

static bool port_readable(struct stream_port *sp)
{
	return !list_empty(&to_port(sp)->full);
}

static bool port_eof(struct stream_port *sp)
{
	struct vcon_port *p = to_port(sp);
	u64 flags = spin_lock_irqsave(&p->lock);
	bool yes = list_empty(&p->full) &&
		   (p->gone || p->in_taken >= p->in_end);

	spin_unlock_irqrestore(&p->lock, flags);
	return yes;
}

/* ---- life ---- */

static struct vcon_port *stdio;

static void input_end(u64 n)
{
	u64 flags = spin_lock_irqsave(&stdio->lock);

	stdio->in_end = n;
	spin_unlock_irqrestore(&stdio->lock, flags);
	waitq_wake(&stdio->wait, WAKE_ALL, EPOLLIN | EPOLLHUP);
}

void vcon_port_init(struct vcon_port *p)
{
	spin_init(&p->lock);
	waitq_init(&p->wait);
	list_init(&p->full);
	p->in_end = UINT64_MAX;
}

static void post_input(struct vcon_port *p)
{
	for (unsigned n = 0; n < INPUT_BUFFERS; n++) {
		struct vcon_input *i = kmalloc(sizeof(*i) + INPUT_SIZE, 0);
		u64 flags;

		if (!i)
			break;
		list_init(&i->link);
		flags = spin_lock_irqsave(&p->lock);
		post(p, i);
		virtq_kick(p->in);
		spin_unlock_irqrestore(&p->lock, flags);
	}
}

void vcon_port_start(struct vcon_port *p, enum stream s)
{
	if (p->in_use)
		return;
	p->in_use = true;
	p->stream = (struct stream_port){
		.stream = s,
		.write = port_write,
		.read = port_read,
		.readable = port_readable,
		.writable = port_writable,
		.eof = port_eof,
		.drain = port_drain,
		.wait = &p->wait,
	};
	if (s != STREAM_STDERR)
		post_input(p);
	if (s == STREAM_STDIO) {
		stdio = p;
		stream_input_end = input_end;
	}
	stream_register(&p->stream);
}
