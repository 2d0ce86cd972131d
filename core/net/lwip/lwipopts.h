/*
 * How lwIP is configured: its raw API under the network lock (inet/stack.h), heap
 * memory instead of pools, and limits that suit a server.
 *
 * Values without a comment restate a default that we depend on.
 */
#ifndef RR_LWIPOPTS_H
#define RR_LWIPOPTS_H

/* ---- the port: no threads of lwIP's own, our timers (timers.c) ---- */
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
/* What changes outside the network lock. */
#define LWIP_PBUF_REF_INC(ref) __atomic_fetch_add(&(ref), 1, __ATOMIC_RELAXED)
#define LWIP_PBUF_REF_DEC(ref) __atomic_sub_fetch(&(ref), 1, __ATOMIC_ACQ_REL)
#define LWIP_TIMERS 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
/*
 * musl resolves names; but this is what makes the DHCP client and ND ask for name
 * servers and report them by dns_setserver, which inet/resolv.c gives instead of dns.c.
 */
#define LWIP_DNS 1
#define DNS_MAX_SERVERS 3 /* MAXNS of resolv.conf(5) */
#define LWIP_HOOK_FILENAME "hooks.h"
/* Here and not in hooks.h, since struct tcp_pcb depends on it; pcbhash.c. */
#define LWIP_HOOK_TCP_FIND lwip_pcb_find
#define LWIP_HOOK_TCP_ADD lwip_pcb_add
#define LWIP_HOOK_TCP_REMOVE lwip_pcb_remove

/* ---- memory: everything comes from kmalloc, nothing is set aside ---- */
#define MEM_CUSTOM_ALLOCATOR 1
#define MEM_CUSTOM_MALLOC lwip_malloc
#define MEM_CUSTOM_CALLOC lwip_calloc
#define MEM_CUSTOM_FREE lwip_free
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8
#define LWIP_PBUF_REF_T u16_t
#define LWIP_SUPPORT_CUSTOM_PBUF 1
#define PBUF_POOL_FREE_OOSEQ 0 /* there is no pool that could be empty */

/* ---- Internet protocol ---- */
#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define LWIP_ARP 1
#define LWIP_ICMP 1
#define LWIP_RAW 1
#define LWIP_UDP 1
#define LWIP_TCP 1
#define LWIP_IGMP 1
#define LWIP_DHCP 1
#define LWIP_DHCP_DOES_ACD_CHECK 0 /* as Linux clients: the address at once */
#define LWIP_DHCP_GET_NTP_SRV 0
#define LWIP_HAVE_LOOPIF 0 /* inet/loopback.c makes lo */
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_LOOPBACK_MAX_PBUFS 0
#define LWIP_LOOPIF_MULTICAST 1
#define LWIP_MULTICAST_TX_OPTIONS 1
#define LWIP_BROADCAST_PING 0
#define LWIP_MULTICAST_PING 0
#define IP_FORWARD 0
#define IP_REASSEMBLY 1
#define IP_FRAG 1
#define IP_REASS_MAX_PBUFS 64 /* a 64 KiB datagram has 45 fragments */
#define MEMP_NUM_REASSDATA 16
#define MEMP_NUM_FRAG_PBUF 64
#define IP_DEFAULT_TTL 64
#define ARP_TABLE_SIZE 32
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN 8
#define ETHARP_TRUST_IP_MAC 0
#define ETH_PAD_SIZE 0
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define LWIP_NUM_NETIF_CLIENT_DATA 0
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_CHKSUM lwip_checksum /* port.c */
#define IP_SOF_BROADCAST 1

/* ---- IPv6 ---- */
#define LWIP_ICMP6 1
#define LWIP_ND6 1
#define LWIP_IPV6_MLD 1
#define LWIP_IPV6_AUTOCONFIG 1
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 1
#define LWIP_IPV6_NUM_ADDRESSES 4
/* A static address is usable at once, like Linux with nodad. */
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define LWIP_IPV6_FRAG 1
#define LWIP_IPV6_REASS 1
#define LWIP_IPV6_DHCP6 0
#define LWIP_ND6_NUM_NEIGHBORS 16
#define LWIP_ND6_NUM_DESTINATIONS 32
#define LWIP_ND6_QUEUEING 1
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 3
#define LWIP_ND6_MAX_MULTICAST_SOLICIT 3 /* RFC 4861, 10 */

/* ---- TCP ---- */
#define TCP_MSS 1460
#define TCP_CALCULATE_EFF_SEND_MSS 1
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 4
/*
 * At least 32 KiB and more as memory allows (inet/stack.c).  The preprocessor takes
 * the variable for 0 where lwIP checks its options.
 */
#define TCP_WND (32768 + lwip_tcp_window_extra)
/* The socket layer limits what is queued; lwIP's own limit never bites. */
#define TCP_SND_BUF (8 * 1024 * 1024)
#define TCP_SND_QUEUELEN 60000
#define MEMP_NUM_TCP_SEG 60000
#define TCP_OVERSIZE TCP_MSS
#define TCP_QUEUE_OOSEQ 1
#define TCP_OOSEQ_MAX_BYTES (64 * 1024)
#define TCP_OOSEQ_MAX_PBUFS 64
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_MAX_SACK_NUM 4
#define LWIP_TCP_TIMESTAMPS 0
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_TCP_PCB_NUM_EXT_ARGS 1
#define TCP_LISTEN_BACKLOG 0 /* inet/tcp_listen.c does it; lwIP's ends at 255 */
#define LWIP_TCP_RTO_TIME 1000 /* RFC 6298, 2.1 */
#define TCP_MAXRTX 12          /* the length of lwIP's back-off table */
#define TCP_SYNMAXRTX 6        /* tcp_syn_retries of tcp(7) */
#define SO_REUSE 1
#define SO_REUSE_RXTOALL 1
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1 /* they want a constant TCP_WND */
/*
 * RFC 9293, 3.4.2 leaves the MSL to engineering.  TIME-WAIT then lasts 2 * 15 s, longer
 * than any segment survives on the paths of today (TTL 64 hops; Linux takes 60 s for both), and
 * a new SYN above the old sequence space ends it at once (RFC 6191; hooks.h).
 */
#define TCP_MSL 15000UL

/* ---- statistics: /proc/net/snmp and dev ---- */
#define LWIP_STATS 0

#endif
