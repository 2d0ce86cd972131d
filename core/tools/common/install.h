/* Where the tools find each other and their data. */
#ifndef TOOLS_INSTALL_H
#define TOOLS_INSTALL_H

/*
 * File below lib/rumprun, which is beside the directory of the running
 * executable.  The caller frees the result; the file need not exist.
 */
char *data_file(const char *name);

/*
 * A tool of binutils: the toolchain's own, beside the running executable, or
 * else the plain name, for execvp to search in PATH.  The caller frees the
 * result.
 */
char *binutil(const char *name);

#endif
