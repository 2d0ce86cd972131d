/*
 * The platform: everything that the kernel wants from what it runs on.
 *
 * This page is its own specification, as the rump kernel hypercall interface was.
 * core/platform/P/ together with core/arch/ARCH/ implements it; nothing else in the
 * kernel names a hypervisor or executes a privileged instruction.  Unless stated
 * otherwise a call may be made in any context, by any CPU.
 */
#ifndef RR_PLATFORM_H
#define RR_PLATFORM_H

#include "types.h"

/* ---- physical memory ---- */

struct phys_range {
	paddr_t base;
	u64 size;
};

/*
 * Usable memory, page-aligned, ascending, without what the image, the boot modules
 * and the boot page tables occupy.  *n ranges; static storage.
 */
const struct phys_range *platform_memory(size_t *n);

/* All of memory is mapped, read-write and not executable, from here on. */
extern u64 platform_direct_map;

static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(platform_direct_map + pa);
}
/* Only for addresses in the direct map. */
static inline paddr_t virt_to_phys(const void *p)
{
	return (u64)(uintptr_t)p - platform_direct_map;
}
/* For addresses in the kernel image (baked programs lie there). */
paddr_t image_to_phys(const void *p);

/* ---- address spaces ---- */

/* Bits for mapping; PROT_* of the program are translated by the caller. */
#define MAP_READ 1u
#define MAP_WRITE 2u
#define MAP_EXEC 4u
#define MAP_PROGRAM 8u   /* the program may use it (matters in ring 3) */
#define MAP_UNCACHED 16u /* device registers */

/* The page tables of one address space; all share the kernel's half. */
struct pmap {
	paddr_t root;
	u64 tables;  /* page table pages, for accounting */
	u64 cpus;    /* bit per CPU on which it may be loaded, atomic */
	u64 stale;   /* of those, the lazy ones that have to flush; atomic */
};

/* 0 or -ENOMEM. */
int pmap_init(struct pmap *pm);
/* Frees the tables; nothing is mapped any more and no CPU has it loaded. */
void pmap_destroy(struct pmap *pm);
/* Load it on this CPU; NULL: only the kernel's half. */
void pmap_activate(struct pmap *pm);

/*
 * Map one page, replacing what was there.  0, or -ENOMEM for want of a table
 * page (those come from page_alloc with ALLOC_NORECLAIM: locks are held).  The
 * caller serialises all calls for one pmap.  A page that is entered writable
 * counts as dirty until pmap_clear_dirty.
 *
 * bits without MAP_READ, MAP_WRITE and MAP_EXEC (PROT_NONE): every access faults,
 * but the frame stays known; pmap_query, pmap_next, pmap_protect and pmap_remove
 * treat it as mapped.
 */
int pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, unsigned bits);
/*
 * For each page mapped in [start, end): unmap it, flush it everywhere, then call
 * fn(arg, va, pa, dirty).  Table pages that became empty may be freed.  fn may be NULL.
 */
void pmap_remove(struct pmap *pm, vaddr_t start, vaddr_t end,
		 void (*fn)(void *arg, vaddr_t va, paddr_t pa, bool dirty),
		 void *arg);
/* Give every mapped page in [start, end) new bits; flushes. */
void pmap_protect(struct pmap *pm, vaddr_t start, vaddr_t end, unsigned bits);
/* Is va mapped?  Then *pa and *bits (either may be NULL). */
bool pmap_query(struct pmap *pm, vaddr_t va, paddr_t *pa, unsigned *bits);
/*
 * The first mapped page in [*va, end): true with *va, *pa and *bits (the last two
 * may be NULL).  Skips what has no tables, so huge ranges are fine.
 */
bool pmap_next(struct pmap *pm, vaddr_t *va, vaddr_t end, paddr_t *pa,
	       unsigned *bits);
/* Read and clear the accessed (and dirty) bit; flushes as needed. */
bool pmap_clear_accessed(struct pmap *pm, vaddr_t va);
bool pmap_clear_dirty(struct pmap *pm, vaddr_t va);

/*
 * The kernel's own mappings outside the direct map (stacks, registers).  A page
 * aligned range of size bytes of kernel address space, not backed; NULL: none left.
 */
void *kva_alloc(size_t size);
void kva_free(void *p, size_t size);
int kva_map(void *va, paddr_t pa, unsigned bits);
/*
 * Unmap, and flush on all CPUs (see platform_call_others); the frames that were there, 0 for
 * none, go to frames[pages], if that is not NULL.
 */
void kva_unmap(void *va, size_t pages, paddr_t *frames);
/* The same for n ranges of as many pages each: other CPUs are interrupted once. */
void kva_unmap_many(void *const *va, size_t n, size_t pages, paddr_t *frames);

/* The program's half: [PROGRAM_START, platform_program_end()). */
#define PROGRAM_START 0x10000ull /* page 0 is never mapped; as vm.mmap_min_addr */
vaddr_t platform_program_end(void);

/* ---- time ---- */

/* Nanoseconds since some point before boot; never goes back, across CPUs too. */
nsec_t platform_monotonic(void);
/*
 * Nanoseconds since 1970 when platform_monotonic() was 0: asks the machine, which
 * takes dozens of exits, by one CPU at a time.
 */
s64 platform_wall_offset(void);
/*
 * Have timer_interrupt() called on this CPU at (or soon after) the deadline;
 * replaces the last one.  NSEC_FOREVER: not at all.
 */
void platform_timer_arm(nsec_t deadline);

/* ---- interrupts ---- */

/*
 * Handlers run with interrupts off on the interrupted thread's kernel stack,
 * briefly.  Handlers of a shared line are all called; each looks at its device.
 */
typedef void (*irq_handler)(void *arg);

/* A line of the interrupt controller, as ACPI and PCI name it. 0 or -errno. */
int platform_irq_attach(u32 line, bool level, bool active_low, irq_handler fn,
			void *arg);

/* Message-signalled: what the device must write, and where. */
struct msi_message {
	u64 address;
	u32 data;
};
/* 0, or -ENOSPC / -ENOSYS when there are none. */
int platform_msi_attach(irq_handler fn, void *arg, struct msi_message *out);

/* ---- devices ---- */

/* Registers in physical memory, mapped uncached; NULL: no address space. */
volatile void *platform_map_registers(paddr_t pa, size_t size);

u8 platform_port_read8(u16 port);
u16 platform_port_read16(u16 port);
u32 platform_port_read32(u16 port);
void platform_port_write8(u16 port, u8 v);
void platform_port_write16(u16 port, u16 v);
void platform_port_write32(u16 port, u32 v);

/* PCI configuration space; where there is no PCI, reads give all ones. */
u32 platform_pci_read(u8 bus, u8 dev, u8 fn, u16 reg, unsigned size);
void platform_pci_write(u8 bus, u8 dev, u8 fn, u16 reg, unsigned size, u32 v);
/* The controller line that this function's INTx arrives at, or -1. */
int platform_pci_irq(u8 bus, u8 dev, u8 fn);

/* Devices that are not found by probing: virtio-mmio transports. */
struct mmio_device {
	paddr_t base;
	u64 size;
	u32 irq;
	bool level, active_low;
};
const struct mmio_device *platform_mmio_devices(size_t *n);

/* Address of a device-visible buffer is its physical address on this platform. */

/* ---- console, entropy, configuration ---- */

/* The log channel (core/PROTOCOL.md, 5).  Does not wait for anything. */
void platform_log(const char *buf, size_t n);
/* The stdio of last resort; write returns bytes taken. */
void platform_console_write(const char *buf, size_t n);
/* Bytes typed, without waiting; 0: none now. */
size_t platform_console_read(char *buf, size_t n);
/* fn is called in interrupt context when there is input. */
void platform_console_notify(void (*fn)(void));

/* Entropy from the processor, if it has any: bytes written. */
size_t platform_entropy(void *buf, size_t n);
/* A fast counter for jitter. */
u64 platform_cycles(void);

/* The configuration document's bytes, or the command line; NULL: none. */
const char *platform_config(size_t *len);
/*
 * The n-th module of the boot loader, the configuration document not counted;
 * NULL: there are no more.  In the direct map, for ever; *len 0: the loader's
 * word for it made no sense.
 */
const void *platform_module(unsigned n, size_t *len);

/* ---- start-up ---- */

/*
 * Second half of the platform's start, once the page allocator works:
 * interrupt controllers, clocks, ACPI.  Interrupts are off.
 */
void platform_init_late(void);
/* Start-up is over: __ro_after_init becomes read-only. */
void platform_seal(void);

/* ---- the end ---- */

/*
 * fn is called (in interrupt context) when somebody outside asks the guest to
 * stop: power button and the like.
 */
void platform_shutdown_notify(void (*fn)(void));

enum halt_cause { HALT_EXIT, HALT_SIGNAL, HALT_PANIC, HALT_OOM };
/*
 * Report (status line) and power off.  status: exit status or signal number.
 */
void platform_halt(enum halt_cause cause, int status) __noreturn;

/* ---- processors ---- */

/* How many there are; how many run: those have the numbers from 0 on. */
unsigned platform_cpus_present(void);
unsigned platform_cpus_online(void);
/* NULL: does not run. */
struct cpu *platform_cpu(unsigned id);
/* A bit for each that runs. */
static inline u64 platform_cpus_mask(void)
{
	return ~0ull >> (64 - platform_cpus_online());
}
/*
 * Have fn(arg) called on each CPU whose bit is set in mask, except this one, in
 * an interrupt there; returns when it has been on all.  Interrupts are on, and
 * no lock is held that is ever waited for with interrupts off.
 */
void platform_call_others(u64 mask, void (*fn)(void *arg), void *arg);
/* Before the guest ends: all other CPUs stop for good.  Any context. */
void platform_stop_others(void);
/*
 * The paragraph of /proc/cpuinfo about a CPU, as Linux writes it on this
 * architecture, into buf[size]; the length that it would have had.  In a thread.
 */
size_t platform_cpu_info(unsigned id, char *buf, size_t size);

#endif
