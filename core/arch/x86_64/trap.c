/* Exceptions and interrupts. */
#include "log.h"
#include "process.h"
#include "signal.h"
#include "syscall.h"
#include <arch/insn.h>
#include <arch/trap.h>

extern const char __text_start[], __text_end[];

/* Page fault error code (SDM vol. 3, 4.7) */
#define PF_PRESENT BIT(0)
#define PF_WRITE BIT(1)
#define PF_USER BIT(2)
#define PF_RESERVED BIT(3)
#define PF_FETCH BIT(4)

#define DR6_BS BIT(14) /* a single step (SDM vol. 3, 17.2.3) */

bool kernel_text(u64 rip)
{
	return rip - (u64)(uintptr_t)__text_start <
	       (u64)(__text_end - __text_start);
}

/* Not merely an address there, which a program in ring 3 may jump to. */
static bool kernel_code(const struct trapframe *tf)
{
	return !(tf->cs & 3) && kernel_text(tf->rip);
}

/*
 * The flags of MXCSR and of the x87 status word are the same (SDM vol. 1, 8.1.3
 * and 10.2.3).  0: nothing is pending.
 */
static int fpe_code(u32 pending)
{
	if (pending & 0x01)
		return FPE_FLTINV;
	if (pending & 0x04)
		return FPE_FLTDIV;
	if (pending & 0x08)
		return FPE_FLTOVF;
	if (pending & 0x12)
		return FPE_FLTUND;
	if (pending & 0x20)
		return FPE_FLTRES;
	return 0;
}

static int x87_code(void)
{
	u16 fsw, fcw;

	__asm__ __volatile__("fnstsw %0; fnstcw %1" : "=m"(fsw), "=m"(fcw));
	return fpe_code(fsw & ~fcw);
}

static int sse_code(void)
{
	u32 mxcsr;

	__asm__ __volatile__("stmxcsr %0" : "=m"(mxcsr));
	return fpe_code(mxcsr & ~(mxcsr >> 7));
}

/*
 * Each exception's signal as on Linux (arch/x86/kernel/traps.c): number, code,
 * address.
 */
static void program_exception(struct trapframe *tf, u64 dr6)
{
	int code;

	switch (tf->vector) {
	case TRAP_DE:
		signal_fault(SIGFPE, FPE_INTDIV, tf->rip, tf);
		break;
	case TRAP_DB:
		signal_fault(SIGTRAP, dr6 & DR6_BS ? TRAP_TRACE : TRAP_BRKPT,
			     tf->rip, tf);
		break;
	case TRAP_BP:
		signal_fault(SIGTRAP, SI_KERNEL, 0, tf);
		break;
	case TRAP_UD:
		signal_fault(SIGILL, ILL_ILLOPN, tf->rip, tf);
		break;
	case TRAP_MF:
	case TRAP_XF:
		code = tf->vector == TRAP_MF ? x87_code() : sse_code();
		if (code)
			signal_fault(SIGFPE, code, tf->rip, tf);
		break;
	case TRAP_NP:
	case TRAP_SS:
		signal_fault(SIGBUS, SI_KERNEL, 0, tf);
		break;
	case TRAP_AC:
		signal_fault(SIGBUS, BUS_ADRALN, 0, tf);
		break;
	default:
		signal_fault(SIGSEGV, SI_KERNEL, 0, tf);
		break;
	}
}

static unsigned fault_access(u64 error)
{
	return (error & PF_WRITE ? FAULT_WRITE : 0) |
	       (error & PF_FETCH ? FAULT_EXEC : 0) |
	       (error & PF_PRESENT ? FAULT_PRESENT : 0);
}

static void program_page_fault(struct trapframe *tf, u64 addr)
{
	int code = SEGV_MAPERR, sig = SIGSEGV;

	/*
	 * Never the kernel's memory, present or not, as Linux reports it; nor
	 * what the processor itself does not get on the program's behalf (QEMU's
	 * emulation reads the frame of an iretq in ring 3 as the kernel does).
	 */
	if (addr < PROGRAM_END && (!program_ring3 || tf->error & PF_USER))
		sig = vm_fault(addr, fault_access(tf->error), &code);
	if (!sig)
		return;
	signal_fault(sig, code, addr, tf);
	/*
	 * The entry of calls has found the program's stack gone: it will not
	 * come to the call's end, where signals are delivered.
	 */
	if (kernel_code(tf))
		thread_exit_work(tf);
}

static void kernel_page_fault(struct trapframe *tf, u64 addr)
{
	u64 fixup = ex_table_find(tf->rip);
	struct thread *t = current_thread();
	int code, sig;

	if (!fixup || (tf->error & PF_RESERVED))
		trap_panic(tf, addr);
	if (addr < PROGRAM_END && (tf->rflags & RFLAGS_IF) && t &&
	    t->process && !t->no_faults) {
		/* The program's memory under a spin lock. */
		if (preempt_count())
			trap_panic(tf, addr);
		irq_enable();
		sig = vm_fault(addr, fault_access(tf->error), &code);
		irq_disable();
		if (!sig)
			return;
		/*
		 * No memory: the call's -EFAULT is not what the program sees.
		 */
		if (sig == SIGKILL)
			signal_fault(SIGKILL, SI_KERNEL, addr, tf);
	}
	tf->rip = fixup;
}

/*
 * iretq found the program's frame invalid (an address that is not canonical).
 * It left the general registers as the program's; the frame it read is on its
 * stack.
 */
static void bad_return(const struct trapframe *tf)
{
	const u64 *f = (const u64 *)tf->rsp;
	struct trapframe p = *tf;

	p.rip = f[0];
	p.rflags = f[2] | RFLAGS_IF;
	p.rsp = f[3];
	irq_enable();
	signal_fault(SIGSEGV, SI_KERNEL, 0, &p);
	arch_enter_program(&p);
}

static void kernel_exception(struct trapframe *tf, u64 cr2)
{
	if (tf->vector == TRAP_PF) {
		kernel_page_fault(tf, cr2);
		return;
	}
	if (tf->rip == (u64)(uintptr_t)iret_to_program)
		bad_return(tf);
	if (tf->vector == TRAP_GP) {
		u64 fixup = ex_table_find(tf->rip);

		if (fixup) {
			tf->rip = fixup;
			return;
		}
	}
	trap_panic(tf, cr2);
}

void trap_exception(struct trapframe *tf)
{
	u64 cr2 = read_cr2(), dr6 = 0;
	struct thread *t = current_thread();

	if (tf->rflags & RFLAGS_IF && tf->vector != TRAP_NMI)
		check_irqs_off();
	switch (tf->vector) {
	case TRAP_NMI:
		platform_nmi(tf);
		/* fallthrough */
	case TRAP_DF:
	case TRAP_MC:
		trap_panic(tf, cr2);
	case TRAP_DB:
		/*
		 * A program that single-steps has called into the kernel: not
		 * here.  DR6 is not cleared by the processor.
		 */
		__asm__ __volatile__("mov %%dr6, %0" : "=r"(dr6));
		__asm__ __volatile__("mov %0, %%dr6" ::"r"(0xffff0ff0ul));
		if (kernel_code(tf)) {
			tf->rflags &= ~RFLAGS_TF;
			return;
		}
	}
	if (!trap_from_program(tf)) {
		kernel_exception(tf, cr2);
		return;
	}
	if (unlikely(!t || !t->process))
		trap_panic(tf, cr2);
	t->tf = tf;
	/* popf in ring 0 can have cleared it. */
	tf->rflags |= RFLAGS_IF;
	irq_enable();
	if (tf->vector == TRAP_PF)
		program_page_fault(tf, cr2);
	else
		program_exception(tf, dr6);
	exit_to_program(tf);
}

void trap_interrupt(struct trapframe *tf)
{
	struct cpu *c = this_cpu();

	/* Linux' 32-bit system call: refused as by a kernel without it. */
	if (tf->vector == VECTOR_INT80 && trap_from_program(tf)) {
		tf->vector = TRAP_GP;
		trap_exception(tf);
		return;
	}
	check_irqs_off();
	c->irq_depth++;
	WRITE_ONCE(c->interrupts, c->interrupts + 1);
	platform_interrupt((unsigned)tf->vector);
	c->irq_depth--;
	check_irqs_on();
	if (trap_from_program(tf)) {
		c->current->tf = tf;
		exit_to_program(tf);
	}
}

/* From entry.S, after a system call's frame is complete; interrupts are on. */
void trap_syscall(struct trapframe *tf);

void trap_syscall(struct trapframe *tf)
{
	syscall_dispatch(tf);
	irq_disable();
	if (unlikely(this_cpu()->need_resched ||
		     READ_ONCE(current_thread()->work)))
		exit_to_program(tf);
}

/*
 * Kernel code that runs on the program's stack (a system call's first and last
 * instructions) is no place to deliver a signal from: it is delivered when the
 * call returns.
 */
void exit_to_program(struct trapframe *tf)
{
	struct thread *t = current_thread();
	bool in_kernel = kernel_code(tf);

	for (;;) {
		irq_disable();
		if (in_kernel ? !this_cpu()->need_resched :
				!this_cpu()->need_resched &&
					!READ_ONCE(t->work))
			return;
		irq_enable();
		if (in_kernel)
			schedule();
		else
			thread_exit_work(tf);
	}
}
