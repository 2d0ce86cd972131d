/* sources: core/tools/common/elffile.c core/tools/common/strlist.c core/tools/common/words.c core/tools/common/diag.c core/tools/rumprun/rrimage.c core/tools/rumprun/iso9660.c core/tools/rumprun-bake/conf.c core/tools/rumprun-bake/segments.c */
/* flags: -D_GNU_SOURCE -iquote ../../tools/common -iquote ../../tools/rumprun -iquote ../../tools/rumprun-bake -lelf */
/*
 * Files with wrong bytes in them: what reads them must come to an end, within
 * its memory, with a reason for every refusal.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../chance.h"
#include "conf.h"
#include "iso9660.h"
#include "rrimage.h"
#include "segments.h"
/* Last: its macro fail would take our function's name. */
#include <cmocka.h>

#define ROUNDS 4000

static unsigned random_below(unsigned n)
{
	return (unsigned)(chance() % n);
}

/* A program of two segments, with an image's notes and sections. */
struct file {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[4];
	struct {
		Elf64_Nhdr nh;
		char name[8];
		char text[64];
	} image, pvh;
	Elf64_Dyn dyn[3];
	char strings[48];
	Elf64_Shdr sh[5];
};

static void fill(struct file *f)
{
#define AT(m) offsetof(struct file, m)
	*f = (struct file){
		.eh = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
				   EV_CURRENT},
		       .e_type = ET_EXEC,
		       .e_machine = EM_X86_64,
		       .e_version = EV_CURRENT,
		       .e_entry = 0x400100,
		       .e_phoff = AT(ph),
		       .e_shoff = AT(sh),
		       .e_ehsize = sizeof(Elf64_Ehdr),
		       .e_phentsize = sizeof(Elf64_Phdr),
		       .e_phnum = 4,
		       .e_shentsize = sizeof(Elf64_Shdr),
		       .e_shnum = 5,
		       .e_shstrndx = 1},
		.ph = {{PT_LOAD, PF_R | PF_X, 0, 0x400000, 0x400000,
			sizeof(*f), sizeof(*f), 4096},
		       {PT_LOAD, PF_R | PF_W, 0, 0x402000, 0x402000, 64, 8192,
			4096},
		       {PT_NOTE, PF_R, AT(image), 0, 0,
			sizeof(f->image) + sizeof(f->pvh), 0, 4},
		       {PT_DYNAMIC, PF_R, AT(dyn), 0, 0, sizeof(f->dyn), 0, 8}},
		.image = {{8, 64, 2}, "rumprun",
			  "config=hw_x\ncomponents=kern vfs\nprograms=a b\n"},
		.pvh = {{4, 64, 18}, "Xen", ""},
		.dyn = {{DT_FLAGS_1, {DF_1_PIE}}, {DT_NEEDED, {1}}, {0}},
		.strings = "\0.strtab\0.note\0.dynamic\0.debug_rumprun.0",
		.sh = {{0},
		       {1, SHT_STRTAB, 0, 0, AT(strings), 48, 0, 0, 1, 0},
		       {9, SHT_NOTE, 0, 0, AT(image),
			sizeof(f->image) + sizeof(f->pvh), 0, 0, 4, 0},
		       {15, SHT_DYNAMIC, 0, 0, AT(dyn), sizeof(f->dyn), 1, 0, 8,
			16},
		       {24, SHT_PROGBITS, 0, 0, AT(dyn), 16, 0, 0, 1, 0}},
	};
	/* "Xen" takes four bytes, not eight. */
	memmove(f->pvh.name + 4, f->pvh.text, sizeof(f->pvh.text));
}

/* Put the bytes where a path leads to them; returns the descriptor. */
static int place(const void *bytes, size_t n, char *path)
{
	int fd = memfd_create("hostile", 0);

	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	sprintf(path, "/proc/self/fd/%d", fd);
	return fd;
}

static void check_program(const char *path)
{
	struct program p = {.path = (char *)"program"};
	struct elffile f;
	char *why = NULL;
	bool ok = elffile_open(&f, path, &why);

	if (ok) {
		memcpy(&p.ehdr, f.bytes, sizeof(p.ehdr));
		p.phdr = calloc(p.ehdr.e_phnum + 1u, sizeof(*p.phdr));
		memcpy(p.phdr, (char *)f.bytes + p.ehdr.e_phoff,
		       p.ehdr.e_phnum * sizeof(*p.phdr));
		ok = check_kind(&p, &f, &why) &&
		     check_segments(&p, f.size, &why);
		free(p.phdr);
		elffile_close(&f);
	}
	assert_int_equal(ok, why == NULL);
	free(why);
}

static void check_image(const char *path)
{
	struct rrimage i;
	GElf_Shdr sh;
	Elf_Scn *scn;
	char *why = NULL;
	bool ok = rrimage_open(&i, path, &why);

	if (ok) {
		scn = elffile_section(&i.elf, ".debug_rumprun.0", &sh);
		if (scn != NULL)
			elf_rawdata(scn, NULL);
		rrimage_close(&i);
	}
	assert_int_equal(ok, why == NULL);
	free(why);
}

static void test_whole(void **state)
{
	struct file f;
	struct rrimage i;
	char path[64], *why = NULL;
	int fd;

	fill(&f);
	fd = place(&f, sizeof(f), path);
	if (!rrimage_open(&i, path, &why))
		fail_msg("%s", why);
	assert_true(i.known);
	assert_string_equal(i.config, "hw_x");
	assert_true(rrimage_has(&i, "vfs"));
	assert_false(rrimage_has(&i, "net"));
	assert_int_equal(i.programs.n, 2);
	rrimage_close(&i);
	close(fd);
}

static void test_elf(void **state)
{
	struct file f;
	char path[64];

	for (int round = 0; round < ROUNDS; round++) {
		unsigned char *b = (unsigned char *)&f;
		size_t n = sizeof(f);
		int fd;

		fill(&f);
		for (unsigned k = random_below(4); k > 0; k--)
			b[random_below(sizeof(f))] =
				(unsigned char)random_below(256);
		if (random_below(4) == 0)
			n = 1 + random_below(sizeof(f));
		fd = place(&f, n, path);
		check_program(path);
		check_image(path);
		close(fd);
	}
}

static void test_iso(void **state)
{
	static unsigned char disk[20 * 2048];
	char path[64];
	uint64_t volume;

	for (int round = 0; round < ROUNDS; round++) {
		unsigned char *d = disk + 16 * 2048;
		size_t n = sizeof(disk);
		int fd;

		memset(disk, 0, sizeof(disk));
		for (int k = 0; k < 4; k++, d += 2048) {
			memcpy(d + 1, "CD001\1", 6);
			d[0] = (unsigned char)(k == 3 ? 255 : random_below(3));
			d[80] = d[87] = 20;
			d[129] = d[130] = 8;
			d[random_below(140)] = (unsigned char)random_below(256);
		}
		if (random_below(2) == 0)
			n = 16 * 2048 - 10 + random_below(4 * 2048);
		fd = place(disk, n, path);
		iso9660_check(fd, n, &volume);
		close(fd);
	}
}

static void test_conf(void **state)
{
	static const char good[] =
		"version 20160209\n# text\nconf _a\n\tcreate \"a b\"\n"
		"\tadd one two 'three'\nfnoc\nconf hw_b\n assimilate _a\n"
		" remove one\n nuke\n add x\\ y ./z.a -lw\nfnoc\n";

	for (int round = 0; round < ROUNDS; round++) {
		struct confs all = {0};
		char *text = strdup(good), *why = NULL;
		bool ok;

		for (unsigned k = random_below(4); k > 0; k--)
			text[random_below(sizeof(good) - 1)] =
				"\n \t'\"\\#_x"[random_below(9)];
		if (random_below(4) == 0)
			text[random_below(sizeof(good) - 1)] = '\0';
		ok = confs_parse(&all, "f", text, &why);
		assert_int_equal(ok, why == NULL);
		free(why);
		free(text);
		confs_free(&all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_iso),
		cmocka_unit_test(test_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
