/*
 * Split virtqueues (virtio 2.7).
 *
 * The device sees three arrays: descriptors, the available ring (ours to
 * write), the used ring (the device's).  Everything needed to find our way back
 * is kept in q->slots, out of its reach, and what it writes is checked against
 * that.
 *
 * Ordering: publishing is a release store of avail->idx after its entries;
 * taking is an acquire load of used->idx before its entries.  "Shall I notify?"
 * and "shall I sleep?" are store-then-load on both sides and need a full
 * barrier.
 */
#include "log.h"
#include "page.h"
#include "string.h"
#include "virtio.h"
#include <linux/errno.h>

/* virtio 2.7: alignment of the used ring in the legacy layout. */
#define LEGACY_ALIGN 4096

static inline void full_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static size_t ring_bytes(unsigned size, bool legacy)
{
	return vring_size(size, legacy ? LEGACY_ALIGN : 4);
}

static int ring_alloc(struct virtq *q, size_t bytes, bool legacy)
{
	struct page *p;

	if (!legacy && bytes <= PAGE_SIZE / 2) {
		q->memory = kzalloc(bytes, 0); /* aligned to 16, as needed */
		return q->memory ? 0 : -ENOMEM;
	}
	while ((PAGE_SIZE << q->order) < bytes)
		q->order++;
	p = page_alloc(q->order, ALLOC_ZERO);
	if (!p)
		return -ENOMEM;
	q->in_pages = true;
	q->memory = page_address(p);
	return 0;
}

int virtq_init(struct virtq *q, unsigned size, bool legacy, u64 features)
{
	int err = ring_alloc(q, ring_bytes(size, legacy), legacy);

	if (err)
		return err;
	q->slots = kzalloc(size * sizeof(*q->slots), 0);
	if (!q->slots) {
		virtq_fini(q);
		return -ENOMEM;
	}
	vring_init(&q->ring, size, q->memory, legacy ? LEGACY_ALIGN : 4);
	q->size = q->free = (u16)size;
	for (unsigned i = 0; i < size; i++)
		q->slots[i].next = (u16)(i + 1);
	q->event_idx = features & BIT(VIRTIO_RING_F_EVENT_IDX);
	q->indirect = features & BIT(VIRTIO_RING_F_INDIRECT_DESC);
	return 0;
}

void virtq_fini(struct virtq *q)
{
	if (q->in_pages)
		page_free(phys_to_page(virt_to_phys(q->memory)));
	else
		kfree(q->memory);
	q->memory = NULL;
	kfree(q->slots);
	q->slots = NULL;
}

static void fill(struct vring_desc *d, const struct virtio_buf *b, bool write,
		 bool more, u16 next)
{
	d->addr = virt_to_phys(b->data);
	d->len = b->len;
	d->flags = (u16)((write ? VRING_DESC_F_WRITE : 0) |
			 (more ? VRING_DESC_F_NEXT : 0));
	d->next = more ? next : 0;
}

/* The chain in a table of its own: one descriptor of the ring. */
static u16 add_indirect(struct virtq *q, const struct virtio_buf *buf,
			unsigned out, unsigned n, struct vring_desc *table)
{
	u16 head = q->free_head;
	struct vring_desc *d = &q->ring.desc[head];

	for (unsigned i = 0; i < n; i++)
		fill(&table[i], &buf[i], i >= out, i + 1 < n, (u16)(i + 1));
	q->free_head = q->slots[head].next;
	q->free--;
	d->addr = virt_to_phys(table);
	d->len = n * (u32)sizeof(*table);
	d->flags = VRING_DESC_F_INDIRECT;
	d->next = 0;
	q->slots[head].count = 1;
	return head;
}

static u16 add_direct(struct virtq *q, const struct virtio_buf *buf,
		      unsigned out, unsigned n)
{
	u16 head = q->free_head, i = head;

	for (unsigned k = 0; k < n; k++) {
		u16 next = q->slots[i].next;

		fill(&q->ring.desc[i], &buf[k], k >= out, k + 1 < n, next);
		if (k + 1 < n)
			i = next;
		else
			q->free_head = next;
	}
	q->free = (u16)(q->free - n);
	q->slots[head].count = (u16)n;
	return head;
}

int virtq_add(struct virtq *q, const struct virtio_buf *buf, unsigned out,
	      unsigned in, void *cookie, struct vring_desc *table)
{
	unsigned n = out + in;
	bool indirect = table && q->indirect && n > 1;
	u32 writable = 0;
	u16 head;

	assert(n && cookie);
	if (q->broken)
		return -EIO;
	if (q->free < (indirect ? 1 : n))
		return -ENOSPC;
	for (unsigned i = out; i < n; i++)
		writable += buf[i].len;
	head = indirect ? add_indirect(q, buf, out, n, table) :
			  add_direct(q, buf, out, n);
	q->slots[head].cookie = cookie;
	q->slots[head].writable = writable;
	q->ring.avail->ring[q->avail_idx & (q->size - 1)] = head;
	q->avail_idx++;
	__atomic_store_n(&q->ring.avail->idx, q->avail_idx, __ATOMIC_RELEASE);
	return 0;
}

void virtq_kick(struct virtq *q)
{
	u16 old = q->kicked, new = q->avail_idx;
	bool wanted;

	if (old == new || q->broken)
		return;
	full_barrier(); /* avail->idx before what the device asked for */
	q->kicked = new;
	if (q->event_idx) /* virtio 2.7.10 */
		wanted = vring_need_event(
		    READ_ONCE(vring_avail_event(&q->ring)), new, old);
	else
		wanted = !(READ_ONCE(q->ring.used->flags) &
			   VRING_USED_F_NO_NOTIFY);
	if (wanted)
		q->dev->ops->notify(q);
}

static void *detach(struct virtq *q, u16 head)
{
	struct virtq_slot *s = &q->slots[head];
	void *cookie = s->cookie;
	u16 last = head;

	s->cookie = NULL;
	for (u16 n = s->count; n > 1; n--)
		last = q->slots[last].next;
	q->slots[last].next = q->free_head;
	q->free_head = head;
	q->free = (u16)(q->free + s->count);
	return cookie;
}

bool virtq_pending(const struct virtq *q)
{
	return __atomic_load_n(&q->ring.used->idx, __ATOMIC_ACQUIRE) !=
		   READ_ONCE(q->last_used) &&
	       !q->broken;
}

void *virtq_get(struct virtq *q, u32 *written)
{
	const struct vring_used_elem *e;
	u32 id, len;

	if (!virtq_pending(q))
		return NULL;
	e = &q->ring.used->ring[q->last_used & (q->size - 1)];
	id = READ_ONCE(e->id);
	len = READ_ONCE(e->len);
	if (id >= q->size || !q->slots[id].cookie) {
		q->broken = true;
		kmsg("virtio device %s: queue %u returned a buffer that it "
		     "was not given; the queue is no longer used",
		     q->dev->where, q->index);
		return NULL;
	}
	q->last_used++;
	if (q->event_idx && !q->irq_off) {
		/* Interrupt for the next one too; see virtq_enable_irq. */
		WRITE_ONCE(vring_used_event(&q->ring), q->last_used);
		full_barrier();
	}
	if (written)
		*written = MIN(len, q->slots[id].writable);
	return detach(q, (u16)id);
}

void *virtq_take_back(struct virtq *q)
{
	for (unsigned i = 0; i < q->size; i++)
		if (q->slots[i].cookie)
			return detach(q, (u16)i);
	return NULL;
}

/*
 * With event index the flag must stay 0 (virtio 2.7.10.1): the event is put as
 * far away as can be.
 */
void virtq_disable_irq(struct virtq *q)
{
	q->irq_off = true;
	if (q->event_idx)
		WRITE_ONCE(vring_used_event(&q->ring),
			   (u16)(READ_ONCE(q->last_used) - 1));
	else
		WRITE_ONCE(q->ring.avail->flags, VRING_AVAIL_F_NO_INTERRUPT);
}

/* Interrupt when the used index passes last_used + after. */
static bool enable_after(struct virtq *q, u16 after)
{
	u16 used;

	q->irq_off = false;
	if (q->event_idx)
		WRITE_ONCE(vring_used_event(&q->ring),
			   (u16)(q->last_used + after));
	else
		WRITE_ONCE(q->ring.avail->flags, 0);
	full_barrier(); /* the request before the look at what is there */
	used = READ_ONCE(q->ring.used->idx);
	return (u16)(used - q->last_used) > after;
}

bool virtq_enable_irq(struct virtq *q)
{
	return enable_after(q, 0);
}

bool virtq_enable_irq_delayed(struct virtq *q)
{
	u16 in_flight = (u16)(q->avail_idx - q->last_used);

	return enable_after(q, (u16)(in_flight * 3 / 4));
}
