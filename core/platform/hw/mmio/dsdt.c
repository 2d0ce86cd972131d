/* Virtio devices with memory-mapped registers that the DSDT names. */
#include "../dsdt.h"
#include "string.h"

/* Resource descriptor: ACPI 6.4, 6.4.3.4 */
#define MEMORY32_FIXED 0x86

/*
 * The first Memory32Fixed descriptor: tag, length 9, write flag, base, length.
 */
static bool find_memory(const struct span *s, u32 *base, u32 *size)
{
	for (const u8 *p = s->p; has(s, p, 12); p++) {
		if (p[0] != MEMORY32_FIXED || p[1] != 9 || p[2] || p[3] > 1)
			continue;
		memcpy(base, p + 4, 4);
		memcpy(size, p + 8, 4);
		return true;
	}
	return false;
}

void dsdt_find_virtio(const struct span *s)
{
	static const char hid[] = "LNRO0005";

	for (const u8 *at = s->p; (at = dsdt_find(s, at, hid)); at++) {
		struct span d = dsdt_device(s, at, hid);
		u32 base, size, line;
		bool level, low;

		if (find_memory(&d, &base, &size) &&
		    dsdt_interrupt(&d, &line, &level, &low))
			mmio_found(base, size, line, level, low);
	}
}
