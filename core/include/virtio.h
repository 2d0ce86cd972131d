/*
 * Virtio devices (Virtual I/O Device specification, version 1.2; "virtio" with
 * a section number in comments of the drivers means that document).
 *
 * Three parties: a transport (PCI, MMIO) finds devices and gives access to
 * their registers; the core (dev/virtio) negotiates and runs the queues; a
 * driver for one kind of device uses queues and configuration fields.  What a
 * device says is outside data: lengths and indices are checked here, contents
 * in the drivers.
 *
 * All fields are little-endian, as are the processors we run on; the legacy
 * interface's guest order is then the same.
 */
#ifndef RR_VIRTIO_H
#define RR_VIRTIO_H

#include "linkset.h"
#include "list.h"
#include "spinlock.h"
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>

struct virtio_device;
struct virtq;

/* A piece of memory that the device reads or writes, in the direct map. */
struct virtio_buf {
	const void *data;
	u32 len; /* > 0 */
};

/* What the driver remembers of a descriptor; the device cannot reach it. */
struct virtq_slot {
	void *cookie;  /* of the chain that starts here; NULL: none in flight */
	u32 writable;  /* bytes that the device may write to the chain */
	u16 count;     /* descriptors of the chain */
	u16 next;      /* of the chain, or of the free list */
};

/*
 * A split virtqueue (virtio 2.7).  The driver serialises all calls on one
 * queue, except that virtq_disable_irq may be called by the queue's own
 * callback at any time.
 */
struct virtq {
	struct virtio_device *dev;
	u16 index;          /* number on the device */
	u16 size;           /* descriptors, a power of two */
	u16 free;           /* descriptors not in use */
	u16 free_head;
	u16 avail_idx;      /* next to publish */
	u16 kicked;         /* avail_idx when the device was last told */
	u16 last_used;      /* next to take from the used ring */
	bool event_idx, indirect, irq_off;
	bool broken;        /* the device wrote nonsense: no longer used */
	struct vring ring;
	struct virtq_slot *slots;
	void *memory;       /* of ring */
	unsigned order;     /* of memory, if it is whole pages */
	bool in_pages;
	/* Called in interrupt context: buffers were used (or not: spurious). */
	void (*callback)(struct virtq *q);
	void *priv;         /* the driver's */
	void *transport;    /* the transport's: which vector */
	volatile void *doorbell; /* the transport's: where to notify */
	struct list link;   /* dev->queues */
};

/*
 * Give the device a chain: out readable pieces, then in writable ones.  cookie
 * is not NULL and comes back from virtq_get; the memory is the device's until
 * then. table: NULL, or room for out + in descriptors in the direct map, the
 * device's as long as the rest; used if the device takes indirect descriptors
 * (virtio 2.7.5.3), so that the chain costs one descriptor of the ring.  The
 * device is not told yet.  0, -ENOSPC (not enough descriptors now), or -EIO
 * (broken).
 */
int virtq_add(struct virtq *q, const struct virtio_buf *buf, unsigned out,
	      unsigned in, void *cookie, struct vring_desc *table);
/*
 * Tell the device of what was added since the last call, if it wants to know.
 */
void virtq_kick(struct virtq *q);
/*
 * The cookie of a chain that the device is done with, or NULL.  *written (may
 * be NULL): how many bytes it says it wrote, never more than it was given.
 */
void *virtq_get(struct virtq *q, u32 *written);
/*
 * Take back the chains that the device still has, one a call, after it was
 * reset or broke; NULL: no more.
 */
void *virtq_take_back(struct virtq *q);
/* Is there something for virtq_get?  No lock needed; a hint. */
bool virtq_pending(const struct virtq *q);
/* Ask for no callbacks (the device may still interrupt now and then). */
void virtq_disable_irq(struct virtq *q);
/* Ask for one; true: something is there already, and no callback may come. */
bool __must_check virtq_enable_irq(struct virtq *q);
/* The same, once most of what is in flight has been used. */
bool __must_check virtq_enable_irq_delayed(struct virtq *q);

/* For the core and tests: ring memory for size descriptors; 0 or -ENOMEM. */
int virtq_init(struct virtq *q, unsigned size, bool legacy, u64 features);
void virtq_fini(struct virtq *q);

/* How a transport reaches its device; all contexts unless stated otherwise. */
struct virtio_transport {
	u8 (*get_status)(struct virtio_device *d);
	void (*set_status)(struct virtio_device *d, u8 status);
	/* After each reset, before anything else; may be NULL. */
	void (*prepare)(struct virtio_device *d);
	u64 (*get_features)(struct virtio_device *d);
	void (*set_features)(struct virtio_device *d, u64 features);
	/*
	 * n bytes of configuration space at off; reads beyond its end give 0.
	 */
	void (*read_config)(struct virtio_device *d, u32 off, void *buf, u32 n);
	/* Changes whenever the configuration does; legacy devices: always 0. */
	u32 (*generation)(struct virtio_device *d);
	/* The largest size of queue index; 0: there is no such queue. */
	u16 (*queue_max)(struct virtio_device *d, u16 index);
	/* Is the size fixed at that? */
	bool fixed_queue_size;
	/*
	 * Tell the device where q lies, see that its interrupts reach
	 * virtio_interrupt.  May sleep.  0 or -errno.
	 */
	int (*queue_start)(struct virtio_device *d, struct virtq *q);
	void (*notify)(struct virtq *q);
};

/*
 * n bytes at off of the configuration space that is mapped at p, in the width of its
 * fields (virtio 4.1.3.1, 4.2.2.2).
 */
void virtio_read_fields(const volatile u8 *p, u32 off, void *buf, u32 n);

struct virtio_driver;

struct virtio_device {
	u32 id;            /* VIRTIO_ID_* */
	char where[24];    /* "pci 00:03.0", for messages */
	bool legacy;       /* no VIRTIO_F_VERSION_1: the pre-1.0 layouts */
	u64 offered;       /* features that the device has */
	u64 features;      /* those in use */
	const struct virtio_transport *ops;
	const struct virtio_driver *driver;
	/* Interrupt context: the configuration changed.  May be NULL. */
	void (*config_changed)(struct virtio_device *d);
	spinlock_t lock;   /* queues; held while callbacks run */
	struct list queues;
	void *priv;        /* the driver's */
};

struct virtio_driver {
	const char *name;
	u32 id;
	/*
	 * Which of the offered features to use; ring features and VERSION_1 are
	 * added by the core.
	 */
	u64 (*features)(struct virtio_device *d, u64 offered);
	/*
	 * Set up queues and start (virtio_ready).  In a kernel thread; waits
	 * for nothing.  0 or -errno; then the core resets the device and frees
	 * its queues.
	 */
	int (*probe)(struct virtio_device *d);
};

/* Make a driver known; the bus components find it in this set. */
#define VIRTIO_DRIVER(driver) LINKSET(virtio_drivers, driver)

/*
 * For transports: before interrupts are attached; and then: a device was found,
 * id, where, ops and legacy are set.  Finds the driver and starts it; a device
 * without driver is left alone.  d must live for ever.
 */
void virtio_device_init(struct virtio_device *d);
void virtio_device_add(struct virtio_device *d);
/*
 * For transports, in interrupt context: something happened on a queue, on
 * queues that q->transport does not tell apart (vector: NULL: all of them, else
 * those with q->transport == vector), to the configuration.
 */
void virtio_interrupt(struct virtio_device *d, const void *vector);
void virtio_config_interrupt(struct virtio_device *d);

/* ---- for drivers ---- */

static inline bool virtio_has(const struct virtio_device *d, unsigned feature)
{
	return d->features & BIT(feature);
}

/*
 * Queue number index with at most max_size descriptors.  callback NULL: no
 * interrupts.  Returns 0, -ENOENT (no such queue), -ENOMEM ...; freed by the
 * core if probe fails.
 */
int virtio_queue(struct virtio_device *d, u16 index, unsigned max_size,
		 void (*callback)(struct virtq *q), void *priv,
		 struct virtq **out);
/*
 * For a probe that fails: no callback runs any more, and what they use may be
 * freed.  The queues are gone.
 */
void virtio_stop(struct virtio_device *d);
/* All is set up: the device may use the queues from now on. */
void virtio_ready(struct virtio_device *d);
/*
 * Fields of the configuration space; consistent even if it changes meanwhile.
 */
void virtio_config(struct virtio_device *d, u32 off, void *buf, u32 n);
#define virtio_config_field(d, type, field)                                    \
	({                                                                     \
		__typeof__(((type *)0)->field) v_;                             \
		virtio_config((d), offsetof(type, field), &v_, sizeof(v_));    \
		v_;                                                            \
	})

#endif
