/*
 * The GDB remote serial protocol ("Debugging with GDB", appendix E), as far as
 * a profiler needs it: stop all processors, look at registers and memory, go
 * on.  The debugger's numbers of processors begin with 1, ours with 0.
 */
#ifndef RUMPRUN_GDBREMOTE_H
#define RUMPRUN_GDBREMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Registers, the first in the order of DWARF (System V ABI for x86-64, figure
 * 3.36), in which 16 is the return address.
 */
enum gdb_reg {
	GDB_RSP = 7,
	GDB_RIP = 16,
	GDB_GS_BASE,
	GDB_K_GS_BASE, /* the other one: swapgs */
	GDB_CR0,
	GDB_REGS
};

/* QEMU's PacketSize is 0x1000. */
#define GDB_PACKET 4096
/* Bytes that one packet of memory brings; never across a page. */
#define GDB_LINE 1024
#define GDB_LINES 16

struct gdb {
	int fd;
	bool ended; /* the other end went away */
	size_t at, have;
	char in[GDB_PACKET];
	char packet[2 * GDB_PACKET]; /* the last one, NUL-terminated */
	struct {
		size_t at, size; /* in the reply to "g", bytes */
	} place[GDB_REGS];
	/* Memory that was read since gdb_forget. */
	struct {
		uint64_t addr;
		bool readable;
		uint8_t bytes[GDB_LINE];
	} line[GDB_LINES];
	unsigned lines;
};

/*
 * Begin on fd, which blocks and is taken over: the guest is stopped, and where
 * registers are is known.  False with *why.
 */
bool gdb_open(struct gdb *g, int fd, char **why);
void gdb_close(struct gdb *g);

/* Stop all processors; let all run.  False if the guest is gone. */
bool gdb_stop(struct gdb *g);
bool gdb_continue(struct gdb *g);

/*
 * Registers of processor cpu, of whose memory gdb_read speaks from now on.
 * False if there is no such processor, or no guest.
 */
bool gdb_registers(struct gdb *g, unsigned cpu, uint64_t regs[GDB_REGS]);

/* A little-endian word of 8 bytes at a virtual address; false: not mapped. */
bool gdb_read(struct gdb *g, uint64_t addr, uint64_t *word);
/* Forget what was read: the guest runs again, or another processor is meant. */
void gdb_forget(struct gdb *g);

#endif
