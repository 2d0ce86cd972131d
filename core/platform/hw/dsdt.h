/* Looking for plain data among the bytes of a DSDT (acpi_dsdt.c). */
#ifndef RR_HW_DSDT_H
#define RR_HW_DSDT_H

#include "hw.h"

struct span {
	const u8 *p, *end;
};

/* Are there n bytes at at? */
static inline bool has(const struct span *s, const u8 *at, size_t n)
{
	return at <= s->end && (size_t)(s->end - at) >= n;
}

/* Where text is next, from from on; NULL: nowhere. */
const u8 *dsdt_find(const struct span *s, const u8 *from, const char *text);
/* From the _HID hid, found at at, to the next device, or as far as resources can be. */
struct span dsdt_device(const struct span *s, const u8 *at, const char *hid);
/* The first extended interrupt in it. */
bool dsdt_interrupt(const struct span *s, u32 *line, bool *level,
		    bool *active_low);
/* Component virtio_mmio: report its devices (mmio_found). */
void dsdt_find_virtio(const struct span *s) __weak;

#endif
