/* Between qemu.c and qemu_command.c. */
#ifndef RUMPRUN_QEMU_H
#define RUMPRUN_QEMU_H

#include <stdbool.h>

#include "launch.h"
#include "strlist.h"

#define QEMU "qemu-system-x86_64"

/* The machine without PCI, whose devices are on virtio-mmio. */
bool qemu_is_microvm(const struct launch *l);

/* struct platform's command. */
bool qemu_command(const struct launch *l, const char *document,
		  struct strlist *argv, char **why);

#endif
