/*
 * Where fields of the kernel's structures are, by the debugging information
 * that the image carries: so images need nothing of their own to be looked
 * into, and the launcher knows those of other versions, too.
 */
#ifndef RUMPRUN_LAYOUT_H
#define RUMPRUN_LAYOUT_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

struct layout {
	/* Offsets in bytes. */
	uint64_t cpu_current, cpu_idle;
	uint64_t thread_process, thread_name;
	uint64_t process_program, process_load_bias, process_name;
};

/* False with *why: a structure or field is not described. */
bool layout_read(struct layout *l, Dwarf *dwarf, char **why);

#endif
