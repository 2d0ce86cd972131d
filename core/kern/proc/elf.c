/* Program headers (ELF-64 Object File Format 1.5; gABI, chapter 5). */
#include "elf.h"
#include "image.h"
#include "platform.h"

void elf_read(const struct baked_program *bp, struct elf_program *out)
{
	const Elf64_Ehdr *eh = bp->ehdr;
	u64 headers = eh->e_phoff + eh->e_phnum * sizeof(Elf64_Phdr);

	*out = (struct elf_program){
		.ehdr = eh,
		.phdr = (const Elf64_Phdr *)(eh + 1),
		.pie = eh->e_type == ET_DYN,
	};
	for (unsigned i = 0; i < eh->e_phnum; i++) {
		const Elf64_Phdr *ph = &out->phdr[i];

		if (ph->p_type != PT_LOAD || !ph->p_memsz)
			continue;
		if (!out->high)
			out->low = PAGE_DOWN(ph->p_vaddr);
		out->high = PAGE_UP(ph->p_vaddr + ph->p_memsz);
		if (ph->p_offset <= eh->e_phoff &&
		    ph->p_offset + ph->p_filesz >= headers)
			out->phdr_vaddr =
				ph->p_vaddr + eh->e_phoff - ph->p_offset;
	}
}
