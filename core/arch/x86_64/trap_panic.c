/* Reports of what must not happen in the kernel. */
#include "log.h"
#include "process.h"
#include <arch/insn.h>
#include <arch/trap.h>

static const char *const names[32] = {
	[TRAP_DE] = "divide error",
	[TRAP_DB] = "debug exception",
	[TRAP_NMI] = "non-maskable interrupt",
	[TRAP_BP] = "breakpoint",
	[TRAP_OF] = "overflow",
	[TRAP_BR] = "bound range exceeded",
	[TRAP_UD] = "invalid opcode",
	[TRAP_NM] = "device not available",
	[TRAP_DF] = "double fault",
	[TRAP_TS] = "invalid TSS",
	[TRAP_NP] = "segment not present",
	[TRAP_SS] = "stack segment fault",
	[TRAP_GP] = "general protection fault",
	[TRAP_PF] = "page fault",
	[TRAP_MF] = "x87 floating-point error",
	[TRAP_AC] = "alignment check",
	[TRAP_MC] = "machine check",
	[TRAP_XF] = "SIMD floating-point error",
};

/* A fault while reporting one: there is nothing more to say. */
static void once(void)
{
	static u32 reporting;

	if (__atomic_exchange_n(&reporting, 1, __ATOMIC_RELAXED))
		platform_halt(HALT_PANIC, 0);
}

static void print_registers(const struct trapframe *tf, u64 cr2)
{
	const struct thread *t = current_thread();

	kmsg("  rip %016lx rsp %016lx flags %08lx error %lx", tf->rip, tf->rsp,
	     tf->rflags, tf->error);
	kmsg("  rax %016lx rbx %016lx rcx %016lx rdx %016lx", tf->rax, tf->rbx,
	     tf->rcx, tf->rdx);
	kmsg("  rsi %016lx rdi %016lx rbp %016lx r8  %016lx", tf->rsi, tf->rdi,
	     tf->rbp, tf->r8);
	kmsg("  r9  %016lx r10 %016lx r11 %016lx r12 %016lx", tf->r9, tf->r10,
	     tf->r11, tf->r12);
	kmsg("  r13 %016lx r14 %016lx r15 %016lx", tf->r13, tf->r14, tf->r15);
	kmsg("  cr2 %016lx cr3 %016lx cpu %u thread %d (%s)", cr2, read_cr3(),
	     this_cpu()->id, t ? t->tid : 0, t ? t->name : "none");
}

static void end(const struct trapframe *tf, u64 cr2) __noreturn;
static void end(const struct trapframe *tf, u64 cr2)
{
	print_registers(tf, cr2);
	if (kernel_text(tf->rip) || tf->vector == TRAP_PF)
		backtrace_from(tf->rip, tf->rbp);
	platform_halt(HALT_PANIC, 0);
}

void trap_panic(const struct trapframe *tf, u64 cr2)
{
	const char *name = tf->vector < 32 ? names[tf->vector] : NULL;

	irq_disable();
	platform_stop_others();
	once();
	if (tf->vector == TRAP_PF)
		kmsg("panic: page fault in the kernel: %s 0x%lx, %s",
		     tf->error & 16 ? "execution of" :
		     tf->error & 2  ? "write to" :
				      "read of",
		     cr2, tf->error & 1 ? "not allowed" : "not mapped");
	else
		kmsg("panic: %s in the %s", name ? name : "exception",
		     kernel_text(tf->rip) ? "kernel" : "program");
	end(tf, cr2);
}

void trap_stack_overflow(const struct trapframe *tf)
{
	platform_stop_others();
	once();
	kmsg("panic: kernel stack overflow");
	end(tf, read_cr2());
}
