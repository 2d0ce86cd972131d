/*
 * Processors of a machine without ACPI: its MP table (MultiProcessor
 * Specification 1.4, chapter 4), which Firecracker and BIOSes make.  All of it is
 * outside data.
 */
#include "smp.h"
#include "string.h"

#define POINTER_SIZE 16
#define HEADER_SIZE 44
#define PROCESSOR_SIZE 20
#define OTHER_SIZE 8 /* of all other entries */
#define PROCESSOR 0
#define LAST_TYPE 4
#define ENABLED BIT(0)

static u64 field(const u8 *p, size_t width)
{
	u64 v = 0;

	memcpy(&v, p, width);
	return v;
}

/*
 * 4.1: the pointer to the table, anywhere in a piece of memory.  Only its first
 * feature byte 0 means that there is a table, not a default configuration of
 * machines with two processors of the time.  0: none.
 */
static paddr_t find_in(paddr_t from, size_t size)
{
	const u8 *p = map_physical(from, size, MAP_READ);
	paddr_t pa = 0;

	for (size_t at = 0; p && !pa && at + POINTER_SIZE <= size; at += 16)
		if (!memcmp(p + at, "_MP_", 4) && p[at + 8] == 1 &&
		    checksum_ok(p + at, POINTER_SIZE) && !p[at + 11])
			pa = field(p + at + 4, 4);
	if (p)
		unmap_physical(p, size);
	return pa;
}

/* The places, in the specification's order. */
static paddr_t find(void)
{
	const u8 *bda = map_physical(0x40e, 8, MAP_READ);
	u64 ebda, base_kib;
	paddr_t pa = 0;

	if (!bda)
		return 0;
	ebda = field(bda, 2) << 4;
	base_kib = field(bda + 5, 2); /* 0x413: size of base memory */
	unmap_physical(bda, 8);
	if (ebda >= 0x40000 && ebda < 0xa0000)
		pa = find_in(ebda, 1024);
	if (!pa && base_kib > 1 && base_kib <= 640)
		pa = find_in((base_kib - 1) * 1024, 1024);
	return pa ? pa : find_in(0xf0000, 0x10000);
}

/* 4.3.1 */
static void read_entries(const u8 *p, size_t size)
{
	size_t at = HEADER_SIZE, len;

	for (u64 left = field(p + 34, 2); left; left--, at += len) {
		if (at == size || p[at] > LAST_TYPE)
			return;
		len = p[at] == PROCESSOR ? PROCESSOR_SIZE : OTHER_SIZE;
		if (len > size - at)
			return;
		if (p[at] == PROCESSOR && (p[at + 3] & ENABLED))
			processor_found(p[at + 1]);
	}
}

void mptable_read(void)
{
	paddr_t pa = find();
	const u8 *p = pa ? map_physical(pa, HEADER_SIZE, MAP_READ) : NULL;
	size_t size;

	if (!p)
		return;
	size = memcmp(p, "PCMP", 4) ? 0 : field(p + 4, 2);
	unmap_physical(p, HEADER_SIZE);
	if (size < HEADER_SIZE)
		return;
	p = map_physical(pa, size, MAP_READ);
	if (!p)
		return;
	if (checksum_ok(p, size))
		read_entries(p, size);
	unmap_physical(p, size);
}
