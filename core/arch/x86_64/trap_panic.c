/* Reports of what must not happen in the kernel. */
#include "log.h"
#include "process.h"
#include "string.h"
#include <arch/insn.h>
#include <arch/program.h>
#include <arch/trap.h>

/* In the order of vectors, each with its NUL (SDM vol. 3, table 6-1). */
static const char names[] =
	"divide error\0"
	"debug exception\0"
	"non-maskable interrupt\0"
	"breakpoint\0"
	"overflow\0"
	"bound range exceeded\0"
	"invalid opcode\0"
	"device not available\0"
	"double fault\0"
	"exception 9\0"
	"invalid TSS\0"
	"segment not present\0"
	"stack segment fault\0"
	"general protection fault\0"
	"page fault\0"
	"exception 15\0"
	"x87 floating-point error\0"
	"alignment check\0"
	"machine check\0"
	"SIMD floating-point error\0";

static const char *name_of(u64 vector)
{
	const char *s = names;

	while (*s && vector--)
		s += strlen(s) + 1;
	return *s ? s : "exception";
}

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

	arch_log_registers(tf);
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
		kmsg("panic: %s in the %s", name_of(tf->vector),
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
