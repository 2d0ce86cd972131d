/* Checking a baked program (ELF-64 Object File Format 1.5; gABI, chapter 5). */
#include "elf.h"
#include "image.h"
#include "platform.h"
#include "string.h"

static const char *check_header(const Elf64_Ehdr *eh)
{
	if (memcmp(eh->e_ident, ELFMAG, SELFMAG) ||
	    eh->e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_ident[EI_VERSION] != EV_CURRENT)
		return "not a 64-bit little-endian ELF file";
	if (eh->e_machine != EM_X86_64)
		return "made for another processor";
	if (eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return "not an executable";
	if (eh->e_phoff != sizeof(*eh) ||
	    eh->e_phentsize != sizeof(Elf64_Phdr) || !eh->e_phnum ||
	    eh->e_phnum > ELF_SEGMENTS_MAX)
		return "its program headers are not as the bake writes them";
	return NULL;
}

/* One PT_LOAD, which must lie above all before it. */
static const char *check_load(const Elf64_Phdr *ph, const void *bytes,
			      vaddr_t limit, struct elf_program *out)
{
	u64 end;

	if (ph->p_memsz < ph->p_filesz ||
	    __builtin_add_overflow(ph->p_vaddr, ph->p_memsz, &end) ||
	    end > limit)
		return "a segment lies outside the address space";
	if ((ph->p_vaddr - ph->p_offset) % PAGE_SIZE)
		return "a segment's offset does not fit its address";
	if (ph->p_filesz && (!bytes || (uintptr_t)bytes % PAGE_SIZE))
		return "a segment's bytes are missing";
	if (PAGE_DOWN(ph->p_vaddr) < out->high)
		return "its segments overlap";
	if (ph->p_flags & PF_W && ph->p_flags & PF_X)
		return "a segment is writable and executable";
	if (!out->high)
		out->low = PAGE_DOWN(ph->p_vaddr);
	out->high = PAGE_UP(end);
	if (ph->p_offset <= out->ehdr->e_phoff &&
	    ph->p_offset + ph->p_filesz >=
		    out->ehdr->e_phoff +
			    out->ehdr->e_phnum * sizeof(Elf64_Phdr))
		out->phdr_vaddr = ph->p_vaddr + out->ehdr->e_phoff -
				  ph->p_offset;
	return NULL;
}

const char *elf_check(const struct baked_program *bp, vaddr_t limit,
		      struct elf_program *out)
{
	const Elf64_Ehdr *eh = bp->ehdr;
	const char *wrong = check_header(eh);
	bool entry_ok = false;
	unsigned n = 0;

	if (wrong)
		return wrong;
	memset(out, 0, sizeof(*out));
	out->ehdr = eh;
	out->phdr = (const Elf64_Phdr *)(eh + 1);
	out->pie = eh->e_type == ET_DYN;
	/*
	 * Without PT_GNU_STACK, Linux too gives new programs no executable
	 * stack.
	 */
	for (unsigned i = 0; i < eh->e_phnum; i++) {
		const Elf64_Phdr *ph = &out->phdr[i];

		switch (ph->p_type) {
		case PT_LOAD:
			if (!ph->p_memsz) {
				n++;
				break;
			}
			wrong = check_load(ph, bp->load[n++], limit, out);
			if (wrong)
				return wrong;
			if (ph->p_flags & PF_X &&
			    eh->e_entry - ph->p_vaddr < ph->p_filesz)
				entry_ok = true;
			break;
		case PT_INTERP:
			return "dynamically linked, and there is no loader";
		case PT_GNU_STACK:
			out->exec_stack = ph->p_flags & PF_X;
			break;
		}
	}
	if (!out->high)
		return "it has nothing to load";
	if (!entry_ok)
		return "its entry point lies outside its code";
	if (!out->pie && out->low < PROGRAM_START)
		return "it is linked at page 0";
	return NULL;
}
