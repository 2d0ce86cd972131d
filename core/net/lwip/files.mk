# lwIP's sources in component net, and how they are compiled: with our flags, and
# with the warnings that lwIP is written for.  Included by core/Makefile.

CPPFLAGS.net=	-I${.CURDIR}/net/lwip -I${LWIP}/src/include -I${.CURDIR}/net/include -I${.CURDIR}/net/inet

LWIP_FILES=	core/def.c core/inet_chksum.c core/init.c core/ip.c core/mem.c \
		core/memp.c core/netif.c core/pbuf.c core/raw.c core/stats.c \
		core/tcp.c core/tcp_in.c core/tcp_out.c core/udp.c \
		core/ipv4/dhcp.c core/ipv4/etharp.c core/ipv4/icmp.c \
		core/ipv4/igmp.c core/ipv4/ip4.c core/ipv4/ip4_addr.c \
		core/ipv4/ip4_frag.c core/ipv4/acd.c \
		core/ipv6/ethip6.c core/ipv6/icmp6.c core/ipv6/inet6.c \
		core/ipv6/ip6.c core/ipv6/ip6_addr.c core/ipv6/ip6_frag.c \
		core/ipv6/mld6.c core/ipv6/nd6.c netif/ethernet.c

# What no packet to or from one address passes, once that is known.
OPT.lwip=	-O2
.for f in core/ipv4/acd core/ipv4/dhcp core/ipv4/icmp core/ipv4/igmp \
	core/ipv6/icmp6 core/ipv6/ip6_addr core/ipv6/mld6
OPT.lwip/${f}.c= ${OPT.seldom}
.endfor

LWIP_WARN=	-Wall -Wno-address -Wno-unused-but-set-variable
OBJS_EXTRA.net=	${LWIP_FILES:S,^,${OBJ}/lwip/,:S,$,.o,}

# Without the sources, or with those of other patches, fetch and patch them:
# `bmake' here works alone, too.
_LWIP_NEWER!=	cd ${.CURDIR}/net/lwip && find Makefile distinfo patches \
		    -newer ${LWIP}/src/core/tcp.c 2>/dev/null || :
.if !exists(${LWIP}/src/core/tcp.c) || !empty(_LWIP_NEWER)
_LWIP!=		${MAKE} -C ${.CURDIR}/net/lwip patch >&2
.endif

.for f in ${LWIP_FILES}
${OBJ}/lwip/${f}.o: ${LWIP}/src/${f} ${OBJ}/uapi/.done \
		${.CURDIR}/net/lwip/lwipopts.h ${.CURDIR}/net/lwip/files.mk \
		${.CURDIR}/Makefile
	@mkdir -p ${.TARGET:H}
	@${CC} ${KCFLAGS} ${LWIP_WARN} ${INCLUDE.plain} ${KCPPFLAGS} ${CPPFLAGS.net} \
	    -I${.CURDIR}/net/lwip/stdc ${OPT.lwip/${f}:U${OPT.lwip}} -MMD -MP \
	    -c -o ${.TARGET} ${LWIP}/src/${f}
.  dinclude "${OBJ}/lwip/${f}.d"
.endfor
