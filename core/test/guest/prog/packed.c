/*
 * A program with so much data that the bake packs it: every page has to come as it
 * was linked, whenever it is touched first, and wherever.
 */
#include "check.h"
#include <elf.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define X4(f, n) f(n) f((n) + 1) f((n) + 2) f((n) + 3)
#define X16(f, n) X4(f, n) X4(f, (n) + 4) X4(f, (n) + 8) X4(f, (n) + 12)
#define X64(f, n) X16(f, n) X16(f, (n) + 16) X16(f, (n) + 32) X16(f, (n) + 48)
#define X256(f, n)                                                             \
	X64(f, n) X64(f, (n) + 64) X64(f, (n) + 128) X64(f, (n) + 192)
#define X1K(f, n)                                                              \
	X256(f, n) X256(f, (n) + 256) X256(f, (n) + 512) X256(f, (n) + 768)
#define X4K(f, n)                                                              \
	X1K(f, n) X1K(f, (n) + 1024) X1K(f, (n) + 2048) X1K(f, (n) + 3072)
#define CELLS 4096
#define CELL(n) &cells[(n) * 7 % CELLS],
#define NUMBER(n) (unsigned)(n) * 2654435761u,

static char cells[CELLS];
/* Relocated and then read-only; relocated; neither. */
static char *const constants[CELLS] = {X4K(CELL, 0)};
static char *pointers[CELLS] = {X4K(CELL, 1)};
static unsigned numbers[CELLS] __attribute__((aligned(PAGE))) = {
	X4K(NUMBER, 0)};
/* Zero up to there, in the last page that the file has and behind it. */
static unsigned last[3] = {1, 2, 3};
static char zeroes[3 * PAGE];

static int wrong_pointers(void)
{
	/* The compiler knows what it has put there. */
	char *const volatile *c = constants, *const volatile *p = pointers;
	int n = 0;

	for (int i = CELLS - 1; i >= 0; i--) {
		n += c[i] != &cells[i * 7 % CELLS];
		n += p[i] != &cells[(i + 1) * 7 % CELLS];
	}
	return n;
}

static int wrong_numbers(const volatile unsigned *p, int from, int to)
{
	int n = 0;

	for (int i = from; i < to; i++)
		n += p[i] != i * 2654435761u;
	return n;
}

static int nonzero(void)
{
	const volatile char *z = zeroes;
	int n = 0;

	for (size_t i = 0; i < sizeof(zeroes); i++)
		n += z[i] != 0;
	return n;
}

static void all(const char *who)
{
	show(who, "%d wrong pointers, %d wrong numbers, %u %u %u, %d not zero",
	     wrong_pointers(), wrong_numbers(numbers, 0, CELLS), last[0],
	     last[1], last[2], nonzero());
}

/* Untouched pages move, and are what they were; what is added is zero. */
static void moved(void)
{
	unsigned *p = mmap(NULL, 4 * PAGE, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p, 4 * PAGE);
	if (mremap(numbers + 2 * PAGE / 4, PAGE, PAGE,
		   MREMAP_MAYMOVE | MREMAP_FIXED, p) == p)
		show("moved", "%d wrong", wrong_numbers(p - 2 * PAGE / 4,
			2 * PAGE / 4, 3 * PAGE / 4));
	/* Back again, for what comes later. */
	mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
	       numbers + 2 * PAGE / 4);
	show("moved back", "%d wrong", wrong_numbers(numbers, 0, CELLS));
}

static void dropped(void)
{
	numbers[0]++;
	pointers[0] = NULL;
	CALL("MADV_DONTNEED", madvise(numbers, sizeof(numbers), MADV_DONTNEED));
	show("as linked again", "%d wrong", wrong_numbers(numbers, 0, CELLS));
	show("others stay", "%s", pointers[0] ? "no" : "yes");
	pointers[0] = &cells[7];
}

/* The file has the same where nothing is relocated. */
static void file(void)
{
	const Elf64_Phdr *ph = (void *)getauxval(AT_PHDR);
	unsigned long bias = 0, at = (unsigned long)numbers;
	static unsigned buf[CELLS];
	int fd = open("/proc/self/exe", O_RDONLY);
	ssize_t n = -1;

	for (unsigned i = 0; i < getauxval(AT_PHNUM); i++)
		if (ph[i].p_type == PT_DYNAMIC)
			bias = (unsigned long)getauxval(AT_ENTRY) -
			       (unsigned long)((Elf64_Ehdr *)((char *)ph - 64))
				       ->e_entry;
	for (unsigned i = 0; i < getauxval(AT_PHNUM); i++)
		if (ph[i].p_type == PT_LOAD && at - bias >= ph[i].p_vaddr &&
		    at - bias < ph[i].p_vaddr + ph[i].p_filesz)
			n = pread(fd, buf, sizeof(buf),
				  (off_t)(ph[i].p_offset + at - bias -
					  ph[i].p_vaddr));
	show("file", "%zd bytes, %d wrong", n, wrong_numbers(buf, 0, CELLS));
	close(fd);
}

int main(void)
{
	moved();
	all("all");
	dropped();
	file();
	return 0;
}
