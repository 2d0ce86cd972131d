#include "baked.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image.h"

/* n bytes of the image by virtual address; NULL if the file has them not. */
static const void *bytes(const struct rrimage *i, uint64_t addr, uint64_t n)
{
	GElf_Phdr ph;

	for (int k = 0; k < i->elf.ehdr.e_phnum; k++)
		if (gelf_getphdr(i->elf.elf, k, &ph) != NULL &&
		    ph.p_type == PT_LOAD && addr >= ph.p_vaddr &&
		    addr - ph.p_vaddr <= ph.p_filesz &&
		    n <= ph.p_filesz - (addr - ph.p_vaddr))
			return (char *)i->elf.bytes + ph.p_offset +
			       (addr - ph.p_vaddr);
	return NULL;
}

/* A pointer of the guest's, n pointers behind addr; 0 if there is none. */
static uint64_t pointer(const struct rrimage *i, uint64_t addr, size_t n)
{
	const void *at = bytes(i, addr + 8 * n, 8);
	uint64_t p = 0;

	if (at != NULL)
		memcpy(&p, at, sizeof(p));
	return p;
}

/* struct baked_program of image.h, three pointers and a mask. */
enum { BAKED_NAME, BAKED_EHDR, BAKED_LOAD, BAKED_PACKED };

const char *baked_name(const struct rrimage *i, uint64_t addr)
{
	uint64_t at = addr != 0 ? pointer(i, addr, BAKED_NAME) : 0;

	for (size_t k = 0; at != 0 && k < i->programs.n; k++) {
		size_t n = strlen(i->programs.v[k]) + 1;
		const void *name = bytes(i, at, n);

		if (name != NULL && memcmp(name, i->programs.v[k], n) == 0)
			return i->programs.v[k];
	}
	return NULL;
}

/* Segment n of those to be loaded goes to its place in the file. */
static bool put_segment(const struct rrimage *i, int fd, const Elf64_Phdr *ph,
			uint64_t load, size_t n)
{
	const void *from;

	if (ph->p_filesz == 0)
		return true;
	from = bytes(i, pointer(i, load, n) + ph->p_offset % IMAGE_PAGE_SIZE,
		     ph->p_filesz);
	return from != NULL &&
	       pwrite(fd, from, ph->p_filesz, (off_t)ph->p_offset) ==
		       (ssize_t)ph->p_filesz;
}

int baked_file(const struct rrimage *i, uint64_t addr)
{
	uint64_t at = pointer(i, addr, BAKED_EHDR);
	const Elf64_Ehdr *eh = bytes(i, at, sizeof(*eh));
	const Elf64_Phdr *ph;
	/* Of what is packed nothing is needed: it is data. */
	uint64_t packed = pointer(i, addr, BAKED_PACKED);
	size_t headers, n = 0;
	bool ok;
	int fd;

	if (eh == NULL)
		return -1;
	headers = sizeof(*eh) + eh->e_phnum * sizeof(*ph);
	if (bytes(i, at, headers) == NULL)
		return -1;
	ph = (const Elf64_Phdr *)(eh + 1);
	fd = memfd_create("program", MFD_CLOEXEC);
	ok = fd >= 0;
	for (int k = 0; ok && k < eh->e_phnum; k++) {
		if (ph[k].p_type != PT_LOAD)
			continue;
		if (!(packed >> n & 1))
			ok = put_segment(i, fd, &ph[k],
					 pointer(i, addr, BAKED_LOAD), n);
		n++;
	}
	/* Last, since the first segment has the file's own. */
	if (ok && pwrite(fd, eh, headers, 0) == (ssize_t)headers)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int baked_symbols(const struct rrimage *i, const char *name)
{
	char section[64];
	GElf_Shdr sh;
	size_t k = 0;
	int fd;

	while (k < i->programs.n && strcmp(i->programs.v[k], name) != 0)
		k++;
	snprintf(section, sizeof(section), IMAGE_DEBUG_SECTION "%zu", k);
	if (elffile_section(&i->elf, section, &sh) == NULL ||
	    sh.sh_offset > i->elf.size ||
	    sh.sh_size > i->elf.size - sh.sh_offset)
		return -1;
	fd = memfd_create("symbols", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, (char *)i->elf.bytes + sh.sh_offset,
			     sh.sh_size) != (ssize_t)sh.sh_size) {
		close(fd);
		fd = -1;
	}
	return fd;
}
