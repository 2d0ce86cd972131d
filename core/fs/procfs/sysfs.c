/* /sys: the few files that programs look at. */
#include "private.h"

static void show_cpus(struct text *t, const struct proc_ctx *c)
{
	unsigned n = platform_cpus_online();

	text_add(t, n > 1 ? "0-%u\n" : "%u\n", n - 1);
}

static void show_possible(struct text *t, const struct proc_ctx *c)
{
	unsigned n = platform_cpus_present();

	text_add(t, n > 1 ? "0-%u\n" : "%u\n", n - 1);
}

/* There are no huge pages. */
static void show_thp(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "always madvise [never]\n");
}

/* Programs ask whether reading the clock is cheap: it is. */
static void show_clocksource(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "tsc\n");
}

static const struct proc_entry cpu_children[] = {
	{.name = "online", .mode = PROC_FILE, .show = show_cpus},
	{.name = "possible", .mode = PROC_FILE, .show = show_possible},
	{.name = "present", .mode = PROC_FILE, .show = show_possible},
	{0},
};

static const struct proc_entry clocksource0_children[] = {
	{.name = "available_clocksource", .mode = PROC_FILE,
	 .show = show_clocksource},
	{.name = "current_clocksource", .mode = PROC_FILE,
	 .show = show_clocksource},
	{0},
};

static const struct proc_entry clocksource_children[] = {
	{.name = "clocksource0", .mode = PROC_DIR,
	 .children = clocksource0_children},
	{0},
};

static const struct proc_entry system_children[] = {
	{.name = "clocksource", .mode = PROC_DIR,
	 .children = clocksource_children},
	{.name = "cpu", .mode = PROC_DIR, .children = cpu_children},
	{0},
};

static const struct proc_entry devices_children[] = {
	{.name = "system", .mode = PROC_DIR, .children = system_children},
	{0},
};

static const struct proc_entry thp_children[] = {
	{.name = "enabled", .mode = PROC_FILE, .show = show_thp},
	{0},
};

static const struct proc_entry mm_children[] = {
	{.name = "transparent_hugepage", .mode = PROC_DIR,
	 .children = thp_children},
	{0},
};

static const struct proc_entry kernel_children[] = {
	{.name = "mm", .mode = PROC_DIR, .children = mm_children},
	{0},
};

static const struct proc_entry root_children[] = {
	{.name = "block", .mode = PROC_DIR},
	{.name = "devices", .mode = PROC_DIR, .children = devices_children},
	{.name = "kernel", .mode = PROC_DIR, .children = kernel_children},
	{0},
};

const struct proc_entry sysfs_root = {
	.name = "sys",
	.mode = PROC_DIR,
	.children = root_children,
};
