/* The object that carries the programs into the image. */
#ifndef BAKE_ASSEMBLE_H
#define BAKE_ASSEMBLE_H

#include <stdbool.h>

#include "program.h"
#include "strlist.h"

/*
 * Write assembler text for n programs to the file path: the set of struct
 * baked_program (image.h), the image note with the name of the configuration
 * and of the components, and, for programs with debug[i] != NULL, that file
 * as .debug_rumprun.i.  False with *why if it cannot be written.
 */
bool assemble_write(const char *path, const struct program *programs,
		    char *const *debug, size_t n, const char *config,
		    const struct strlist *components, char **why);

#endif
