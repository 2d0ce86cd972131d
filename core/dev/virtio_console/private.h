/* virtio console ports: what the files of this folder share. */
#ifndef RR_VIRTIO_CONSOLE_PRIVATE_H
#define RR_VIRTIO_CONSOLE_PRIVATE_H

#include "chardev.h"
#include "init.h"
#include "sync.h"
#include "virtio.h"
#include <linux/virtio_console.h>

/* Ports 0 to 3; the launcher's have the numbers 1, 2 and 3. */
#define VCON_PORTS 4
#define VCON_QUEUE 32u /* descriptors of a queue */

/* A piece of output, from kmalloc, the device's while in flight. */
struct vcon_chunk {
	u32 len;
	u8 data[];
};

/* A buffer for input: the device's, or full and in port->full. */
struct vcon_input {
	struct list link;
	u32 len, taken;
	u8 data[];
};

struct vcon_port {
	struct stream_port stream;
	struct waitq wait;
	struct virtq *in, *out;
	spinlock_t lock; /* interrupts off: the queues and what follows */
	bool added, gone;
	bool in_use;       /* carries a stream */
	u32 out_bytes;     /* in flight */
	unsigned out_count;
	struct list full;  /* of vcon_input */
	u64 in_taken;      /* bytes read so far */
	u64 in_end;        /* control line eof; UINT64_MAX: not yet */
};

struct virtio_console {
	struct virtio_device *vd;
	struct vcon_port port[VCON_PORTS];
	unsigned ports; /* that have queues */
	/* Control queues: used by the worker thread alone. */
	struct virtq *ctrl_in, *ctrl_out;
	struct work control_work;
	bool told_ready, settled;
	/* Carried by the control port: its lines. */
	struct work line_work;
	struct waiter line_waiter;
	struct vcon_port *line_port;
	char line[64];
	unsigned line_len;
};

/* port.c */
void vcon_port_init(struct vcon_port *p);
/* Carry stream s from now on.  Kernel thread. */
void vcon_port_start(struct vcon_port *p, enum stream s);
/* Callbacks of the queues; q->priv is the port. */
void vcon_in_interrupt(struct virtq *q);
void vcon_out_interrupt(struct virtq *q);

/* lines.c: have the lines of the control port obeyed. */
void vcon_lines_init(struct virtio_console *c);
void vcon_lines_start(struct virtio_console *c, struct vcon_port *p);

/* control.c: multiport discovery. */
int vcon_control_init(struct virtio_console *c);
void vcon_control_fini(struct virtio_console *c);

#endif
