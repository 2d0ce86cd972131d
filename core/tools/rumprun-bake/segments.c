#include "segments.h"

#include <inttypes.h>
#include <string.h>

#include "image.h"

/* End of the program's half of the address space. */
#define USER_END UINT64_C(0x7ffffffff000)
/* The null page is never mapped. */
#define USER_START ((uint64_t)IMAGE_PAGE_SIZE)

#define PAGE_DOWN(x) ((x) & ~(uint64_t)(IMAGE_PAGE_SIZE - 1))
#define PAGE_UP(x) PAGE_DOWN((x) + IMAGE_PAGE_SIZE - 1)

/* What the dynamic section says that matters here. */
struct dynamic {
	bool pie;
	const char *needed; /* first library, or NULL */
};

static struct dynamic read_dynamic(const struct elffile *f)
{
	struct dynamic d = {0};
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	GElf_Dyn dyn;
	GElf_Phdr ph;

	/* By section for the names, by segment when there are no sections. */
	while ((scn = elf_nextscn(f->elf, scn)) != NULL) {
		Elf_Data *data;

		if (gelf_getshdr(scn, &sh) == NULL || sh.sh_type != SHT_DYNAMIC)
			continue;
		data = elf_getdata(scn, NULL);
		for (int i = 0; data && gelf_getdyn(data, i, &dyn); i++)
			if (dyn.d_tag == DT_NEEDED && d.needed == NULL)
				d.needed = elf_strptr(f->elf, sh.sh_link,
						      dyn.d_un.d_val);
	}
	for (int i = 0; i < f->ehdr.e_phnum; i++) {
		Elf_Data *data;

		if (gelf_getphdr(f->elf, i, &ph) == NULL ||
		    ph.p_type != PT_DYNAMIC || ph.p_offset > f->size ||
		    ph.p_filesz > f->size - ph.p_offset)
			continue;
		data = elf_getdata_rawchunk(f->elf, (int64_t)ph.p_offset,
					    ph.p_filesz, ELF_T_DYN);
		for (int k = 0; data && gelf_getdyn(data, k, &dyn); k++) {
			if (dyn.d_tag == DT_NULL)
				break;
			if (dyn.d_tag == DT_FLAGS_1)
				d.pie = dyn.d_un.d_val & DF_1_PIE;
			if (dyn.d_tag == DT_NEEDED && d.needed == NULL)
				d.needed = "shared libraries";
		}
	}
	return d;
}

/* The interpreter's name, or NULL if there is none. */
static const char *interpreter(const struct elffile *f)
{
	const char *bytes = f->bytes;
	GElf_Phdr ph;

	for (int i = 0; i < f->ehdr.e_phnum; i++) {
		if (gelf_getphdr(f->elf, i, &ph) == NULL ||
		    ph.p_type != PT_INTERP)
			continue;
		if (ph.p_filesz == 0 || ph.p_offset > f->size ||
		    ph.p_filesz > f->size - ph.p_offset ||
		    bytes[ph.p_offset + ph.p_filesz - 1] != '\0')
			return "a damaged name";
		return bytes + ph.p_offset;
	}
	return NULL;
}

bool check_kind(const struct program *p, const struct elffile *f, char **why)
{
	struct dynamic d = read_dynamic(f);
	const char *interp = interpreter(f);
	unsigned abi = p->ehdr.e_ident[EI_OSABI];

	switch (p->ehdr.e_type) {
	case ET_EXEC:
	case ET_DYN:
		break;
	case ET_REL:
		return fail(why, "%s is an object file: link it first",
			    p->path);
	case ET_CORE:
		return fail(why, "%s is a core dump, not a program", p->path);
	default:
		return fail(why, "%s is an ELF file, but not a program",
			    p->path);
	}
	if (abi != ELFOSABI_SYSV && abi != ELFOSABI_GNU)
		return fail(why,
			    "%s is for another operating system than "
			    "Linux (ELF OS ABI %u)",
			    p->path, abi);
	if (interp != NULL)
		return fail(why,
			    "%s is dynamically linked (its interpreter is %s): "
			    "link it with -static",
			    p->path, interp);
	if (p->ehdr.e_type == ET_DYN && !d.pie)
		return fail(why, "%s is a shared object, not a program",
			    p->path);
	if (d.needed != NULL)
		return fail(why,
			    "%s is dynamically linked (it needs %s): link "
			    "it with -static",
			    p->path, d.needed);
	return true;
}

static bool check_load(const struct program *p, const Elf64_Phdr *ph, int i,
		       size_t size, char **why)
{
	if ((ph->p_flags & PF_W) && (ph->p_flags & PF_X))
		return fail(why,
			    "segment %d of %s is writable and executable at "
			    "once, which the kernel does not allow",
			    i, p->path);
	if (ph->p_offset > size || ph->p_filesz > size - ph->p_offset)
		return fail(why,
			    "%s is truncated: segment %d ends at byte %" PRIu64
			    " of %zu",
			    p->path, i, ph->p_offset + ph->p_filesz, size);
	if (ph->p_filesz > ph->p_memsz)
		return fail(why,
			    "segment %d of %s is larger in the file than in "
			    "memory",
			    i, p->path);
	if (ph->p_offset % IMAGE_PAGE_SIZE != ph->p_vaddr % IMAGE_PAGE_SIZE)
		return fail(why,
			    "segment %d of %s cannot be mapped: its address "
			    "and its place in the file differ within a page",
			    i, p->path);
	if (ph->p_vaddr >= USER_END || ph->p_memsz > USER_END - ph->p_vaddr)
		return fail(why,
			    "segment %d of %s lies outside of the "
			    "addresses of programs",
			    i, p->path);
	if (p->ehdr.e_type == ET_EXEC && ph->p_memsz > 0 &&
	    ph->p_vaddr < USER_START)
		return fail(why, "segment %d of %s lies at address 0", i,
			    p->path);
	return true;
}

bool check_segments(const struct program *p, size_t size, char **why)
{
	uint64_t end = 0;
	bool any = false, entry = false;

	for (int i = 0; i < p->ehdr.e_phnum; i++) {
		const Elf64_Phdr *ph = &p->phdr[i];

		if (ph->p_type == PT_GNU_STACK && (ph->p_flags & PF_X))
			return fail(why,
				    "%s asks for an executable stack, which "
				    "the kernel does not allow (an assembler "
				    "file without .note.GNU-stack, or nested "
				    "functions?)",
				    p->path);
		if (ph->p_type != PT_LOAD)
			continue;
		if (!check_load(p, ph, i, size, why))
			return false;
		if (any && PAGE_DOWN(ph->p_vaddr) < end)
			return fail(why,
				    "segment %d of %s overlaps the one before "
				    "it, or shares a page with it",
				    i, p->path);
		any = true;
		end = PAGE_UP(ph->p_vaddr + ph->p_memsz);
		if ((ph->p_flags & PF_X) && p->ehdr.e_entry >= ph->p_vaddr &&
		    p->ehdr.e_entry - ph->p_vaddr < ph->p_filesz)
			entry = true;
	}
	if (!any)
		return fail(why, "%s has nothing to load", p->path);
	if (!entry)
		return fail(why,
			    "the entry point of %s lies outside of its "
			    "code",
			    p->path);
	return true;
}
