/*
 * What the kernel wants from the DSDT, without interpreting it.
 *
 * The table is a program (AML, ACPI 6.4 chapter 20).  The few things that
 * matter here are plain data in every DSDT that hypervisors make, so they are
 * looked for by their bytes: the package \_S5, and the resources of devices
 * with a known _HID, which follow the name.  A DSDT that computes them is not
 * understood; then the guest powers off by other means, and has no virtio-mmio
 * devices but those named on the command line.
 */
#include "dsdt.h"
#include "string.h"

/* Encodings: ACPI 6.4, 20.2 */
#define AML_ZERO 0x00
#define AML_ONE 0x01
#define AML_NAME 0x08
#define AML_BYTE 0x0a
#define AML_WORD 0x0b
#define AML_DWORD 0x0c
#define AML_QWORD 0x0e
#define AML_PACKAGE 0x12
#define AML_EXT 0x5b
#define AML_OP_REGION 0x80

/* Resource descriptors: 6.4.3.6 */
#define EXT_INTERRUPT 0x89
#define INTERRUPT_EDGE 0x2
#define INTERRUPT_LOW 0x4

/* The resources of a device are not further away from its _HID than this. */
#define DEVICE_SPAN 256

const u8 *dsdt_find(const struct span *s, const u8 *from, const char *text)
{
	size_t n = strlen(text);
	const u8 *end = has(s, from, n) ? s->end - n + 1 : from;

	for (; from < end; from++)
		if (*from == (u8)*text && !memcmp(from, text, n))
			return from;
	return NULL;
}

/* An integer constant; returns what follows it, NULL: it is none. */
static const u8 *constant(const struct span *s, const u8 *at, u64 *v)
{
	size_t n;

	if (!has(s, at, 1))
		return NULL;
	*v = 0;
	switch (*at++) {
	case AML_ZERO:
		return at;
	case AML_ONE:
		*v = 1;
		return at;
	case AML_BYTE:
		n = 1;
		break;
	case AML_WORD:
		n = 2;
		break;
	case AML_DWORD:
		n = 4;
		break;
	case AML_QWORD:
		n = 8;
		break;
	default:
		return NULL;
	}
	if (!has(s, at, n))
		return NULL;
	memcpy(v, at, n);
	return at + n;
}

/* Name (_S5, Package () {a, b, ...}): 7.4.2 */
static void find_s5(const struct span *s)
{
	const u8 *at = s->p;
	u64 a, b;

	while ((at = dsdt_find(s, at, "_S5_"))) {
		const u8 *p = at + 4;
		u8 before = at > s->p ? at[-1] : 0;
		bool named = before == AML_NAME || before == '\\';

		at = p;
		if (!named || !has(s, p, 6) || *p++ != AML_PACKAGE)
			continue;
		p += 1 + (*p >> 6); /* PkgLength */
		p++;                /* NumElements */
		p = constant(s, p, &a);
		if (!p || !constant(s, p, &b))
			continue;
		acpi.s5_type_a = a & 7;
		acpi.s5_type_b = b & 7;
		acpi.has_s5 = true;
		return;
	}
}

/* Its form: tag, length, flags, count, number. */
bool dsdt_interrupt(const struct span *s, u32 *line, bool *level,
		    bool *active_low)
{
	for (const u8 *p = s->p; has(s, p, 9); p++) {
		if (p[0] != EXT_INTERRUPT || p[1] < 6 || p[2] || !p[4])
			continue;
		*level = !(p[3] & INTERRUPT_EDGE);
		*active_low = p[3] & INTERRUPT_LOW;
		memcpy(line, p + 5, 4);
		return true;
	}
	return false;
}

struct span dsdt_device(const struct span *s, const u8 *at, const char *hid)
{
	struct span d = {at + strlen(hid), s->end};
	const u8 *next;

	if (has(&d, d.p, DEVICE_SPAN))
		d.end = d.p + DEVICE_SPAN;
	next = dsdt_find(&d, d.p, "_HID");
	if (next)
		d.end = next;
	return d;
}

/*
 * The generic event device (5.6.9), in machines without fixed hardware for events.
 * What its selector's bits mean is in its program; only QEMU's is known
 * (hw/acpi/generic_event_device.c).
 */
static void find_ged(const struct span *s)
{
	static const char hid[] = "ACPI0013";
	const u8 *at = dsdt_find(s, s->p, hid);
	struct span d;
	u64 space, offset;

	/* Header (5.2.6): OEM id at 10, OEM table id at 16. */
	if (!at || memcmp(s->p + 10, "BOCHS ", 6) ||
	    memcmp(s->p + 16, "BXPC", 4))
		return;
	d = dsdt_device(s, at, hid);
	for (const u8 *p = d.p; has(&d, p, 8); p++) {
		if (p[0] != AML_EXT || p[1] != AML_OP_REGION)
			continue;
		space = p[6]; /* after the four letters of the name */
		if (space || !constant(&d, p + 7, &offset))
			return;
		acpi.ged = offset;
		acpi.has_ged = dsdt_interrupt(&d, &acpi.ged_line,
					      &acpi.ged_level,
					      &acpi.ged_active_low);
		return;
	}
}

void acpi_scan_dsdt(const u8 *aml, size_t n)
{
	struct span s = {aml, aml + n};

	find_s5(&s);
	if (dsdt_find_virtio)
		dsdt_find_virtio(&s);
	if (acpi.hw_reduced)
		find_ged(&s);
}
