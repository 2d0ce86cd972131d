/*
 * Receiving: the ring is kept filled with half pages, which go to the stack as
 * they are and come back through done().
 *
 * How many there are is bounded twice: the ring's share, and a limit for all
 * that the stack may hold, so that slow readers cost frames and not the
 * machine's memory.
 */
#include "log.h"
#include "private.h"
#include <linux/errno.h>

static void *start_of(struct vnet_rxbuf *r)
{
	return (u8 *)(r + 1) - VNET_BUF;
}

static struct page *page_of(struct vnet_rxbuf *r)
{
	return phys_to_page(PAGE_DOWN(virt_to_phys(r)));
}

static void push_idle(struct virtio_net *v, struct vnet_rxbuf *r)
{
	r->next = v->rx_idle;
	v->rx_idle = r;
	v->rx_idle_count++;
}

static struct vnet_rxbuf *pop_idle(struct virtio_net *v)
{
	struct vnet_rxbuf *r = v->rx_idle;

	if (r) {
		v->rx_idle = r->next;
		v->rx_idle_count--;
	}
	return r;
}

static bool post(struct virtio_net *v, struct vnet_rxbuf *r)
{
	struct virtio_buf buf[2] = {{start_of(r), VNET_BUF_DATA}};
	unsigned n = 1;

	if (v->split_header) {
		buf[1].data = (u8 *)start_of(r) + v->hdr_len;
		buf[1].len = VNET_BUF_DATA - v->hdr_len;
		buf[0].len = v->hdr_len;
		n = 2;
	}
	if (virtq_add(v->rx, buf, 0, n, r, NULL))
		return false;
	v->rx_posted++;
	return true;
}

static void done(struct net_rxbuf *b);

/* A page makes two, each with a reference to it. */
static bool make(struct virtio_net *v)
{
	struct page *p;
	u8 *data;

	if (v->rx_total + 2 > v->rx_limit)
		return false;
	p = page_alloc(0, ALLOC_ATOMIC);
	if (!p)
		return false;
	page_get(p);
	data = page_address(p);
	for (unsigned i = 0; i < PAGE_SIZE / VNET_BUF; i++) {
		struct vnet_rxbuf *r =
		    (struct vnet_rxbuf *)(data + (i + 1) * VNET_BUF) - 1;

		r->v = v;
		r->b.done = done;
		push_idle(v, r);
		v->rx_total++;
	}
	return true;
}

static void unmake(struct virtio_net *v, struct vnet_rxbuf *r)
{
	v->rx_total--;
	page_put(page_of(r));
}

/* Fill the ring up; rx_lock held; the caller kicks. */
static void refill(struct virtio_net *v)
{
	while (v->rx_posted < v->rx_target) {
		struct vnet_rxbuf *r;

		if (!v->rx_idle && !make(v))
			break;
		r = pop_idle(v);
		if (!post(v, r)) {
			push_idle(v, r);
			break;
		}
	}
}

/* Back to the ring, to the idle list, or, if there are many, to the system. */
static void recycle(struct virtio_net *v, struct vnet_rxbuf *r)
{
	if (v->rx_posted < v->rx_target && post(v, r))
		return;
	if (v->rx_idle_count < v->rx_target / 4)
		push_idle(v, r);
	else
		unmake(v, r);
}

static void done(struct net_rxbuf *b)
{
	struct vnet_rxbuf *r = container_of(b, struct vnet_rxbuf, b);
	struct virtio_net *v = r->v;
	u64 flags = spin_lock_irqsave(&v->rx_lock);

	recycle(v, r);
	/* Those that come back while a batch is delivered: at its end. */
	if (!v->rx_delivering)
		virtq_kick(v->rx);
	spin_unlock_irqrestore(&v->rx_lock, flags);
}

static struct vnet_rxbuf *take(struct virtio_net *v, u32 *len)
{
	struct vnet_rxbuf *r = virtq_get(v->rx, len);

	if (r)
		v->rx_posted--;
	return r;
}

static void recycle_chain(struct virtio_net *v, struct net_rxbuf *b)
{
	while (b) {
		struct net_rxbuf *next = b->next;

		recycle(v, container_of(b, struct vnet_rxbuf, b));
		b = next;
	}
}

/*
 * One frame, which may lie in several buffers (virtio 5.1.6.4).  NULL: no more;
 * frames that make no sense are dropped.  rx_lock held.
 */
static struct net_rxbuf *next_frame(struct virtio_net *v)
{
	struct vnet_rxbuf *r;
	struct net_rxbuf *last;
	unsigned more;
	vnet_hdr *hdr;
	u32 len;

again:
	r = take(v, &len);
	if (!r)
		return NULL;
	hdr = start_of(r);
	r->b.next = NULL;
	more = 0;
	if (len > v->hdr_len) {
		more = v->mergeable ? READ_ONCE(hdr->num_buffers) - 1u : 0;
		r->b.data = (u8 *)hdr + v->hdr_len;
		r->b.len = len - v->hdr_len;
		r->b.csum_valid =
		    (hdr->hdr.flags & (VIRTIO_NET_HDR_F_NEEDS_CSUM |
				       VIRTIO_NET_HDR_F_DATA_VALID)) &&
		    virtio_has(v->vd, VIRTIO_NET_F_GUEST_CSUM);
	}
	if (len <= v->hdr_len || more > v->rx->size) {
		recycle(v, r);
		goto again;
	}
	for (last = &r->b; more; more--) {
		struct vnet_rxbuf *piece = take(v, &len);

		if (!piece) {
			kmsg_once("%s: a frame without its end was dropped",
				  v->vd->where);
			recycle_chain(v, &r->b);
			return NULL;
		}
		piece->b.data = start_of(piece);
		piece->b.len = len;
		piece->b.csum_valid = r->b.csum_valid;
		piece->b.next = NULL;
		last->next = &piece->b;
		last = &piece->b;
	}
	return &r->b;
}

#define BATCH 32

unsigned vnet_rx_poll(struct virtio_net *v, unsigned budget)
{
	struct net_rxbuf *frame[BATCH];
	unsigned total = 0, n, most;
	u64 flags;

	do {
		most = MIN(budget - total, (unsigned)BATCH);
		flags = spin_lock_irqsave(&v->rx_lock);
		for (n = 0; n < most && (frame[n] = next_frame(v)); n++)
			;
		refill(v);
		virtq_kick(v->rx);
		v->rx_delivering = n;
		spin_unlock_irqrestore(&v->rx_lock, flags);
		for (unsigned i = 0; i < n; i++)
			v->nd.receive(&v->nd, frame[i]);
		total += n;
	} while (n == BATCH && total < budget);
	if (n) {
		flags = spin_lock_irqsave(&v->rx_lock);
		v->rx_delivering = false;
		virtq_kick(v->rx);
		spin_unlock_irqrestore(&v->rx_lock, flags);
	}
	return total;
}

bool vnet_rx_interrupts(struct netdev *nd, bool on)
{
	struct virtio_net *v = to_vnet(nd);
	u64 flags = spin_lock_irqsave(&v->rx_lock);
	bool pending = false;

	if (on && !v->rx->broken)
		pending = virtq_enable_irq(v->rx);
	if (!on || pending)
		virtq_disable_irq(v->rx);
	spin_unlock_irqrestore(&v->rx_lock, flags);
	return pending;
}

static unsigned clamp(u64 n, unsigned low, unsigned high)
{
	return n < low ? low : n > high ? high : (unsigned)n;
}

/*
 * A 64th of memory for the ring, a 16th at most for all that the stack holds.
 */
int vnet_rx_init(struct virtio_net *v, u64 memory_pages)
{
	unsigned per_page = PAGE_SIZE / VNET_BUF;
	unsigned ring = v->rx->size / (v->split_header ? 2 : 1);

	v->rx_target =
	    clamp(memory_pages * per_page / 64, MIN(16u, ring), ring);
	v->rx_limit = clamp(memory_pages * per_page / 16, 4 * v->rx_target,
			    1u << 16);
	refill(v);
	if (v->rx_posted)
		return 0;
	vnet_rx_fini(v);
	return -ENOMEM;
}

/* The device was not started, or was reset. */
void vnet_rx_fini(struct virtio_net *v)
{
	struct vnet_rxbuf *r;

	while ((r = virtq_take_back(v->rx)))
		unmake(v, r);
	while ((r = pop_idle(v)))
		unmake(v, r);
}
