#include "rrimage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

/* All loadable bytes must be there: a truncated image dies in odd ways. */
static bool check_whole(struct rrimage *i, char **why)
{
	GElf_Phdr ph;

	for (int k = 0; k < i->elf.ehdr.e_phnum; k++) {
		if (gelf_getphdr(i->elf.elf, k, &ph) == NULL)
			return fail(why, "image %s cannot be read: %s", i->path,
				    elf_errmsg(-1));
		if (ph.p_type != PT_NULL &&
		    (ph.p_offset > i->elf.size ||
		     ph.p_filesz > i->elf.size - ph.p_offset))
			return fail(why,
				    "image %s is truncated: it has %zu bytes, "
				    "and a segment ends at %" PRIu64,
				    i->path, i->elf.size,
				    ph.p_offset + ph.p_filesz);
		if (ph.p_type == PT_LOAD && ph.p_paddr + ph.p_memsz > i->end)
			i->end = ph.p_paddr + ph.p_memsz;
	}
	return true;
}

static void read_note(struct rrimage *i)
{
	struct strlist words = {0};
	size_t len;
	const char *note =
		elffile_note(&i->elf, IMAGE_NOTE_NAME, IMAGE_NOTE_IMAGE, &len);
	const char *end = note ? note + len : NULL;

	i->known = note != NULL;
	while (note != NULL && note < end) {
		const char *nl = memchr(note, '\n', (size_t)(end - note));
		char *line, *value, *ignored = NULL;

		if (nl == NULL)
			break;
		line = xstrndup(note, (size_t)(nl - note));
		note = nl + 1;
		value = strchr(line, '=');
		if (value != NULL) {
			*value++ = '\0';
			if (!split_words(&words, value, &ignored))
				free(ignored);
			if (strcmp(line, "config") == 0 && words.n == 1) {
				free(i->config);
				i->config = xstrdup(words.v[0]);
			} else if (strcmp(line, "components") == 0) {
				strlist_cat(&i->components, &words);
			} else if (strcmp(line, "programs") == 0) {
				strlist_cat(&i->programs, &words);
			}
			strlist_clear(&words);
		}
		free(line);
	}
}

bool rrimage_open(struct rrimage *i, const char *path, char **why)
{
	size_t len;

	*i = (struct rrimage){.path = xstrdup(path)};
	if (!elffile_open(&i->elf, path, why)) {
		fail(why, "cannot use image: %s", *why);
	} else if (check_whole(i, why)) {
		if (elffile_note(&i->elf, IMAGE_PVH_NOTE_NAME,
				 IMAGE_PVH_NOTE_TYPE, &len) != NULL) {
			read_note(i);
			return true;
		}
		fail(why,
		     "%s is not a rumprun image (it has no PVH entry): "
		     "make one of it with rumprun-bake",
		     path);
	}
	rrimage_close(i);
	return false;
}

void rrimage_close(struct rrimage *i)
{
	elffile_close(&i->elf);
	free(i->path);
	free(i->config);
	strlist_clear(&i->components);
	strlist_clear(&i->programs);
	*i = (struct rrimage){0};
}

bool rrimage_fits(const struct rrimage *i, unsigned mib, char **why)
{
	/* What the kernel wants for itself before it can say anything. */
	const uint64_t least = i->end + (512u << 10);

	if ((uint64_t)mib << 20 >= least)
		return true;
	return fail(why,
		    "%u MiB of memory (-M) cannot hold image %s: it needs at "
		    "least %" PRIu64 " MiB",
		    mib, i->path, (least + (1u << 20) - 1) >> 20);
}

bool rrimage_has(const struct rrimage *i, const char *component)
{
	return !i->known || strlist_has(&i->components, component);
}
