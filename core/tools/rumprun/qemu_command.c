/* QEMU's command line. */
#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "qemu.h"
#include "usernet.h"

/* A value inside a QEMU option: commas doubled.  The caller frees it. */
static char *escape(const char *s)
{
	char *out = xmalloc(2 * strlen(s) + 1), *p = out;

	for (; *s != '\0'; s++) {
		*p++ = *s;
		if (*s == ',')
			*p++ = ',';
	}
	*p = '\0';
	return out;
}

/*
 * A virtio device, on the machine's transport.  The legacy interface is off:
 * one less to have in drivers and hypervisor.  No option ROM: nothing boots
 * from it.
 */
static void virtio(const struct launch *l, struct strlist *argv,
		   const char *kind, const char *properties)
{
	strlist_add(argv, "-device");
	if (qemu_is_microvm(l))
		strlist_addf(argv, "virtio-%s-device%s", kind, properties);
	else
		strlist_addf(argv, "virtio-%s-pci,disable-legacy=on%s%s", kind,
			     strcmp(kind, "net") == 0 ? ",romfile=" : "",
			     properties);
}

static void chardev(struct strlist *argv, const char *id, enum channel c)
{
	strlist_add(argv, "-chardev");
	strlist_addf(argv, "socket,id=%s,fd=%d", id, CHANNEL_FD(c));
}

/*
 * All that the processor has, but for IA32_ARCH_CAPABILITIES: it tells an operating
 * system which mitigations it may leave out, and ours does not ask.  On AMD's
 * processors KVM offers it and then refuses what older QEMUs set in it, which
 * ends them: "failed to set MSR 0x10a".
 */
#define KVM_CPU "host,arch-capabilities=off"

static void machine(const struct launch *l, struct strlist *argv)
{
	strlist_add(argv, "-machine");
	if (qemu_is_microvm(l))
		strlist_adds(argv,
			     "microvm,acpi=on,pic=on,pit=on,rtc=on,pcie=off,"
			     "isa-serial=on,auto-kernel-cmdline=off",
			     "-global", "virtio-mmio.force-legacy=false", NULL);
	else
		strlist_add(argv, l->machine);
	strlist_adds(argv, "-accel", l->accel, "-cpu",
		     l->cpu			    ? l->cpu
		     : strcmp(l->accel, "kvm") == 0 ? KVM_CPU
						    : "max",
		     "-m", NULL);
	strlist_addf(argv, "%uM", l->memory);
	strlist_add(argv, "-smp");
	strlist_addf(argv, "%u", l->cpus);
	strlist_adds(argv, "-nodefaults", "-no-user-config", "-no-reboot",
		     "-display", "none", NULL);
}

/* The three ports of PROTOCOL.md, 5. */
static void console(const struct launch *l, struct strlist *argv)
{
	static const struct {
		const char *id, *name;
		enum channel channel;
	} ports[] = {{"stdio", "rumprun.stdio", CHANNEL_STDIO},
		     {"stderr", "rumprun.stderr", CHANNEL_STDERR},
		     {"control", "rumprun.control", CHANNEL_CONTROL}};

	if (!rrimage_has(&l->image, "virtio_console"))
		return;
	virtio(l, argv, "serial", ",id=vser,max_ports=4");
	for (unsigned i = 0; i < 3; i++) {
		chardev(argv, ports[i].id, ports[i].channel);
		strlist_add(argv, "-device");
		strlist_addf(argv,
			     "virtserialport,bus=vser.0,nr=%u,id=%s,name=%s,"
			     "chardev=%s",
			     i + 1, ports[i].id, ports[i].name, ports[i].id);
	}
}

static void legacy_ports(struct strlist *argv)
{
	chardev(argv, "com1", CHANNEL_COM1);
	strlist_adds(argv, "-serial", "chardev:com1", NULL);
	chardev(argv, "log", CHANNEL_LOG);
	strlist_adds(argv, "-device", "isa-debugcon,iobase=0xe9,chardev=log",
		     "-device", "isa-debug-exit,iobase=0xf4,iosize=4", NULL);
	chardev(argv, "monitor", CHANNEL_MONITOR);
	strlist_adds(argv, "-mon", "chardev=monitor,mode=control", NULL);
}

static void blocks(const struct launch *l, struct strlist *argv)
{
	for (size_t i = 0; i < l->nblocks; i++) {
		const struct block *b = &l->blocks[i];
		char *path = escape(b->path);
		char *props = xasprintf(",drive=ld%zu,serial=ld%zu", i, i);

		/* Not -drive, which takes "a:b" for a protocol. */
		strlist_add(argv, "-blockdev");
		strlist_addf(argv,
			     "driver=raw,node-name=ld%zu,read-only=%s,"
			     "file.driver=%s,file.filename=%s",
			     i, b->readonly ? "on" : "off",
			     b->device ? "host_device" : "file", path);
		virtio(l, argv, "blk", props);
		free(path);
		free(props);
	}
}

static bool netdev(const struct launch *l, size_t n, char **out, char **why)
{
	const struct iface *i = &l->ifaces[n];
	char *options;

	if (i->backend == BACKEND_USER)
		return usernet_netdev(l, n, out, why);
	options = strlist_join(&i->options, ",");
	*out = xasprintf("%s,id=net%zu%s%s",
			 i->backend == BACKEND_TAP ? "tap" : "bridge", n,
			 *options ? "," : "", options);
	free(options);
	return true;
}

static bool network(const struct launch *l, struct strlist *argv, char **why)
{
	for (size_t i = 0; i < l->nifaces; i++) {
		char *value, *props;

		if (!netdev(l, i, &value, why))
			return false;
		strlist_adds(argv, "-netdev", value, NULL);
		props = xasprintf(",netdev=net%zu,mac=%s", i, l->ifaces[i].mac);
		virtio(l, argv, "net", props);
		free(value);
		free(props);
	}
	return true;
}

bool qemu_command(const struct launch *l, const char *document,
		  struct strlist *argv, char **why)
{
	char *path;

	strlist_add(argv, QEMU);
	if (l->name != NULL)
		strlist_adds(argv, "-name", l->name, NULL);
	machine(l, argv);
	/* A whole argument, not part of one: commas are themselves. */
	strlist_adds(argv, "-kernel", l->image.path, NULL);
	path = escape(document);
	strlist_adds(argv, "-initrd", path, NULL);
	free(path);
	legacy_ports(argv);
	console(l, argv);
	if (rrimage_has(&l->image, "virtio_rng")) {
		strlist_adds(argv, "-object", "rng-builtin,id=rng0", NULL);
		virtio(l, argv, "rng", ",rng=rng0");
	}
	blocks(l, argv);
	if (!network(l, argv, why))
		return false;
	if (l->gdb != 0) {
		strlist_add(argv, "-gdb");
		strlist_addf(argv, "tcp:127.0.0.1:%u", l->gdb);
	}
	if (l->profile != NULL) {
		chardev(argv, "profile", CHANNEL_PROFILE);
		strlist_adds(argv, "-gdb", "chardev:profile", NULL);
	}
	if (l->paused)
		strlist_add(argv, "-S");
	strlist_cat(argv, &l->raw);
	return true;
}
