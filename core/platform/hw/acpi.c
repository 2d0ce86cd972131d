/*
 * ACPI tables (ACPI specification 6.4, chapter 5), as far as the kernel wants
 * to know something.  All of it is outside data: every length is checked
 * against the table, and every table by its checksum.
 */
#include "hw.h"
#include "string.h"

struct acpi_facts acpi __ro_after_init;
struct irq_override isa_override[ISA_LINES] __ro_after_init;

#define HEADER_SIZE 36
#define TABLE_MAX (1 << 20) /* larger ones are damage */
#define TABLES_MAX 256

/* A table while it is being read. */
struct table {
	const u8 *p;
	size_t size;
};

static u64 field(const struct table *t, size_t off, size_t width)
{
	u64 v = 0;

	if (off + width > t->size)
		return 0;
	memcpy(&v, t->p + off, width);
	return v;
}

/* The table at pa; false: it is none. */
static bool table_open(struct table *t, paddr_t pa)
{
	const u8 *p = boot_memory(pa, HEADER_SIZE);
	u32 size;

	if (!p) {
		if (pa)
			kmsg("the ACPI table at 0x%lx is not read: too high", pa);
		return false;
	}
	memcpy(&size, p + 4, sizeof(size));
	if (size < HEADER_SIZE || size > TABLE_MAX || !boot_memory(pa, size))
		return false;
	t->p = boot_memory(pa, size);
	t->size = size;
	return checksum_ok(t->p, size);
}

static bool table_is(const struct table *t, const char *signature)
{
	return !memcmp(t->p, signature, 4);
}

/* ---- MADT (5.2.12) ---- */

static void madt_override(const struct table *t, size_t at)
{
	u64 irq = field(t, at + 3, 1), flags = field(t, at + 8, 2);
	struct irq_override *o;

	if (irq >= ISA_LINES)
		return;
	o = &isa_override[irq];
	o->valid = true;
	o->line = (u32)field(t, at + 4, 4);
	/* MPS INTI flags: 1 and 3 are explicit, 0 conforms to the bus. */
	o->has_polarity = flags & 3;
	o->active_low = (flags & 3) == 3;
	o->has_trigger = flags >> 2 & 3;
	o->level = (flags >> 2 & 3) == 3;
}

/*
 * ACPI 5.2.12.2 and 5.2.12.12: enabled; a processor that is only online capable
 * is one that may be plugged in.
 */
#define MADT_CPU_ENABLED BIT(0)

static void madt_cpu(u64 id, u64 flags, u32 nobody)
{
	if ((flags & MADT_CPU_ENABLED) && id != nobody)
		processor_found((u32)id);
}

void processor_found(u32 apic_id)
{
	for (unsigned i = 0; i < MIN(acpi.cpus, (unsigned)MAX_CPUS); i++)
		if (acpi.cpu[i] == apic_id)
			return;
	if (acpi.cpus < MAX_CPUS)
		acpi.cpu[acpi.cpus] = apic_id;
	acpi.cpus++;
}

static void read_madt(const struct table *t)
{
	size_t at = 44, len;

	for (; at + 2 <= t->size; at += len) {
		len = field(t, at + 1, 1);
		if (len < 2 || len > t->size - at)
			return;
		switch (field(t, at, 1)) {
		case 0: /* processor's local APIC */
			if (len >= 8)
				madt_cpu(field(t, at + 3, 1),
					 field(t, at + 4, 4), 0xff);
			break;
		case 1: /* I/O APIC */
			if (len >= 12 && acpi.ioapics < MAX_IOAPICS)
				acpi.ioapic[acpi.ioapics++] = (struct ioapic_at){
					field(t, at + 4, 4),
					(u32)field(t, at + 8, 4)};
			break;
		case 2: /* interrupt source override */
			if (len >= 10)
				madt_override(t, at);
			break;
		case 9: /* processor's local x2APIC */
			if (len >= 16)
				madt_cpu(field(t, at + 4, 4),
					 field(t, at + 8, 4), UINT32_MAX);
			break;
		}
	}
}

/* ---- FADT (5.2.9) ---- */

#define FADT_TIMER_32 BIT(8)
#define FADT_RESET BIT(10)
#define FADT_HW_REDUCED BIT(20)

static void read_gas(const struct table *t, size_t at, struct acpi_gas *g)
{
	if (at + sizeof(*g) <= t->size)
		memcpy(g, t->p + at, sizeof(*g));
}

static void read_dsdt(paddr_t pa)
{
	struct table t;

	if (!table_open(&t, pa))
		return;
	if (table_is(&t, "DSDT"))
		acpi_scan_dsdt(t.p, t.size);
}

static void read_fadt(const struct table *t)
{
	u64 flags = field(t, 112, 4), dsdt = field(t, 140, 8);

	acpi.hw_reduced = flags & FADT_HW_REDUCED;
	acpi.sci_line = (u16)field(t, 46, 2);
	acpi.smi_command = (u32)field(t, 48, 4);
	acpi.acpi_enable = (u8)field(t, 52, 1);
	acpi.pm1a_event = (u32)field(t, 56, 4);
	acpi.pm1b_event = (u32)field(t, 60, 4);
	acpi.pm1a_control = (u32)field(t, 64, 4);
	acpi.pm1b_control = (u32)field(t, 68, 4);
	acpi.pm_timer = (u32)field(t, 76, 4);
	acpi.pm1_event_len = (u8)field(t, 88, 1);
	acpi.pm_timer_32 = flags & FADT_TIMER_32;
	if (acpi.hw_reduced) {
		acpi.pm_timer = 0;
		read_gas(t, 244, &acpi.sleep_control);
	}
	if (flags & FADT_RESET) {
		read_gas(t, 116, &acpi.reset);
		acpi.reset_value = (u8)field(t, 128, 1);
	}
	read_dsdt(dsdt ? dsdt : field(t, 40, 4));
}

/* ---- the rest ---- */

/* PCI firmware specification 3.2, 4.1.2 */
static void read_mcfg(const struct table *t)
{
	for (size_t at = 44; at + 16 <= t->size; at += 16) {
		if (field(t, at + 8, 2))
			continue; /* not segment 0 */
		acpi.ecam = field(t, at, 8);
		acpi.ecam_first = (u8)field(t, at + 10, 1);
		acpi.ecam_last = (u8)field(t, at + 11, 1);
		return;
	}
}

static void read_table(paddr_t pa)
{
	struct table t;

	if (!table_open(&t, pa))
		return;
	if (table_is(&t, "APIC"))
		read_madt(&t);
	else if (table_is(&t, "FACP"))
		read_fadt(&t);
	else if (table_is(&t, "MCFG"))
		read_mcfg(&t);
	else if (table_is(&t, "HPET") && !field(&t, 40, 1))
		acpi.hpet = field(&t, 44, 8); /* HPET 1.0a, 3.2.4 */
}

#define RSDP_SIGNATURE 0x2052545020445352ull /* "RSD PTR " */

/*
 * From revision 2 on there is a 64-bit table, and a second checksum (5.2.5.3).
 * Every loader says where it is, if there is one; it has searched the BIOS' areas
 * itself.
 */
static bool rsdp_ok(const u8 *p)
{
	u64 signature;

	__builtin_memcpy(&signature, p, sizeof(signature));
	return signature == RSDP_SIGNATURE && checksum_ok(p, 20) &&
	       (p[15] < 2 || checksum_ok(p, RSDP_SIZE));
}

void acpi_init(void)
{
	const u8 *rsdp = boot_info.rsdp;
	struct table root = {rsdp, RSDP_SIZE};
	size_t width = 4, at, end = 0;
	paddr_t pa;

	if (!rsdp || !rsdp_ok(rsdp))
		return;
	pa = rsdp[15] >= 2 ? field(&root, 24, 8) : 0;
	if (pa)
		width = 8;
	else
		pa = field(&root, 16, 4);
	if (!table_open(&root, pa))
		return;
	acpi.present = true;
	if (table_is(&root, width == 8 ? "XSDT" : "RSDT"))
		end = MIN(root.size, HEADER_SIZE + TABLES_MAX * width);
	for (at = HEADER_SIZE; at + width <= end; at += width)
		read_table(field(&root, at, width));
}
