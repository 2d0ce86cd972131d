#include "symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image.h"
#include "install.h"
#include "run.h"

/* One ELF file with symbols: the image itself, or what a program left in it. */
struct module {
	bool tried;
	Elf *elf;
	int fd; /* for addr2line; -1 if there is none */
};

struct symbols {
	const struct rrimage *image;
	struct module kernel;
	struct module *programs; /* as many as the image has */
};

struct symbols *symbols_new(const struct rrimage *image)
{
	struct symbols *s = xcalloc(1, sizeof(*s));

	s->image = image;
	s->kernel.fd = -1;
	s->programs = xcalloc(image->programs.n, sizeof(*s->programs));
	for (size_t i = 0; i < image->programs.n; i++)
		s->programs[i].fd = -1;
	return s;
}

static void module_close(struct module *m)
{
	if (m->elf != NULL)
		elf_end(m->elf);
	if (m->fd >= 0)
		close(m->fd);
}

void symbols_free(struct symbols *s)
{
	if (s == NULL)
		return;
	module_close(&s->kernel);
	for (size_t i = 0; i < s->image->programs.n; i++)
		module_close(&s->programs[i]);
	free(s->programs);
	free(s);
}

/*
 * A copy without a name: addr2line then reads the file that runs, whatever
 * became of the image since.
 */
static void module_load(struct module *m, const void *bytes, size_t size)
{
	m->fd = memfd_create("symbols", MFD_CLOEXEC);
	if (m->fd >= 0 && write(m->fd, bytes, size) != (ssize_t)size) {
		close(m->fd);
		m->fd = -1;
	}
	m->elf = elf_memory((char *)(uintptr_t)bytes, size);
}

static struct module *kernel(struct symbols *s)
{
	if (!s->kernel.tried) {
		s->kernel.tried = true;
		module_load(&s->kernel, s->image->elf.bytes,
			    s->image->elf.size);
	}
	return &s->kernel;
}

static struct module *program(struct symbols *s, const char *name)
{
	char section[64];
	struct module *m;
	Elf_Data *data;
	GElf_Shdr sh;
	Elf_Scn *scn;
	size_t i;

	for (i = 0; i < s->image->programs.n; i++)
		if (strcmp(s->image->programs.v[i], name) == 0)
			break;
	if (i == s->image->programs.n)
		return NULL;
	m = &s->programs[i];
	if (!m->tried) {
		m->tried = true;
		snprintf(section, sizeof(section), IMAGE_DEBUG_SECTION "%zu",
			 i);
		scn = elffile_section(&s->image->elf, section, &sh);
		data = scn ? elf_rawdata(scn, NULL) : NULL;
		if (data != NULL && data->d_buf != NULL)
			module_load(m, data->d_buf, data->d_size);
	}
	return m;
}

/* The function that covers addr: "name+0x12"; NULL if there is none. */
static char *function(Elf *elf, uint64_t addr, uint64_t shown)
{
	const char *best = NULL;
	uint64_t start = 0;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	GElf_Sym sym;

	while (elf != NULL && (scn = elf_nextscn(elf, scn)) != NULL) {
		Elf_Data *data;

		if (gelf_getshdr(scn, &sh) == NULL || sh.sh_type != SHT_SYMTAB)
			continue;
		data = elf_getdata(scn, NULL);
		for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
			/* Assembler labels have no type and no size. */
			if (GELF_ST_TYPE(sym.st_info) > STT_FUNC ||
			    GELF_ST_TYPE(sym.st_info) == STT_OBJECT ||
			    sym.st_shndx == SHN_UNDEF ||
			    sym.st_shndx >= SHN_LORESERVE ||
			    sym.st_value > addr || sym.st_value < start ||
			    (sym.st_size > 0 &&
			     addr - sym.st_value >= sym.st_size))
				continue;
			best = elf_strptr(elf, sh.sh_link, sym.st_name);
			start = sym.st_value;
		}
	}
	if (best == NULL || *best == '\0')
		return NULL;
	return xasprintf("%s+0x%llx", best,
			 (unsigned long long)(shown - start));
}

/* "file.c:34" from binutils, if installed; NULL if unknown. */
static char *source_line(const struct module *m, uint64_t addr)
{
	struct strlist argv = {0};
	char *tool, *out = NULL, *why = NULL;
	int status;
	size_t n;

	if (m->fd < 0)
		return NULL;
	tool = binutil("addr2line");
	strlist_adds(&argv, tool, "-e", NULL);
	strlist_addf(&argv, "/proc/%d/fd/%d", (int)getpid(), m->fd);
	strlist_addf(&argv, "0x%llx", (unsigned long long)addr);
	if (!run(&argv, &out, &status, &why)) {
		free(why);
	} else {
		n = strcspn(out, "\n");
		out[n] = '\0';
		if (status != 0 || n == 0 || out[0] == '?' ||
		    (n > 2 && strcmp(out + n - 2, ":?") == 0)) {
			free(out);
			out = NULL;
		}
	}
	strlist_clear(&argv);
	free(tool);
	return out;
}

char *symbols_name(struct symbols *s, uint64_t addr, const char *where,
		   bool returns)
{
	struct module *m;
	char *name, *line, *text = NULL;
	uint64_t look;

	if (strcmp(where, "kernel") == 0) {
		m = kernel(s);
	} else {
		const char *plus = strrchr(where, '+');
		char *prog, *end;

		if (plus == NULL)
			return NULL;
		addr = strtoull(plus + 1, &end, 16);
		if (*end != '\0' || end == plus + 1)
			return NULL;
		prog = xstrndup(where, (size_t)(plus - where));
		m = program(s, prog);
		free(prog);
	}
	if (m == NULL)
		return NULL;
	/* A call at the end of a function returns behind that function. */
	look = returns && addr > 0 ? addr - 1 : addr;
	name = function(m->elf, look, addr);
	if (name == NULL)
		return NULL;
	line = source_line(m, look);
	text = line ? xasprintf("%s (%s)", name, line) : xstrdup(name);
	free(name);
	free(line);
	return text;
}
