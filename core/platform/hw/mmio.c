/*
 * The hypervisor's words on the command line, virtio_mmio.device=...: for component
 * virtio_mmio, and blanked out, since the rest of the line belongs to the
 * configuration.
 */
#include "hw.h"
#include "string.h"

void mmio_init(void)
{
	static const char key[] = "virtio_mmio.device=";
	char *s = boot_info.cmdline;

	while (s && (s = strstr(s, key))) {
		if (mmio_named)
			mmio_named(s + sizeof(key) - 1);
		while (*s && *s != ' ')
			*s++ = ' ';
	}
}
