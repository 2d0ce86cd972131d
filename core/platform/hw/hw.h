/*
 * Private to core/platform/hw: what its files have in common.
 *
 * Unless stated otherwise, everything here is called during start-up, by the
 * boot CPU alone, with interrupts off.
 */
#ifndef RR_PLATFORM_HW_H
#define RR_PLATFORM_HW_H

#include "log.h"
#include "platform.h"
#include "spinlock.h"

/* ---- bootinfo.c: what the loader tells ---- */

#define BOOT_MODULES 16

struct boot_info {
	/* In the loader's order; the first is the configuration document. */
	struct phys_range modules[BOOT_MODULES];
	unsigned nmodules;
	char *cmdline;  /* our own copy; NULL: none */
	const u8 *rsdp; /* RSDP_SIZE bytes, for acpi_init; NULL: none */
};
#define RSDP_SIZE 36 /* of revision 2, ACPI 6.4, 5.2.5.3; of the first, 20 */
extern struct boot_info boot_info;

/* magic: the loader's register, 0 for PVH; info: address of its structure. */
void bootinfo_init(u32 magic, u32 info);
/*
 * Until kmap_init: memory of any kind below 4 GiB, where the boot tables reach;
 * NULL: it is not, or pa is 0.
 */
const void *boot_memory(u64 pa, u64 size);

/* ---- memory.c: which memory there is ---- */

void memory_add(paddr_t base, u64 size);
/* Not to be given out; temporary: only while the kernel starts. */
void memory_reserve(paddr_t base, u64 size, bool temporary);
/* All memory that has been added, page-aligned, ascending. */
const struct phys_range *memory_all(size_t *n);
/* Is all of it memory? */
bool memory_contains(paddr_t base, u64 size);
/* Zeroed frames below 4 GiB, for good; panics when there are none. */
paddr_t memory_early(size_t size);
paddr_t memory_early_page(void);
/* Work out platform_memory(). */
void memory_finish(void);

/* ---- ports.c ---- */

/*
 * Map physical memory of any kind; NULL: no address space or no memory.  Not in
 * interrupts.
 */
void *map_physical(paddr_t pa, size_t size, unsigned bits);
void unmap_physical(const void *p, size_t size);

/* ---- uart.c, console.c ---- */

/* Find debugcon and COM1. */
void console_init(void);

bool uart_probe(void);
bool uart_present(void);
/*
 * Send; patience: how often to look whether the transmitter is ready.  Returns
 * the bytes taken.  Any context.
 */
size_t uart_put(const char *buf, size_t n, u32 patience);
/* Take what has come in; any context. */
size_t uart_get(char *buf, size_t n);
/* fn is called, in the interrupt, when there is something to take. */
void uart_enable_input(void (*fn)(void));
/* Wait until everything has left, bounded. */
void uart_drain(void);

/* ---- acpi.c ---- */

struct acpi_gas { /* ACPI 6.4, 5.2.3.2 */
	u8 space, width, offset, access;
	u64 address;
} __packed;

#define MAX_IOAPICS 8

struct acpi_facts {
	bool present;
	bool hw_reduced;
	u16 sci_line;
	u32 pm1a_event, pm1b_event;     /* ports, 0: none */
	u8 pm1_event_len;
	u32 pm1a_control, pm1b_control;
	u32 smi_command;
	u8 acpi_enable;
	u32 pm_timer;                   /* port */
	bool pm_timer_32;
	struct acpi_gas sleep_control;  /* hardware-reduced */
	struct acpi_gas reset;
	u8 reset_value;
	u8 s5_type_a, s5_type_b;
	bool has_s5;
	paddr_t hpet;                   /* registers */
	paddr_t ecam;                   /* segment 0 */
	u8 ecam_first, ecam_last;       /* buses */
	paddr_t ged;                    /* event device's selector register */
	u32 ged_line;
	bool ged_level, ged_active_low;
	bool has_ged;
	unsigned ioapics;
	struct ioapic_at {
		paddr_t base;
		u32 first;              /* line */
	} ioapic[MAX_IOAPICS];
	/* Usable processors, by the ids of their local APICs. */
	unsigned cpus;
	u32 cpu[MAX_CPUS];              /* the first of them */
};
extern struct acpi_facts acpi;

/* Of ACPI's and MP tables: all bytes add up to 0. */
static inline bool checksum_ok(const u8 *p, size_t n)
{
	u8 sum = 0;

	while (n--)
		sum = (u8)(sum + *p++);
	return !sum;
}

/* After bootinfo_init, while boot_memory can be used. */
void acpi_init(void);
/* A table lists this processor, maybe not for the first time. */
void processor_found(u32 apic_id);

/* Look for what we want to know in a DSDT (acpi_dsdt.c). */
void acpi_scan_dsdt(const u8 *aml, size_t n);

/* Interrupt controllers and overrides of the MADT. */
#define ISA_LINES 16
struct irq_override {
	bool valid;
	u32 line;
	bool has_trigger, level;       /* else as the bus has it */
	bool has_polarity, active_low;
};
extern struct irq_override isa_override[ISA_LINES];

/* ---- irq.c and the controllers ---- */

void irq_init(void);
/* Attach to line 0 to 15 of the ISA bus.  As platform_irq_attach. */
int irq_attach_isa(unsigned irq, irq_handler fn, void *arg);

/* Remapped, all lines masked.  false: there is none. */
bool i8259_init(void);
void i8259_unmask(unsigned irq, bool level);
/* Any context, interrupts off: */
bool i8259_spurious(unsigned irq);
void i8259_eoi(unsigned irq);

/* false: there is none, or it cannot be used. */
bool lapic_init(void);
bool lapic_present(void);
/*
 * On another CPU: in the boot CPU's mode, from where on lapic_id can be asked;
 * its registers.
 */
void lapic_enable(void);
void lapic_init_cpu(void);
/* Of this CPU. */
u32 lapic_id(void);
/* The highest id that can be a destination in this mode. */
u32 lapic_max_id(void);
/* Interrupts of the 8259 come through LINT0. */
void lapic_accept_8259(void);
/* Any context: */
void lapic_eoi(void);
/*
 * what: a vector, or one of these (SDM vol. 3, 11.6.1; start-up: with the number
 * of the page).
 */
#define IPI_NMI 0x4400
#define IPI_INIT 0x4500
#define IPI_STARTUP 0x4600
void lapic_send(u32 id, u32 what);
/* Timer: VECTOR_TIMER when count has run down (0: stop). */
void lapic_timer_init(bool tsc_deadline);
void lapic_timer_start(u32 count);
u32 lapic_timer_current(void);

void ioapic_add(paddr_t base, u32 first_line);
bool ioapic_present(void);
/* Have a line raise vector on the CPU with this APIC id. 0 or -ENXIO. */
int ioapic_route(u32 line, u8 vector, bool level, bool active_low, u8 apic_id);

/* ---- clocks ---- */

/* Cycles of the TSC, ticks of the LAPIC timer (0: not known) per second. */
extern u64 tsc_hz, lapic_hz;
void tsc_calibrate(void);
/*
 * Once, when the start is nearly over: measure tsc_hz over the time that it took.
 * false: it was known, or stays what it is.
 */
bool tsc_refine(void);
void clocks_init(void);
/* Do other CPUs see the same time if their TSCs are the same? */
bool clock_is_tsc(void);
/* They are not: each has its tsc_offset, and what is left is smoothed. */
void clock_tsc_differs(void);
/* ns, or what another CPU has seen already if that is later.  Any context. */
nsec_t clock_ascend(nsec_t ns);
/* Any context: nanoseconds to cycles of the TSC; saturates. */
u64 ns_to_cycles(u64 ns);
/* a * b >> shift without overflow on the way. */
static inline u64 mul_shift(u64 a, u64 b, unsigned shift)
{
	return (u64)((unsigned __int128)a * b >> shift);
}

/* false: none.  Sets tsc_hz. */
bool kvmclock_init(void);
nsec_t kvmclock_now(void);
/* On another CPU: memory for it (false: none), start it there. */
bool kvmclock_alloc(struct cpu *c);
void kvmclock_init_cpu(struct cpu *c);
/* Nanoseconds since 1970 when kvmclock was 0; false: not known. */
bool kvmclock_wall(s64 *ns);

/* Seconds since 1970 by the CMOS clock; false: there is none. */
bool rtc_read(s64 *unix_seconds);

#define PIT_HZ 1193182 /* 8253; PC: 14.31818 MHz / 12 */
void timer_init_hw(void);
/* On another CPU. */
void timer_init_hw_cpu(void);

/* ---- devices, power ---- */

void pci_init(void);
/* Devices named on the command line; call before anybody reads it. */
void mmio_init(void);
/* Component virtio_mmio: one of those, from "SIZE@BASE:LINE[:ID]" on. */
void mmio_named(const char *s) __weak;
void mmio_found(paddr_t base, u64 size, u32 line, bool level, bool active_low);
void power_init(void);
/*
 * Try everything that ends the machine, in this order; returns if nothing did.
 */
void power_off(int status);

/* ---- processors ---- */

extern struct cpu boot_cpu;
/* By number; those that run have the first ones. */
extern struct cpu *cpus[MAX_CPUS];
/* How many run: written once the others have come up. */
extern unsigned cpus_online;

/*
 * What the component smp does; NULL without it, and all is on the boot CPU then.
 */
struct smp_ops {
	/* Early in platform_init_late. */
	void (*prepare)(void);
	/* platform_call_others; cpus is not empty. */
	void (*call)(u64 cpus, void (*fn)(void *arg), void *arg);
	/* VECTOR_CALL came. */
	void (*interrupt)(void);
	/* The others stop for good; interrupts are off. */
	void (*stop)(void);
	/* platform_nmi */
	void (*nmi)(const struct trapframe *tf);
};
extern const struct smp_ops *smp;

#endif
