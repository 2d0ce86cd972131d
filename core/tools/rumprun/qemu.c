/* Platforms qemu and kvm: what is checked before QEMU starts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform.h"
#include "publish.h"
#include "qemu.h"
#include "run.h"
#include "usernet.h"

/*
 * A /dev/kvm alone proves nothing: there are machines where it opens and then
 * interprets every instruction.  The processor's flags tell.
 */
static bool cpu_virtualises(void)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (f != NULL && !found && getline(&line, &size, f) > 0)
		found = strncmp(line, "flags", 5) == 0 &&
			(strstr(line, " vmx") || strstr(line, " svm"));
	free(line);
	if (f != NULL)
		fclose(f);
	return found;
}

static bool kvm_opens(char **why)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return fail(why, "cannot open /dev/kvm: %s", strerror(errno));
	close(fd);
	return true;
}

/* Does the processor really offer KVM, and may we use it? */
static bool kvm_usable(char **why)
{
	if (!cpu_virtualises())
		return fail(why, "this processor offers no virtualisation "
				 "(neither vmx nor svm in /proc/cpuinfo)");
	return kvm_opens(why);
}

/* Whoever says --accel kvm knows what the flags do not tell. */
static bool check_accel(struct launch *l, char **why)
{
	char *reason = NULL;

	if (l->accel == NULL) {
		l->accel = xstrdup(kvm_usable(&reason) ? "kvm" : "tcg");
	} else if (strcmp(l->accel, "kvm") == 0 && !kvm_opens(&reason)) {
		fail(why, "--accel kvm: %s", reason);
		free(reason);
		return false;
	}
	free(reason);
	return true;
}

bool qemu_is_microvm(const struct launch *l)
{
	return strcmp(l->machine, "microvm") == 0;
}

static bool check_machine(struct launch *l, char **why)
{
	const char *bus;

	/* An image with nothing but virtio-mmio is made for microvm. */
	if (l->machine == NULL)
		l->machine = xstrdup(
			l->image.known &&
					rrimage_has(&l->image, "virtio_mmio") &&
					!rrimage_has(&l->image, "virtio_pci")
				? "microvm"
				: "pc");
	if (strcmp(l->machine, "pc") != 0 && strcmp(l->machine, "q35") != 0 &&
	    !qemu_is_microvm(l))
		return fail(why, "--machine %s: it must be pc, q35 or microvm",
			    l->machine);
	bus = qemu_is_microvm(l) ? "virtio_mmio" : "virtio_pci";
	if ((l->nifaces > 0 || l->nblocks > 0 ||
	     rrimage_has(&l->image, "virtio_console")) &&
	    !rrimage_has(&l->image, bus))
		return fail(why,
			    "image %s cannot use the devices of machine %s: "
			    "component %s is not baked in",
			    l->image.path, l->machine, bus);
	return true;
}

/* Devices that the image has no driver for would be ignored in silence. */
static bool check_drivers(const struct launch *l, char **why)
{
	static const struct {
		const char *component;
		bool net;
	} needs[] = {{"net", true},
		     {"virtio_net", true},
		     {"blk", false},
		     {"virtio_blk", false}};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if ((needs[i].net ? l->nifaces : l->nblocks) == 0)
			continue;
		if (!rrimage_has(&l->image, needs[i].component))
			return fail(why,
				    "%s: image %s has no component %s (it was "
				    "baked with %s)",
				    needs[i].net ? "-I" : "-b", l->image.path,
				    needs[i].component, l->image.config);
	}
	return true;
}

static bool check_network(struct launch *l, char **why)
{
	struct usernet u;

	for (size_t i = 0; i < l->nifaces; i++)
		if (l->ifaces[i].backend == BACKEND_USER &&
		    !usernet_plan(&u, &l->ifaces[i], why))
			return fail(why, "-W %s: %s", l->ifaces[i].tag, *why);
	for (size_t i = 0; i < l->npublishes; i++) {
		if (!publish_reserve(&l->publishes[i], why))
			return fail(why, "--publish %s: %s",
				    l->publishes[i].arg, *why);
		for (size_t k = 0; k < i; k++)
			if (l->publishes[k].udp == l->publishes[i].udp &&
			    l->publishes[k].port == l->publishes[i].port)
				return fail(why,
					    "--publish %s: port %u is "
					    "published twice",
					    l->publishes[i].arg,
					    l->publishes[i].port);
	}
	return true;
}

static bool check(struct launch *l, char **why)
{
	if (l->output != NULL)
		return fail(why, "-o %s: only platform iso writes a file",
			    l->output);
	if (!rrimage_fits(&l->image, l->memory, why))
		return false;
	if (!command_exists(QEMU))
		return fail(why,
			    "QEMU is missing: " QEMU " was not found in PATH "
			    "(Debian package qemu-system-x86)");
	if (!check_accel(l, why) || !check_machine(l, why) || !check_drivers(l, why) ||
	    !check_network(l, why))
		return false;
	return l->gdb == 0 || port_free(l->gdb, why) ||
	       fail(why, "-D %u: %s", l->gdb, *why);
}

static bool check_kvm(struct launch *l, char **why)
{
	char *reason = NULL;

	if (l->accel != NULL)
		return fail(why, "--accel %s: platform kvm has no choice; "
				 "use qemu", l->accel);
	if (!kvm_usable(&reason)) {
		fail(why, "platform kvm cannot be used: %s; use qemu", reason);
		free(reason);
		return false;
	}
	l->accel = xstrdup("kvm");
	return check(l, why);
}

const struct platform platform_qemu = {
	.name = "qemu",
	.describe = "QEMU, with KVM where the processor offers it",
	.disk = "ld",
	.check = check,
	.command = qemu_command,
};

const struct platform platform_kvm = {
	.name = "kvm",
	.describe = "QEMU with KVM, or not at all",
	.disk = "ld",
	.check = check_kvm,
	.command = qemu_command,
};
