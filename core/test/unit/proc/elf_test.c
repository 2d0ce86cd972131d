/* sources: core/kern/proc/elf.c */
/* Reading the headers of baked programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../kern/proc/elf.h"
#include "image.h"

static struct {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[4];
} file;

static _Alignas(4096) char bytes[4096];
static const void *load[3] = {bytes, bytes, bytes};
static struct baked_program bp = {
	.name = "test", .ehdr = &file, .load = load};
static struct elf_program out;

static int setup(void **state)
{
	memset(&file, 0, sizeof(file));
	memcpy(file.eh.e_ident, ELFMAG, SELFMAG);
	file.eh.e_ident[EI_CLASS] = ELFCLASS64;
	file.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	file.eh.e_ident[EI_VERSION] = EV_CURRENT;
	file.eh.e_type = ET_DYN;
	file.eh.e_machine = EM_X86_64;
	file.eh.e_phoff = 64;
	file.eh.e_phentsize = 56;
	file.eh.e_phnum = 4;
	file.eh.e_entry = 0x1234;
	file.ph[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R,
				  .p_filesz = 0x800, .p_memsz = 0x800};
	file.ph[1] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_X,
				  .p_offset = 0x1000, .p_vaddr = 0x1000,
				  .p_filesz = 0x900, .p_memsz = 0x900};
	file.ph[2] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W,
				  .p_offset = 0x1f00, .p_vaddr = 0x2f00,
				  .p_filesz = 0x100, .p_memsz = 0x5000};
	file.ph[3] = (Elf64_Phdr){.p_type = PT_GNU_STACK,
				  .p_flags = PF_R | PF_W};
	return 0;
}

static void movable(void **state)
{
	elf_read(&bp, &out);
	assert_true(out.pie);
	assert_int_equal(out.low, 0);
	assert_int_equal(out.high, 0x8000);
	assert_int_equal(out.phdr_vaddr, 64);
}

static void fixed(void **state)
{
	file.eh.e_type = ET_EXEC;
	for (int i = 0; i < 3; i++)
		file.ph[i].p_vaddr += 0x400000;
	elf_read(&bp, &out);
	assert_false(out.pie);
	assert_int_equal(out.low, 0x400000);
	assert_int_equal(out.high, 0x408000);
	assert_int_equal(out.phdr_vaddr, 0x400040);
}

/* A segment that takes no place, and headers that no segment holds. */
static void odd(void **state)
{
	file.ph[0].p_filesz = file.ph[0].p_memsz = 0;
	elf_read(&bp, &out);
	assert_int_equal(out.low, 0x1000);
	assert_int_equal(out.phdr_vaddr, 0);
	file.ph[0].p_filesz = file.ph[0].p_memsz = 64 + 4 * 56 - 1;
	elf_read(&bp, &out);
	assert_int_equal(out.phdr_vaddr, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(movable, setup),
		cmocka_unit_test_setup(fixed, setup),
		cmocka_unit_test_setup(odd, setup),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
