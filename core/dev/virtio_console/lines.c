/* The control port: bytes to lines (core/PROTOCOL.md, 5). */
#include "log.h"
#include "private.h"

static void line_byte(struct virtio_console *c, char ch)
{
	if (ch != '\n') {
		/* Too long: what is kept is not a valid line either. */
		if (c->line_len < sizeof(c->line) - 1)
			c->line[c->line_len++] = ch;
		return;
	}
	c->line[c->line_len] = '\0';
	c->line_len = 0;
	control_line(c->line);
}

static void read_lines(struct work *w)
{
	struct virtio_console *c =
	    container_of(w, struct virtio_console, line_work);
	struct stream_port *sp = &c->line_port->stream;
	char buf[64];
	size_t n;

	while ((n = sp->read(sp, buf, sizeof(buf))))
		for (size_t i = 0; i < n; i++)
			line_byte(c, buf[i]);
}

static bool arrived(struct waiter *w, u32 events)
{
	struct virtio_console *c =
	    container_of(w, struct virtio_console, line_waiter);

	work_queue(&c->line_work);
	return true;
}

void vcon_lines_init(struct virtio_console *c)
{
	list_init(&c->line_work.link);
	c->line_work.fn = read_lines;
}

void vcon_lines_start(struct virtio_console *c, struct vcon_port *p)
{
	if (c->line_port)
		return;
	c->line_port = p;
	list_init(&c->line_waiter.link);
	c->line_waiter.wake = arrived;
	waitq_add(&p->wait, &c->line_waiter);
	work_queue(&c->line_work);
}
