/*
 * Platform iso: a hybrid ISO 9660 image that GRUB boots, from a CD or a disk, by
 * BIOS or UEFI.  The configuration document is the first multiboot2 module, the
 * images of -b are the following ones (core/PROTOCOL.md, 4).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document.h"
#include "install.h"
#include "platform.h"
#include "run.h"
#include "scratch.h"

/* A kernel's sector; and its limit (core/platform/hw/hw.h, BOOT_MODULES). */
#define SECTOR 512
#define DISKS_MAX 15

/* What the boot needs of GRUB, and what it needs in turn comes along. */
/* grub-mkrescue asks for every kind of partition table, so all are there. */
#define MODULES                                                                \
	"normal multiboot2 iso9660 part_msdos part_gpt part_acorn part_amiga " \
	"part_apple part_bsd part_dfly part_dvh part_plan part_sun part_sunpc"

/* Files on the ISO. */
#define DIR "boot/rumprun"

/* ---- is everything there? ---- */

static bool check_host(char **why)
{
	static const struct {
		const char *what, *package;
	} needs[] = {
		{"grub-mkrescue", "grub-common"},
		{"/usr/lib/grub/i386-pc/multiboot2.mod", "grub-pc-bin"},
		{"/usr/lib/grub/x86_64-efi/multiboot2.mod",
		 "grub-efi-amd64-bin"},
		{"xorriso", "xorriso"},
		{"mformat", "mtools"},
	};
	struct strlist missing = {0};
	char *list;

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].what[0] == '/' ? access(needs[i].what, R_OK) < 0
					    : !command_exists(needs[i].what))
			strlist_add(&missing, needs[i].package);
	if (missing.n == 0)
		return true;
	list = strlist_join(&missing, " ");
	fail(why,
	     "an ISO is made with GRUB, and packages are missing: "
	     "apt-get install %s",
	     list);
	free(list);
	strlist_clear(&missing);
	return false;
}

/* Options for who runs a guest; nobody does here. */
static bool check_options(const struct launch *l, char **why)
{
	const struct {
		bool given;
		const char *option;
	} runs[] = {
		{l->interactive, "-i"},
		{l->memory_given, "-M"},
		{l->cpus > 1, "-C"},
		{l->paused, "-p"},
		{l->print, "--print"},
		{l->gdb != 0, "-D"},
		{l->raw.n > 0, "-g"},
		{l->tmpdir != NULL, l->keep_tmpdir ? "-T" : "-t"},
		{l->machine != NULL, "--machine"},
		{l->cpu != NULL, "--cpu"},
		{l->accel != NULL, "--accel"},
		{l->status_file != NULL, "--status-file"},
		{l->npublishes > 0, "--publish"},
	};

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		if (runs[i].given)
			return fail(why,
				    "%s: an ISO is made, not run: whoever "
				    "boots it decides that",
				    runs[i].option);
	for (size_t i = 0; i < l->nifaces; i++)
		if (l->ifaces[i].backend != BACKEND_USER ||
		    l->ifaces[i].options.n > 0)
			return fail(why,
				    "-I %s: an ISO has no network backend: "
				    "whoever boots it decides that",
				    l->ifaces[i].tag);
	return true;
}

static bool check_disk(const struct block *b, char **why)
{
	struct stat st;

	if (b->device)
		return fail(why, "-b %s: a device cannot be put on an ISO",
			    b->path);
	if (stat(b->path, &st) < 0)
		return fail(why, "-b %s: %s", b->path, strerror(errno));
	if (st.st_size % SECTOR != 0)
		return fail(why, "-b %s: its size is not a multiple of %d",
			    b->path, SECTOR);
	return true;
}

static bool check_components(const struct launch *l, char **why)
{
	static const char *const disk[] = {"blk", "ramdisk"};

	if (l->nifaces > 0 && !rrimage_has(&l->image, "net"))
		return fail(why,
			    "-I: image %s has no component net (it was baked "
			    "with %s)",
			    l->image.path, l->image.config);
	for (size_t i = 0; l->nblocks > 0 && i < 2; i++)
		if (!rrimage_has(&l->image, disk[i]))
			return fail(why,
				    "-b: image %s has no component %s (it was "
				    "baked with %s)",
				    l->image.path, disk[i], l->image.config);
	if (l->nblocks > DISKS_MAX)
		return fail(why, "-b: there are at most %d on an ISO",
			    DISKS_MAX);
	for (size_t i = 0; i < l->nblocks; i++)
		if (!check_disk(&l->blocks[i], why))
			return false;
	return true;
}

/* NAME.iso for NAME.bin, here. */
static char *default_output(const char *image)
{
	const char *base = base_name(image);
	size_t n = strlen(base);

	if (n > 4 && strcmp(base + n - 4, ".bin") == 0)
		n -= 4;
	return xasprintf("%.*s.iso", (int)n, base);
}

static bool check(struct launch *l, char **why)
{
	struct stat st;

	if (!check_options(l, why) || !check_components(l, why) ||
	    !check_host(why))
		return false;
	if (l->output == NULL)
		l->output = default_output(l->image.path);
	if (stat(l->output, &st) == 0 && !S_ISREG(st.st_mode))
		return fail(why, "-o %s: it is there, and no regular file",
			    l->output);
	return true;
}

/* ---- making it ---- */

static bool write_file(const char *path, const char *text, char **why)
{
	FILE *f = fopen(path, "we");
	bool ok = f != NULL && fputs(text, f) >= 0;

	/* Readable on the ISO, where nothing is secret any more. */
	ok = ok && fchmod(fileno(f), 0644) == 0;
	if (f != NULL && fclose(f) != 0)
		ok = false;
	return ok || fail(why, "cannot write %s: %s", path, strerror(errno));
}

/* GRUB's commands; --nounzip: a compressed image is the guest's business. */
static bool write_menu(const struct launch *l, const char *path, char **why)
{
	struct strlist lines = {0};
	char *text;
	bool ok;

	strlist_add(&lines, "multiboot2 /" DIR "/image");
	strlist_add(&lines, "module2 --nounzip /" DIR "/config.json");
	for (size_t i = 0; i < l->nblocks; i++)
		strlist_addf(&lines, "module2 --nounzip /" DIR "/%s%zu",
			     l->platform->disk, i);
	strlist_add(&lines, "boot\n");
	text = strlist_join(&lines, "\n");
	ok = write_file(path, text, why);
	free(text);
	strlist_clear(&lines);
	return ok;
}

/* False with *why and the last lines of what the command said. */
static bool run_command(const struct strlist *argv, char **why)
{
	char *output = NULL, *end;
	int status = 0, lines = 0;
	bool ok;

	if (!run(argv, &output, &status, why))
		return false;
	ok = status == 0;
	if (!ok) {
		for (end = output + strlen(output); end > output; end--)
			if (end[-1] == '\n' && ++lines > 5)
				break;
		fail(why, "%s ended with status %d:\n%s", argv->v[0], status,
		     end);
	}
	free(output);
	return ok;
}

/*
 * Without symbols: GRUB would load them, and nobody is there who can read a
 * report with them.
 */
static bool strip(const struct launch *l, const char *to, char **why)
{
	struct strlist argv = {0};
	char *tool = binutil("strip");
	bool ok;

	strlist_adds(&argv, tool, "-o", to, l->image.path, NULL);
	ok = run_command(&argv, why);
	strlist_clear(&argv);
	free(tool);
	return ok;
}

/* "where=file" for mkisofs -graft-points, which knows \ as an escape. */
static void graft(struct strlist *argv, const char *where, const char *file)
{
	char *out = xmalloc(2 * strlen(file) + 1), *p = out;

	for (; *file != '\0'; file++) {
		if (*file == '=' || *file == '\\')
			*p++ = '\\';
		*p++ = *file;
	}
	*p = '\0';
	strlist_addf(argv, "%s=%s", where, out);
	free(out);
}

static bool mkrescue(const struct launch *l, const char *output,
		     const char *menu, const char *document, const char *image,
		     char **why)
{
	struct strlist argv = {0};
	bool ok;

	strlist_adds(&argv, "grub-mkrescue", "--install-modules=" MODULES,
		     "--fonts=", "--locales=", "--themes=", "-o", output,
		     NULL);
	graft(&argv, "boot/grub/grub.cfg", menu);
	graft(&argv, DIR "/image", image);
	graft(&argv, DIR "/config.json", document);
	for (size_t i = 0; i < l->nblocks; i++) {
		char *name = xasprintf(DIR "/%s%zu", l->platform->disk, i);

		graft(&argv, name, l->blocks[i].path);
		free(name);
	}
	ok = run_command(&argv, why);
	strlist_clear(&argv);
	return ok;
}

static bool build(const struct launch *l, struct scratch *s, const char *output,
		  char **why)
{
	char *menu = scratch_file(s, "grub.cfg");
	char *config = scratch_file(s, "config.json");
	char *image = scratch_file(s, "image");
	char *document = document_make(l, NULL, why);
	bool ok;

	ok = document != NULL && write_file(config, document, why) &&
	     write_menu(l, menu, why) && strip(l, image, why) &&
	     mkrescue(l, output, menu, config, image, why);
	free(document);
	free(image);
	free(config);
	free(menu);
	return ok;
}

/* What was there stays until the new one is whole. */
static bool make(const struct launch *l, char **why)
{
	char *new = xasprintf("%s.new", l->output);
	struct scratch s = {0};
	bool ok = scratch_make(&s, why);

	if (ok) {
		scratch_watch(&s, new);
		ok = build(l, &s, new, why);
		if (ok && rename(new, l->output) < 0)
			ok = fail(why, "cannot write %s: %s", l->output,
				  strerror(errno));
		scratch_remove(&s);
	}
	free(new);
	return ok;
}

const struct platform platform_iso = {
	.name = "iso",
	.describe = "a bootable ISO image, for BIOS and UEFI",
	.disk = "md",
	.elsewhere = true,
	.check = check,
	.make = make,
};
