/*
 * Which ports there are and what they are called: the control queues (virtio
 * 5.3.6).  All of it runs in the worker thread.
 */
#include "log.h"
#include "page.h"
#include "private.h"
#include "string.h"
#include <linux/errno.h>

/*
 * A device drops messages for which it finds no buffer: enough for three from
 * every port that it may have.
 */
#define MESSAGES VCON_QUEUE
#define NAME_MAX_LEN 32

struct message {
	struct virtio_console_control head;
	char name[NAME_MAX_LEN];
};

static int post(struct virtio_console *c, struct message *m)
{
	struct virtio_buf buf = {m, sizeof(*m)};

	return virtq_add(c->ctrl_in, &buf, 0, 1, m, NULL);
}

static void reclaim(struct virtio_console *c)
{
	void *m;

	while ((m = virtq_get(c->ctrl_out, NULL)))
		kfree(m);
}

static void send(struct virtio_console *c, u32 id, u16 event, u16 value)
{
	struct virtio_console_control *m = kmalloc(sizeof(*m), 0);
	struct virtio_buf buf = {m, sizeof(*m)};

	if (!m)
		return;
	m->id = id;
	m->event = event;
	m->value = value;
	if (virtq_add(c->ctrl_out, &buf, 1, 0, m, NULL))
		kfree(m);
	virtq_kick(c->ctrl_out);
}

static void port_named(struct virtio_console *c, u32 id, const char *name)
{
	static const char *const names[STREAM_COUNT] = {
		[STREAM_STDIO] = "rumprun.stdio",
		[STREAM_STDERR] = "rumprun.stderr",
		[STREAM_CONTROL] = "rumprun.control",
	};
	struct vcon_port *p = &c->port[id];

	for (unsigned s = 0; s < STREAM_COUNT; s++) {
		if (strcmp(name, names[s]) || p->in_use)
			continue;
		vcon_port_start(p, (enum stream)s);
		if (s == STREAM_CONTROL)
			vcon_lines_start(c, p);
		send(c, id, VIRTIO_CONSOLE_PORT_OPEN, 1);
	}
}

static void port_removed(struct vcon_port *p)
{
	u64 flags = spin_lock_irqsave(&p->lock);

	p->gone = true;
	spin_unlock_irqrestore(&p->lock, flags);
	waitq_wake_all(&p->wait);
}

/* n bytes of a message, of which the name may not be terminated. */
static void handle(struct virtio_console *c, struct message *m, u32 n)
{
	u32 id = m->head.id;

	if (n < sizeof(m->head))
		return;
	if (id >= c->ports) {
		/* Others are none of ours; say so where an answer is due. */
		if (m->head.event == VIRTIO_CONSOLE_PORT_ADD)
			send(c, id, VIRTIO_CONSOLE_PORT_READY, 0);
		return;
	}
	switch (m->head.event) {
	case VIRTIO_CONSOLE_PORT_ADD:
		if (c->port[id].added)
			break;
		c->port[id].added = true;
		send(c, id, VIRTIO_CONSOLE_PORT_READY, 1);
		break;
	case VIRTIO_CONSOLE_PORT_NAME:
		n -= (u32)sizeof(m->head);
		m->name[MIN(n, (u32)sizeof(m->name) - 1)] = '\0';
		port_named(c, id, m->name);
		break;
	case VIRTIO_CONSOLE_PORT_REMOVE:
		port_removed(&c->port[id]);
		break;
	default: /* PORT_OPEN, CONSOLE_PORT, RESIZE: nothing to do */
		break;
	}
}

/*
 * All that the device has to say has been said when it has taken all our
 * messages and we all of its: it answers a message before it gives it back.
 */
static void check_settled(struct virtio_console *c)
{
	reclaim(c);
	if (c->settled || c->ctrl_out->free < c->ctrl_out->size ||
	    virtq_pending(c->ctrl_in))
		return;
	c->settled = true;
	stream_settled();
}

static void run(struct work *w)
{
	struct virtio_console *c =
	    container_of(w, struct virtio_console, control_work);
	struct message *m, copy;
	u32 n;

	if (!c->told_ready) {
		c->told_ready = true;
		virtq_kick(c->ctrl_in);
		send(c, 0, VIRTIO_CONSOLE_DEVICE_READY, 1);
	}
	while ((m = virtq_get(c->ctrl_in, &n))) {
		copy = *m;
		if (post(c, m))
			kfree(m);
		virtq_kick(c->ctrl_in);
		handle(c, &copy, n);
	}
	check_settled(c);
}

static void interrupt(struct virtq *q)
{
	struct virtio_console *c = q->priv;

	work_queue(&c->control_work);
}

int vcon_control_init(struct virtio_console *c)
{
	int err;

	list_init(&c->control_work.link);
	c->control_work.fn = run;
	/* virtio 5.3.2: queues 2 and 3 */
	err = virtio_queue(c->vd, 2, MESSAGES, interrupt, c, &c->ctrl_in);
	if (!err)
		err = virtio_queue(c->vd, 3, VCON_QUEUE, interrupt, c,
				   &c->ctrl_out);
	if (err)
		return err;
	for (unsigned i = 0; i < c->ctrl_in->size; i++) {
		struct message *m = kzalloc(sizeof(*m), 0);

		if (!m || post(c, m)) {
			kfree(m);
			vcon_control_fini(c);
			return -ENOMEM;
		}
	}
	return 0;
}

void vcon_control_fini(struct virtio_console *c)
{
	void *m;

	while ((m = virtq_take_back(c->ctrl_in)))
		kfree(m);
}
