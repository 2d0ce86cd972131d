/* sources: core/kern/proc/elf.c */
/* Checking the headers of baked programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../kern/proc/elf.h"
#include "image.h"

#define LIMIT 0x7ffffffff000ull

static struct {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[4];
} good, file;

static _Alignas(4096) char bytes[4096];
static const void *load[4] = {bytes, bytes, bytes, bytes};
static struct baked_program bp = {"test", &file, load};
static struct elf_program out;

static int setup(void **state)
{
	memset(&good, 0, sizeof(good));
	memcpy(good.eh.e_ident, ELFMAG, SELFMAG);
	good.eh.e_ident[EI_CLASS] = ELFCLASS64;
	good.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	good.eh.e_ident[EI_VERSION] = EV_CURRENT;
	good.eh.e_type = ET_DYN;
	good.eh.e_machine = EM_X86_64;
	good.eh.e_phoff = 64;
	good.eh.e_phentsize = 56;
	good.eh.e_phnum = 4;
	good.eh.e_entry = 0x1234;
	good.ph[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R,
				  .p_filesz = 0x800, .p_memsz = 0x800};
	good.ph[1] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_X,
				  .p_offset = 0x1000, .p_vaddr = 0x1000,
				  .p_filesz = 0x900, .p_memsz = 0x900};
	good.ph[2] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W,
				  .p_offset = 0x1f00, .p_vaddr = 0x2f00,
				  .p_filesz = 0x100, .p_memsz = 0x5000};
	good.ph[3] = (Elf64_Phdr){.p_type = PT_GNU_STACK,
				  .p_flags = PF_R | PF_W};
	file = good;
	for (int i = 0; i < 4; i++)
		load[i] = bytes;
	return 0;
}

static void accepts(void **state)
{
	assert_null(elf_check(&bp, LIMIT, &out));
	assert_true(out.pie);
	assert_false(out.exec_stack);
	assert_int_equal(out.low, 0);
	assert_int_equal(out.high, 0x8000);
	assert_int_equal(out.phdr_vaddr, 64);
	file.ph[3].p_flags |= PF_X;
	assert_null(elf_check(&bp, LIMIT, &out));
	assert_true(out.exec_stack);
	file.eh.e_type = ET_EXEC;
	assert_non_null(elf_check(&bp, LIMIT, &out)); /* at page 0 */
	for (int i = 0; i < 3; i++)
		file.ph[i].p_vaddr += 0x400000;
	file.eh.e_entry += 0x400000;
	assert_null(elf_check(&bp, LIMIT, &out));
	assert_int_equal(out.phdr_vaddr, 0x400040);
	assert_false(out.pie);
}

static void refuse(const char *what)
{
	const char *wrong = elf_check(&bp, LIMIT, &out);

	if (!wrong)
		fail_msg("accepted: %s", what);
	file = good;
}

static void refuses(void **state)
{
	file.eh.e_ident[0] = 0;
	refuse("magic");
	file.eh.e_ident[EI_CLASS] = ELFCLASS32;
	refuse("class");
	file.eh.e_machine = EM_386;
	refuse("machine");
	file.eh.e_type = ET_REL;
	refuse("type");
	file.eh.e_phoff = 128;
	refuse("place of the program headers");
	file.eh.e_phnum = 0;
	refuse("no program headers");
	file.eh.e_phnum = 65535;
	refuse("too many program headers");
	file.eh.e_entry = 0x100;
	refuse("entry in data");
	file.eh.e_entry = 0x1900;
	refuse("entry behind the code");
	file.ph[1].p_memsz = 0x100;
	refuse("memory smaller than file");
	file.ph[2].p_vaddr = UINT64_MAX - 0xff;
	refuse("wraps around");
	file.ph[2].p_memsz = LIMIT;
	refuse("beyond the address space");
	file.ph[2].p_vaddr = 0x1f00;
	refuse("overlap");
	file.ph[1].p_offset = 0x1001;
	refuse("alignment");
	file.ph[1].p_flags |= PF_W;
	refuse("writable code");
	file.ph[3].p_type = PT_INTERP;
	refuse("interpreter");
	load[1] = NULL;
	refuse("missing bytes");
	load[1] = bytes + 1;
	refuse("bytes not on a page");
}

/* Whatever the headers say: an answer, and no access outside them. */
static void survives_noise(void **state)
{
	srand(1);
	for (int i = 0; i < 200000; i++) {
		int n = rand() % 6;

		file = good;
		while (n--)
			((unsigned char *)&file)[4 + (size_t)rand() %
						 (sizeof(file) - 4)] =
				(unsigned char)rand();
		if (file.eh.e_phnum > 4)
			file.eh.e_phnum = 4;
		if (!elf_check(&bp, LIMIT, &out)) {
			assert_true(out.low < out.high);
			assert_true(out.high <= LIMIT);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(accepts, setup),
		cmocka_unit_test_setup(refuses, setup),
		cmocka_unit_test_setup(survives_noise, setup),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
