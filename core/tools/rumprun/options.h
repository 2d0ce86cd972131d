/* The launcher's command line. */
#ifndef RUMPRUN_OPTIONS_H
#define RUMPRUN_OPTIONS_H

#include "launch.h"

/*
 * Fill in *l from the arguments of a launch.  A wrong one ends the program with
 * EXIT_REFUSED and a sentence; --help and --version end it with success.
 */
void options_parse(struct launch *l, int argc, char **argv);

/* Print how rumprun is called; short for a usage error. */
void options_usage(bool whole);

#endif
