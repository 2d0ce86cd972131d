#include "elffile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *machine_name(unsigned machine)
{
	static const struct {
		unsigned machine;
		const char *name;
	} names[] = {
		{EM_386, "i386"},	 {EM_AARCH64, "AArch64"},
		{EM_ARM, "Arm"},	 {EM_RISCV, "RISC-V"},
		{EM_PPC64, "PowerPC64"}, {EM_S390, "S/390"},
		{EM_MIPS, "MIPS"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].machine == machine)
			return names[i].name;
	return "another machine";
}

/* Map the file; false with *why. */
static bool map(struct elffile *f, const char *path, char **why)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return fail(why, "cannot open %s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return fail(why, "%s is %s", path,
			    S_ISDIR(st.st_mode) ? "a directory"
						: "not a regular file");
	}
	f->size = (size_t)st.st_size;
	if (f->size > 0)
		f->bytes = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (f->size == 0)
		return fail(why, "%s is empty", path);
	if (f->bytes == MAP_FAILED) {
		f->bytes = NULL;
		return fail(why, "cannot map %s: %s", path, strerror(errno));
	}
	return true;
}

/* Is count * size at offset within the file? */
static bool inside(const struct elffile *f, uint64_t offset, uint64_t count,
		   uint64_t size)
{
	return offset <= f->size && count * size <= f->size - offset;
}

static bool check(struct elffile *f, const char *path, char **why)
{
	const unsigned char *b = f->bytes;
	Elf64_Ehdr eh;

	if (f->size >= 2 && b[0] == '#' && b[1] == '!')
		return fail(why, "%s is a script, not an ELF file", path);
	if (f->size < 4 || memcmp(b, ELFMAG, SELFMAG) != 0)
		return fail(why, "%s is not an ELF file", path);
	if (f->size < EI_NIDENT)
		return fail(why, "%s is truncated within its ELF header", path);
	if (b[EI_CLASS] != ELFCLASS64)
		return fail(why, "%s is a 32-bit ELF file, not x86_64", path);
	if (b[EI_DATA] != ELFDATA2LSB)
		return fail(why, "%s is big-endian, not x86_64", path);
	if (f->size < sizeof(eh))
		return fail(why, "%s is truncated within its ELF header", path);
	memcpy(&eh, b, sizeof(eh));
	if (eh.e_machine != EM_X86_64)
		return fail(why, "%s is for %s, not for x86_64", path,
			    machine_name(eh.e_machine));
	if (eh.e_phnum > 0 &&
	    (eh.e_phentsize != sizeof(Elf64_Phdr) || eh.e_phnum == PN_XNUM))
		return fail(why, "%s has program headers of an unknown form",
			    path);
	if (!inside(f, eh.e_phoff, eh.e_phnum, sizeof(Elf64_Phdr)) ||
	    (eh.e_shoff > 0 &&
	     !inside(f, eh.e_shoff, eh.e_shnum, sizeof(Elf64_Shdr))))
		return fail(why,
			    "%s is truncated: it has %zu bytes, and its "
			    "headers lie beyond them",
			    path, f->size);
	return true;
}

bool elffile_open(struct elffile *f, const char *path, char **why)
{
	*f = (struct elffile){0};
	if (!map(f, path, why))
		return false;
	if (!check(f, path, why)) {
		elffile_close(f);
		return false;
	}
	elf_version(EV_CURRENT);
	f->elf = elf_memory(f->bytes, f->size);
	if (f->elf == NULL || gelf_getehdr(f->elf, &f->ehdr) == NULL) {
		elffile_close(f);
		return fail(why, "%s cannot be read: %s", path, elf_errmsg(-1));
	}
	return true;
}

void elffile_close(struct elffile *f)
{
	if (f->elf != NULL)
		elf_end(f->elf);
	if (f->bytes != NULL)
		munmap(f->bytes, f->size);
	*f = (struct elffile){0};
}

static const void *search(Elf_Data *data, const char *name, unsigned type,
			  size_t *len)
{
	size_t at = 0, next, name_at, desc_at;
	GElf_Nhdr nh;

	while (data != NULL &&
	       (next = gelf_getnote(data, at, &nh, &name_at, &desc_at)) > 0) {
		const char *bytes = data->d_buf;

		if (nh.n_type == type && nh.n_namesz == strlen(name) + 1 &&
		    memcmp(bytes + name_at, name, nh.n_namesz) == 0) {
			*len = nh.n_descsz;
			return bytes + desc_at;
		}
		at = next;
	}
	return NULL;
}

const void *elffile_note(const struct elffile *f, const char *name,
			 unsigned type, size_t *len)
{
	const void *found = NULL;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	GElf_Phdr ph;

	for (int i = 0; i < f->ehdr.e_phnum && found == NULL; i++) {
		if (gelf_getphdr(f->elf, i, &ph) == NULL ||
		    ph.p_type != PT_NOTE ||
		    !inside(f, ph.p_offset, 1, ph.p_filesz))
			continue;
		found = search(
			elf_getdata_rawchunk(
				f->elf, (int64_t)ph.p_offset, ph.p_filesz,
				ph.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR),
			name, type, len);
	}
	while (found == NULL && (scn = elf_nextscn(f->elf, scn)) != NULL)
		if (gelf_getshdr(scn, &sh) != NULL && sh.sh_type == SHT_NOTE)
			found = search(elf_getdata(scn, NULL), name, type, len);
	return found;
}

Elf_Scn *elffile_section(const struct elffile *f, const char *name,
			 GElf_Shdr *shdr)
{
	Elf_Scn *scn = NULL;
	const char *s;
	size_t strndx;

	if (elf_getshdrstrndx(f->elf, &strndx) < 0)
		return NULL;
	while ((scn = elf_nextscn(f->elf, scn)) != NULL) {
		if (gelf_getshdr(scn, shdr) == NULL)
			continue;
		s = elf_strptr(f->elf, strndx, shdr->sh_name);
		if (s != NULL && strcmp(s, name) == 0)
			return scn;
	}
	return NULL;
}
