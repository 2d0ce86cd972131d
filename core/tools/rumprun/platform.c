#include "platform.h"

#include <string.h>

static const struct platform *const platforms[] = {
	&platform_qemu,
	&platform_kvm,
	&platform_iso,
};

/* Of the original or of the plan. */
static const char *const later[] = {"xen", "linux", "ec2", "hvf"};

const struct platform *platform_find(const char *name, char **why)
{
	for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++)
		if (strcmp(platforms[i]->name, name) == 0)
			return platforms[i];
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (strcmp(later[i], name) == 0) {
			fail(why,
			     "platform %s is not there yet: use qemu, kvm or "
			     "iso",
			     name);
			return NULL;
		}
	fail(why,
	     "there is no platform or command '%s' (platforms: qemu, "
	     "kvm, iso; commands: ps, logs, stop)",
	     name);
	return NULL;
}
