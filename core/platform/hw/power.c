/* The power button, and switching the machine off. */
#include "hw.h"
#include <arch/insn.h>

/* ACPI 6.4, 4.8.3 */
#define PM1_POWER_BUTTON BIT(8)
#define PM1_SCI_ENABLED BIT(0)
#define PM1_SLEEP_TYPE(t) ((u16)((t) << 10))
#define PM1_SLEEP BIT(13)
/* 4.8.3.7: hardware-reduced */
#define SLEEP_TYPE(t) ((u8)((t) << 2))
#define SLEEP_ENABLE BIT(5)
#define GAS_MEMORY 0
#define GAS_PORT 1

/* QEMU hw/acpi/generic_event_device.c */
#define GED_POWER_DOWN BIT(1)

#define DEBUG_EXIT 0xf4    /* isa-debug-exit as core/PROTOCOL.md, 5 has it */
#define KEYBOARD 0x64
#define KEYBOARD_RESET 0xfe /* pulses the reset line, since the PC AT */

static void (*notify)(void);  /* atomic */
static bool pressed;          /* atomic; before anybody wanted to know */
static volatile u8 *sleep_control __ro_after_init;
static volatile u8 *reset_register __ro_after_init;
static volatile u32 *ged __ro_after_init;

static void button(void)
{
	void (*fn)(void) = __atomic_load_n(&notify, __ATOMIC_SEQ_CST);

	if (fn)
		fn();
	else
		__atomic_store_n(&pressed, true, __ATOMIC_SEQ_CST);
}

void platform_shutdown_notify(void (*fn)(void))
{
	__atomic_store_n(&notify, fn, __ATOMIC_SEQ_CST);
	if (__atomic_exchange_n(&pressed, false, __ATOMIC_SEQ_CST))
		fn();
}

static bool event_block(u32 port)
{
	u16 status;

	if (!port)
		return false;
	status = inw((u16)port);
	if (!(status & PM1_POWER_BUTTON))
		return false;
	outw((u16)port, PM1_POWER_BUTTON); /* writing 1 clears */
	return true;
}

static void sci(void *arg)
{
	bool a = event_block(acpi.pm1a_event);
	bool b = event_block(acpi.pm1b_event);

	if (a || b)
		button();
}

static void ged_event(void *arg)
{
	if (*ged & GED_POWER_DOWN) /* reading clears */
		button();
}

/* The firmware may still own the events (4.8.2.1). */
static void take_over(void)
{
	u16 control = (u16)acpi.pm1a_control;

	if (!acpi.smi_command || !acpi.acpi_enable || !control ||
	    (inw(control) & PM1_SCI_ENABLED))
		return;
	outb((u16)acpi.smi_command, acpi.acpi_enable);
	for (unsigned i = 0; i < 1000; i++)
		if (inw(control) & PM1_SCI_ENABLED)
			return;
	kmsg("the firmware does not hand over power management");
}

static void enable_button(u32 port)
{
	u16 enable = (u16)(port + acpi.pm1_event_len / 2);

	if (!port)
		return;
	outw((u16)port, PM1_POWER_BUTTON);
	outw(enable, inw(enable) | PM1_POWER_BUTTON);
}

static void init_fixed_hardware(void)
{
	if (!acpi.pm1a_event || acpi.pm1_event_len < 4)
		return;
	take_over();
	/* Level, active low (5.2.9), if the MADT does not say otherwise. */
	if (platform_irq_attach(acpi.sci_line, true, true, sci, NULL)) {
		kmsg("no interrupt for the power button");
		return;
	}
	enable_button(acpi.pm1a_event);
	enable_button(acpi.pm1b_event);
}

static void init_ged(void)
{
	ged = platform_map_registers(acpi.ged, sizeof(*ged));
	if (!ged || platform_irq_attach(acpi.ged_line, acpi.ged_level,
					acpi.ged_active_low, ged_event, NULL))
		kmsg("no interrupt for the power button");
}

static volatile u8 *map_gas(const struct acpi_gas *g)
{
	if (!g->address || g->space != GAS_MEMORY)
		return NULL;
	return platform_map_registers(g->address, 1);
}

static bool write_gas(const struct acpi_gas *g, volatile u8 *mapped, u8 v)
{
	if (mapped)
		*mapped = v;
	else if (g->address && g->space == GAS_PORT)
		outb((u16)g->address, v);
	else
		return false;
	return true;
}

void power_init(void)
{
	if (!acpi.present)
		return;
	sleep_control = map_gas(&acpi.sleep_control);
	reset_register = map_gas(&acpi.reset);
	if (!acpi.hw_reduced)
		init_fixed_hardware();
	if (acpi.has_ged)
		init_ged();
}

/*
 * 4.8.3.2: the other bits of the register stay, SCI_EN above all.
 * The type is written first, then the order to sleep, as Linux does it.
 */
static void sleep_by(u32 port, u8 type)
{
	u16 v = inw((u16)port) & (u16)~(PM1_SLEEP_TYPE(7) | PM1_SLEEP);

	outw((u16)port, v | PM1_SLEEP_TYPE(type));
	outw((u16)port, v | PM1_SLEEP_TYPE(type) | PM1_SLEEP);
}

static void soft_off(void)
{
	if (!acpi.has_s5)
		return;
	write_gas(&acpi.sleep_control, sleep_control,
		  SLEEP_TYPE(acpi.s5_type_a) | SLEEP_ENABLE);
	if (acpi.hw_reduced || !acpi.pm1a_control)
		return;
	sleep_by(acpi.pm1a_control, acpi.s5_type_a);
	if (acpi.pm1b_control)
		sleep_by(acpi.pm1b_control, acpi.s5_type_b);
}

/* An interrupt without a table to serve it. */
static void triple_fault(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed none = {0, 0};

	__asm__ __volatile__("lidt %0; int3" ::"m"(none));
}

void power_off(int status)
{
	outl(DEBUG_EXIT, (u32)status & 0x7f);
	soft_off();
	/* It does not go off: a reset is the next best end. */
	for (volatile int i = 0; i < 1000000; i++)
		;
	write_gas(&acpi.reset, reset_register, acpi.reset_value);
	outb(KEYBOARD, KEYBOARD_RESET);
	for (volatile int i = 0; i < 1000000; i++)
		;
	triple_fault();
}
