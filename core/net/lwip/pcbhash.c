/*
 * Connections by their addresses and ports: a hash table with a secret, so that
 * nobody outside can make it a list.
 */
#include "random.h"
#include "hooks.h"
#include "lwip/tcp.h"

#define BUCKETS 1024

static struct tcp_pcb *bucket[BUCKETS]; /* network lock */
static u64 secret[2];

/* Multiply and fold: the high half of the product has all bits of both. */
static u64 mix(u64 a, u64 b)
{
	unsigned __int128 p = (unsigned __int128)a * b;

	return (u64)p ^ (u64)(p >> 64);
}

static u64 fold(const ip_addr_t *a)
{
	const u32 *w = ip_2_ip6(a)->addr;

	if (IP_IS_V4(a))
		return ip4_addr_get_u32(ip_2_ip4(a));
	return mix((u64)w[0] << 32 | w[1], secret[1]) ^ ((u64)w[2] << 32 | w[3]);
}

u64 lwip_flow_hash(const ip_addr_t *local, u16_t lport,
		   const ip_addr_t *remote, u16_t rport)
{
	u64 h;

	if (!secret[0]) {
		random_bytes(secret, sizeof(secret));
		secret[0] |= 1; /* odd: multiplying loses nothing */
		secret[1] |= 1;
	}
	h = mix(fold(remote) ^ (u64)rport << 48 ^ (u64)lport << 32, secret[0]);
	return mix(h ^ fold(local), secret[1]);
}

static struct tcp_pcb **slot(const ip_addr_t *local, u16_t lport,
			     const ip_addr_t *remote, u16_t rport)
{
	return &bucket[lwip_flow_hash(local, lport, remote, rport) % BUCKETS];
}

struct tcp_pcb *lwip_pcb_find(const ip_addr_t *local, u16_t lport,
			      const ip_addr_t *remote, u16_t rport)
{
	struct tcp_pcb *p = *slot(local, lport, remote, rport);

	for (; p; p = p->hash_next)
		if (p->remote_port == rport && p->local_port == lport &&
		    ip_addr_eq(&p->remote_ip, remote) &&
		    ip_addr_eq(&p->local_ip, local))
			return p;
	return NULL;
}

void lwip_pcb_add(struct tcp_pcb *p)
{
	struct tcp_pcb **s = slot(&p->local_ip, p->local_port, &p->remote_ip,
				  p->remote_port);

	p->hash_next = *s;
	p->hash_link = s;
	if (*s)
		(*s)->hash_link = &p->hash_next;
	*s = p;
}

void lwip_pcb_remove(struct tcp_pcb *p)
{
	if (!p->hash_link)
		return;
	*p->hash_link = p->hash_next;
	if (p->hash_next)
		p->hash_next->hash_link = p->hash_link;
	p->hash_link = NULL;
}
