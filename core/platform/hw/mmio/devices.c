/*
 * Virtio devices with memory-mapped registers: found in the DSDT (dsdt.c),
 * or named on the command line by the hypervisor, as
 *
 *     virtio_mmio.device=SIZE@BASE:LINE[:ID]
 *
 * (Linux drivers/virtio/virtio_mmio.c; QEMU's microvm without ACPI,
 * Firecracker). Addresses that nobody named are not probed: what answers there
 * is unknown, and its interrupt line, too.
 */
#include "../hw.h"
#include "string.h"

#define MAX_DEVICES 64

static struct mmio_device devices[MAX_DEVICES] __ro_after_init;
static size_t n __ro_after_init;

void mmio_found(paddr_t base, u64 size, u32 line, bool level, bool active_low)
{
	for (size_t i = 0; i < n; i++)
		if (devices[i].base == base)
			return;
	if (n == MAX_DEVICES || !base || !size)
		return;
	devices[n++] = (struct mmio_device){base, size, line, level,
					    active_low};
}

const struct mmio_device *platform_mmio_devices(size_t *count)
{
	*count = n;
	return devices;
}

/* A number as Linux' memparse reads it; returns what follows. */
static const char *number(const char *s, u64 *v)
{
	unsigned base = 10;

	*v = 0;
	if (s[0] == '0' && (s[1] | 32) == 'x') {
		base = 16;
		s += 2;
	}
	for (;; s++) {
		unsigned d = *s >= '0' && *s <= '9' ? (unsigned)(*s - '0') :
			     (*s | 32) >= 'a' && (*s | 32) <= 'f' ?
				      (unsigned)((*s | 32) - 'a' + 10) :
				      99;

		if (d >= base)
			break;
		*v = *v * base + d;
	}
	switch (*s) {
	case 'G':
	case 'g':
		*v <<= 10;
		/* fall through */
	case 'M':
	case 'm':
		*v <<= 10;
		/* fall through */
	case 'K':
	case 'k':
		*v <<= 10;
		s++;
	}
	return s;
}

void mmio_named(const char *s)
{
	u64 size, base, line;

	s = number(s, &size);
	if (*s != '@')
		return;
	s = number(s + 1, &base);
	if (*s != ':')
		return;
	number(s + 1, &line);
	/* Linux' driver for these has them edge-triggered, active high. */
	mmio_found(base, size, (u32)line, false, false);
}
