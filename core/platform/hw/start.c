/* The platform's start: from the first C function to kernel_main, and later. */
#include "hw.h"
#include "init.h"
#include "linkset.h"
#include "thread.h"
#include <arch/features.h>
#include <arch/fpu.h>
#include <arch/kmap.h>
#include <arch/layout.h>
#include <arch/trap.h>

extern const char __image_start[], __image_end[];
extern const char __boot_tables[], __boot_tables_end[], __boot_stack_top[];

/* boot.S has loaded its address into GS. */
struct cpu boot_cpu = {.self = &boot_cpu,
		       .kstack_top = (u64)__boot_stack_top};

struct cpu *cpus[MAX_CPUS];
unsigned cpus_online = 1;
const struct smp_ops *smp __ro_after_init;

LINKSET_DECLARE(smp);

static void reserve_image(void)
{
	paddr_t start = image_to_phys(__image_start);
	paddr_t tables = image_to_phys(__boot_tables);
	paddr_t after = image_to_phys(__boot_tables_end);

	memory_reserve(start, tables - start, false);
	memory_reserve(tables, after - tables, true);
	memory_reserve(after, image_to_phys(__image_end) - after, false);
}

/* Called by boot.S. */
void boot_main(u32 magic, u32 info) __noreturn;

void boot_main(u32 magic, u32 info)
{
	const struct phys_range *ram;
	size_t n;

	cpus[0] = &boot_cpu;
	features_init();
	fpu_init_cpu();
	console_init();
	cpu_init_tables(&boot_cpu);
	reserve_image();
	bootinfo_init(magic, info);
	acpi_init();
	ram = memory_all(&n);
	kmap_init(ram, n, memory_early_page);
	memory_finish();
	kernel_main();
}

void platform_init_late(void)
{
	kmap_allocator_ready();
	LINKSET_FOREACH(smp, smp)
		smp->prepare();
	irq_init();
	clocks_init();
	timer_init_hw();
	pci_init();
	mmio_init();
	power_init();
}

unsigned platform_cpus_present(void)
{
	return acpi.cpus ? MIN(acpi.cpus, (unsigned)MAX_CPUS) : 1;
}

unsigned platform_cpus_online(void)
{
	return __atomic_load_n(&cpus_online, __ATOMIC_ACQUIRE);
}

struct cpu *platform_cpu(unsigned id)
{
	return id < platform_cpus_online() ? cpus[id] : NULL;
}

void platform_call_others(u64 mask, void (*fn)(void *arg), void *arg)
{
	mask &= ~BIT(this_cpu()->id);
	if (unlikely(mask))
		smp->call(mask, fn, arg);
}

void platform_stop_others(void)
{
	if (smp)
		smp->stop();
}

void platform_nmi(const struct trapframe *tf)
{
	if (smp)
		smp->nmi(tf);
}
