/* Entering programs, and looking at their registers. */
#include <arch/program.h>
#include <arch/ring.h>
#include <arch/trap.h>
#include "log.h"
#include "string.h"
#include "thread.h"

/* System V ABI for x86-64, 3.4.1: all flags clear, but interrupts are ours. */
#define RFLAGS_FIXED 0x2 /* SDM vol. 1, 3.4.3: bit 1 is always set */

void arch_program_frame(struct trapframe *tf, vaddr_t entry, vaddr_t sp)
{
	memset(tf, 0, sizeof(*tf));
	tf->vector = TRAP_RETURN;
	tf->rip = entry;
	tf->rsp = sp;
	tf->cs = program_cs();
	tf->ss = program_ss();
	tf->rflags = RFLAGS_FIXED | RFLAGS_IF;
}

void arch_clone_frame(struct trapframe *tf, u64 stack)
{
	tf->rax = 0;
	if (stack)
		tf->rsp = stack;
	tf->vector = TRAP_RETURN;
}

void arch_clone_tls(struct thread *t, bool set, u64 tls)
{
	t->arch.fs_base = set ? tls : arch_get_fs_base();
	t->arch.gs_base = ring_get_gs_base();
}

void arch_log_registers(const struct trapframe *tf)
{
	kmsg("  rip %016lx rsp %016lx rflags %08lx", tf->rip, tf->rsp,
	     tf->rflags);
	kmsg("  rax %016lx rbx %016lx rcx %016lx", tf->rax, tf->rbx, tf->rcx);
	kmsg("  rdx %016lx rsi %016lx rdi %016lx", tf->rdx, tf->rsi, tf->rdi);
	kmsg("  rbp %016lx r8  %016lx r9  %016lx", tf->rbp, tf->r8, tf->r9);
	kmsg("  r10 %016lx r11 %016lx r12 %016lx", tf->r10, tf->r11, tf->r12);
	kmsg("  r13 %016lx r14 %016lx r15 %016lx", tf->r13, tf->r14, tf->r15);
	if (trap_is_syscall(tf))
		kmsg("  fs  %016lx in system call %ld", arch_get_fs_base(),
		     tf->error);
	else
		kmsg("  fs  %016lx trap %lu error %lx", arch_get_fs_base(),
		     tf->vector, tf->error);
}

u64 arch_program_counter(const struct trapframe *tf)
{
	return tf->rip;
}

u64 arch_frame_pointer(const struct trapframe *tf)
{
	return tf->rbp;
}

u64 arch_stack_pointer(const struct trapframe *tf)
{
	return tf->rsp;
}

/*
 * SDM vol. 2, CALL: E8 with 4 bytes; FF /2 with a ModR/M byte of register or
 * memory form: no displacement, 1 byte or 4 bytes, and a SIB byte when r/m is
 * 4.
 */
bool arch_ends_in_call(const u8 *bytes)
{
	const u8 *end = bytes + ARCH_CALL_MAX;

	if (end[-5] == 0xe8)
		return true;
	for (int n = 2; n <= 7; n++) {
		u8 modrm, mod, rm;
		int size;

		if (end[-n] != 0xff)
			continue;
		modrm = end[-n + 1];
		mod = modrm >> 6;
		rm = modrm & 7;
		if ((modrm >> 3 & 7) != 2)
			continue;
		size = 2 + (mod != 3 && rm == 4) +
		       (mod == 1 ? 1 : mod == 2 || (!mod && rm == 5) ? 4 : 0);
		if (size == n)
			return true;
	}
	return false;
}
