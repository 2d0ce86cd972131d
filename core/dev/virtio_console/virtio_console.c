/*
 * Consoles over virtio (virtio 5.3): with several named ports, those of the
 * launcher (core/PROTOCOL.md, 5); with one port, that is standard input and
 * output.
 */
#include "page.h"
#include "private.h"
#include <linux/errno.h>

static int port_queues(struct virtio_console *c, unsigned n)
{
	/* virtio 5.3.2: port 0 has queues 0 and 1, port n 2n+2 and 2n+3 */
	u16 in = (u16)(n ? 2 * n + 2 : 0);
	struct vcon_port *p = &c->port[n];
	int err;

	vcon_port_init(p);
	err = virtio_queue(c->vd, in, VCON_QUEUE, vcon_in_interrupt, p, &p->in);
	if (!err)
		err = virtio_queue(c->vd, (u16)(in + 1), VCON_QUEUE,
				   vcon_out_interrupt, p, &p->out);
	if (!err)
		virtq_disable_irq(p->out);
	return err;
}

static int start(struct virtio_console *c)
{
	u32 ports = 1;
	int err;

	if (virtio_has(c->vd, VIRTIO_CONSOLE_F_MULTIPORT))
		ports = virtio_config_field(
		    c->vd, struct virtio_console_config, max_nr_ports);
	if (!ports)
		return -EINVAL;
	c->ports = MIN(ports, (u32)VCON_PORTS);
	for (unsigned n = 0; n < c->ports; n++) {
		err = port_queues(c, n);
		if (err)
			return err;
	}
	if (virtio_has(c->vd, VIRTIO_CONSOLE_F_MULTIPORT))
		return vcon_control_init(c);
	return 0;
}

static u64 features(struct virtio_device *vd, u64 offered)
{
	return BIT(VIRTIO_CONSOLE_F_MULTIPORT);
}

static int probe(struct virtio_device *vd)
{
	struct virtio_console *c = kzalloc(sizeof(*c), 0);
	int err;

	if (!c)
		return -ENOMEM;
	c->vd = vd;
	vd->priv = c;
	vcon_lines_init(c);
	err = start(c);
	if (err) {
		virtio_stop(vd);
		kfree(c);
		return err;
	}
	if (virtio_has(vd, VIRTIO_CONSOLE_F_MULTIPORT)) {
		stream_expect();
		virtio_ready(vd);
		work_queue(&c->control_work);
	} else {
		virtio_ready(vd);
		vcon_port_start(&c->port[0], STREAM_STDIO);
	}
	return 0;
}

static const struct virtio_driver virtio_console = {
	.name = "virtio_console",
	.id = VIRTIO_ID_CONSOLE,
	.features = features,
	.probe = probe,
};
VIRTIO_DRIVER(virtio_console);
