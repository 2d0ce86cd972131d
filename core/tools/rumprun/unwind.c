#include "unwind.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "baked.h"
#include "layout.h"

/* The guest is one thread to libdwfl: the processor that is looked at. */
#define TID 1
#define CR0_PG 0x80000000u /* paging (SDM vol. 3, 2.5) */
#define HLT 0xf4
/* The kernel's half of the address space. */
#define KERNEL(addr) ((int64_t)(addr) < 0)

/* An address space: the kernel and a program, where that lies. */
struct space {
	struct unwinder *u;
	struct space *next;
	uint64_t program; /* its struct baked_program, or 0 */
	uint64_t bias;
	Dwfl *dwfl;
	Dwfl_Module *kernel;
};

/* A function by an address in it. */
struct known {
	uint64_t program, addr; /* program 0: the kernel; less the bias */
	const struct function *function;
};

struct unwinder {
	const struct rrimage *image;
	struct layout layout;
	int kernel; /* the image, a file without a name */
	struct space *spaces;
	void *known;	 /* of struct known */
	void *functions; /* of struct function */
	/* While a sample is taken. */
	struct gdb *gdb;
	uint64_t regs[GDB_REGS];
};

/* The symbols of a program are a section of the image. */
static int debug_file(Dwfl_Module *m, void **data, const char *name,
		      Dwarf_Addr base, const char *file, const char *link,
		      GElf_Word crc, char **found)
{
	struct space *s = *data;

	(void)base, (void)file, (void)link, (void)crc, (void)found;
	return m == s->kernel ? -1 : baked_symbols(s->u->image, name);
}

static const Dwfl_Callbacks files = {
	.find_debuginfo = debug_file,
};

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread)
{
	(void)dwfl;
	if (*thread != NULL)
		return 0;
	*thread = arg;
	return TID;
}

static bool memory(Dwfl *dwfl, Dwarf_Addr addr, Dwarf_Word *word, void *arg)
{
	struct space *s = arg;

	(void)dwfl;
	return gdb_read(s->u->gdb, addr, word);
}

static bool registers(Dwfl_Thread *thread, void *arg)
{
	struct space *s = arg;

	dwfl_thread_state_register_pc(thread, s->u->regs[GDB_RIP]);
	return dwfl_thread_state_registers(thread, 0, GDB_RIP, s->u->regs);
}

static const Dwfl_Thread_Callbacks threads = {
	.next_thread = next_thread,
	.memory_read = memory,
	.set_initial_registers = registers,
};

/* Report fd, which is given away, as a module of s. */
static Dwfl_Module *report(struct space *s, const char *name, int fd)
{
	Dwfl_Module *m;
	void **data;

	m = dwfl_report_elf(s->dwfl, name, name, fd, s->bias, true);
	if (m == NULL) {
		close(fd);
		return NULL;
	}
	dwfl_module_info(m, &data, NULL, NULL, NULL, NULL, NULL, NULL);
	*data = s;
	return m;
}

static void space_free(struct space *s)
{
	dwfl_end(s->dwfl);
	free(s);
}

/* NULL if it cannot be made. */
static struct space *space_new(struct unwinder *u, uint64_t program,
			       uint64_t bias)
{
	struct space *s = xcalloc(1, sizeof(*s));
	const char *name = baked_name(u->image, program);
	int fd;

	*s = (struct space){.u = u, .program = program, .bias = bias};
	s->dwfl = dwfl_begin(&files);
	dwfl_report_begin(s->dwfl);
	s->kernel = report(s, "kernel", fcntl(u->kernel, F_DUPFD_CLOEXEC, 3));
	fd = name ? baked_file(u->image, program) : -1;
	if (fd >= 0)
		report(s, name, fd);
	dwfl_report_end(s->dwfl, NULL, NULL);
	if (s->kernel != NULL &&
	    dwfl_attach_state(s->dwfl, NULL, TID, &threads, s))
		return s;
	space_free(s);
	return NULL;
}

static struct space *space_find(struct unwinder *u, uint64_t program,
				uint64_t bias)
{
	struct space *s = u->spaces;

	while (s != NULL && (s->program != program || s->bias != bias))
		s = s->next;
	if (s == NULL) {
		s = space_new(u, program, bias);
		if (s != NULL) {
			s->next = u->spaces;
			u->spaces = s;
		}
	}
	return s;
}

static int image_copy(const struct rrimage *image)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, image->elf.bytes, image->elf.size) !=
			       (ssize_t)image->elf.size) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct unwinder *unwind_new(const struct rrimage *image, char **why)
{
	struct unwinder *u = xcalloc(1, sizeof(*u));
	struct space *s = NULL;
	Dwarf_Addr bias;
	Dwarf *dwarf;
	bool ok;

	*u = (struct unwinder){.image = image, .kernel = image_copy(image)};
	if (u->kernel >= 0)
		s = space_find(u, 0, 0);
	dwarf = s ? dwfl_module_getdwarf(s->kernel, &bias) : NULL;
	if (dwarf != NULL)
		ok = layout_read(&u->layout, dwarf, why);
	else
		ok = fail(why, "it was stripped of its symbols and debugging "
			       "information");
	if (ok)
		return u;
	unwind_free(u);
	return NULL;
}

void unwind_free(struct unwinder *u)
{
	struct space *s;

	while ((s = u->spaces) != NULL) {
		u->spaces = s->next;
		space_free(s);
	}
	if (u->kernel >= 0)
		close(u->kernel);
	free(u);
}

/* A name in the guest's memory: 16 bytes, ended by NUL or not. */
static void read_name(struct unwinder *u, uint64_t addr, char name[17])
{
	uint64_t word;

	memset(name, 0, 17);
	for (unsigned i = 0; i < 16; i += 8)
		if (gdb_read(u->gdb, addr + i, &word))
			memcpy(name + i, &word, 8);
}

/* The instruction before a halted processor's next one. */
static bool halted(struct unwinder *u)
{
	uint64_t word;

	return gdb_read(u->gdb, u->regs[GDB_RIP] - 1, &word) &&
	       (word & 0xff) == HLT;
}

/*
 * Whose work it is, by the processor's struct cpu, which GS leads to; the base
 * that is not in use is the program's in ring 3, and else nobody's.
 */
static void identify(struct unwinder *u, struct sample *s)
{
	const struct layout *l = &u->layout;
	uint64_t *r = u->regs, thread = 0, idle, process = 0;
	uint64_t program = 0, bias = 0;
	uint64_t cpu =
		KERNEL(r[GDB_GS_BASE]) ? r[GDB_GS_BASE] : r[GDB_K_GS_BASE];

	if (!KERNEL(cpu) || !gdb_read(u->gdb, cpu + l->cpu_current, &thread) ||
	    thread == 0) {
		strcpy(s->who, "boot");
	} else if (gdb_read(u->gdb, thread + l->thread_process, &process) &&
		   process != 0) {
		read_name(u, process + l->process_name, s->who);
		gdb_read(u->gdb, process + l->process_program, &program);
		gdb_read(u->gdb, process + l->process_load_bias, &bias);
	} else {
		read_name(u, thread + l->thread_name, s->who);
		s->idle = gdb_read(u->gdb, cpu + l->cpu_idle, &idle) &&
			  thread == idle && halted(u);
	}
	s->space = space_find(u, program, program ? bias : 0);
}

static int frame(Dwfl_Frame *f, void *arg)
{
	struct sample *s = arg;
	bool active;
	Dwarf_Addr pc;

	if (s->n == UNWIND_MAX || !dwfl_frame_pc(f, &pc, &active) || pc == 0)
		return DWARF_CB_ABORT;
	/* A call at the end of a function returns behind that function. */
	s->pc[s->n++] = active ? pc : pc - 1;
	return DWARF_CB_OK;
}

/*
 * musl's call frame information does not say that its threads begin in __clone:
 * what lies above on their stacks are no return addresses.
 */
static void end_at_thread_start(struct unwinder *u, struct sample *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(unwind_function(u, s, i)->name, "__clone") == 0)
			s->n = i + 1;
}

bool unwind_sample(struct unwinder *u, struct gdb *g, unsigned cpu,
		   struct sample *s)
{
	*s = (struct sample){0};
	u->gdb = g;
	if (!gdb_registers(g, cpu, u->regs))
		return false;
	if (!(u->regs[GDB_CR0] & CR0_PG)) {
		/* Only the first one runs firmware. */
		s->absent = cpu > 0;
		strcpy(s->who, "firmware");
		return true;
	}
	identify(u, s);
	if (s->space != NULL && !s->idle)
		dwfl_getthread_frames(s->space->dwfl, TID, frame, s);
	end_at_thread_start(u, s);
	return !g->ended;
}

static int compare_known(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->program != y->program)
		return x->program < y->program ? -1 : 1;
	return (x->addr > y->addr) - (x->addr < y->addr);
}

static int compare_functions(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return x->code != y->code ? (int)x->code - (int)y->code
				  : strcmp(x->name, y->name);
}

/* The one of that name. */
static const struct function *intern(struct unwinder *u, enum code code,
				     const char *name)
{
	struct function *f = xmalloc(sizeof(*f)), **at;

	*f = (struct function){.name = name, .code = code};
	at = tsearch(f, &u->functions, compare_functions);
	if (at == NULL)
		die(EXIT_REFUSED, "out of memory");
	if (*at == f)
		f->name = xstrdup(name);
	else
		free(f);
	return *at;
}

static const struct function *look_up(struct unwinder *u, const struct space *s,
				      uint64_t addr)
{
	Dwfl_Module *m = dwfl_addrmodule(s->dwfl, addr);
	enum code code = m == s->kernel ? CODE_KERNEL : CODE_PROGRAM;
	const struct function *f;
	const char *name;
	GElf_Off offset;
	GElf_Sym sym;
	char *text;

	if (m == NULL)
		return intern(u, CODE_UNKNOWN, "[unknown]");
	name = dwfl_module_addrinfo(m, addr, &offset, &sym, NULL, NULL, NULL);
	if (name != NULL)
		return intern(u, code, name);
	name = dwfl_module_info(m, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
	text = xasprintf("[%s]", name);
	f = intern(u, code, text);
	free(text);
	return f;
}

const struct function *unwind_function(struct unwinder *u,
				       const struct sample *s, size_t i)
{
	uint64_t pc = s->pc[i];
	struct known *k = xmalloc(sizeof(*k)), **at;

	*k = KERNEL(pc) ? (struct known){.addr = pc}
			: (struct known){.program = s->space->program,
					 .addr = pc - s->space->bias};
	at = tsearch(k, &u->known, compare_known);
	if (at == NULL)
		die(EXIT_REFUSED, "out of memory");
	if (*at == k)
		k->function = look_up(u, s->space, pc);
	else
		free(k);
	return (*at)->function;
}
