/* Internet addresses on the command line. */
#ifndef RUMPRUN_ADDRESS_H
#define RUMPRUN_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "launch.h"

/*
 * Parse what follows "TAG," in -W:
 *
 *     inet,dhcp             inet,static,ADDR/MASK[,GW]
 *     inet6,auto            inet6,static,ADDR/PREFIX[,GW]
 *
 * False with *why.  address_free in either case.
 */
bool address_parse(struct address *a, const char *text, char **why);
void address_free(struct address *a);

/* An IPv4 address in host byte order; false if s is none. */
bool ipv4_parse(const char *s, uint32_t *out);
/* Its text, in one of a few static buffers. */
const char *ipv4_text(uint32_t addr);
/* The mask of a prefix length of 0 to 32. */
uint32_t ipv4_mask(unsigned prefix);

/* A whole decimal number between min and max; false if s is none. */
bool number_parse(const char *s, unsigned min, unsigned max, unsigned *out);

#endif
