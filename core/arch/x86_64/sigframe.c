/*
 * The frame that a signal handler runs on: Linux's struct rt_sigframe
 * (arch/x86/include/asm/sigframe.h), from low to high addresses
 *
 *   address of the restorer    the handler returns to it; it calls sigreturn
 *   struct ucontext            registers, mask, signal stack
 *   siginfo_t
 *   vector registers           aligned to 64
 *   128 bytes                  the red zone of the interrupted code
 */
#include <arch/fpu.h>
#include <arch/insn.h>
#include <arch/trap.h>
#include "signal.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include <asm/sigcontext.h>
#include <asm/ucontext.h>
#include <linux/signal.h>

#define RED_ZONE 128 /* System V ABI for x86-64, 3.2.2 */

struct rt_sigframe {
	u64 restorer;
	struct ucontext uc;
	siginfo_t info;
};

/*
 * What a handler may change (Linux's FIX_EFLAGS): AC OF DF TF SF ZF AF PF CF
 * RF.
 */
#define RFLAGS_PROGRAM                                                         \
	(RFLAGS_AC | BIT(11) | RFLAGS_DF | RFLAGS_TF | BIT(7) | BIT(6) |       \
	 BIT(4) | BIT(2) | BIT(0) | BIT(16))

static bool settled(const struct trapframe *tf)
{
	return tf->vector != TRAP_SYSCALL && tf->vector != TRAP_CALL;
}

long arch_syscall_result(const struct trapframe *tf)
{
	return settled(tf) ? 0 : (long)tf->rax;
}

void arch_syscall_set_result(struct trapframe *tf, long result)
{
	tf->rax = (u64)result;
}

/*
 * Back to the instruction: `syscall' has two bytes; the call through the
 * pointer always is the six-byte ff 15 form (core/libc/patches).
 */
void arch_syscall_restart(struct trapframe *tf, u64 nr)
{
	tf->rip -= tf->vector == TRAP_CALL ? 6 : 2;
	tf->rax = nr == ~0ull ? tf->error : nr;
	tf->vector = TRAP_RETURN;
}

static void save_registers(struct sigcontext *sc, const struct trapframe *tf,
			   u64 mask)
{
	sc->r8 = tf->r8;
	sc->r9 = tf->r9;
	sc->r10 = tf->r10;
	sc->r11 = tf->r11;
	sc->r12 = tf->r12;
	sc->r13 = tf->r13;
	sc->r14 = tf->r14;
	sc->r15 = tf->r15;
	sc->rdi = tf->rdi;
	sc->rsi = tf->rsi;
	sc->rbp = tf->rbp;
	sc->rbx = tf->rbx;
	sc->rdx = tf->rdx;
	sc->rax = tf->rax;
	sc->rcx = tf->rcx;
	sc->rsp = tf->rsp;
	sc->rip = tf->rip;
	sc->eflags = tf->rflags;
	/* What a program on Linux would see there. */
	sc->cs = SEL_UCODE | 3;
	sc->ss = SEL_UDATA | 3;
	sc->err = tf->error;
	sc->trapno = tf->vector;
	sc->oldmask = mask;
}

/*
 * The program's segments are its only ones.  Linux would load others and take
 * the fault, which is SIGSEGV as well; it looks at SS under the same condition.
 */
static bool segments_ok(const struct ucontext *uc)
{
	const u64 both = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;

	return (uc->uc_mcontext.cs | 3) == (SEL_UCODE | 3) &&
	       ((uc->uc_flags & both) != both ||
		(uc->uc_mcontext.ss | 3) == (SEL_UDATA | 3));
}

static void restore_registers(struct trapframe *tf, const struct sigcontext *sc)
{
	tf->r8 = sc->r8;
	tf->r9 = sc->r9;
	tf->r10 = sc->r10;
	tf->r11 = sc->r11;
	tf->r12 = sc->r12;
	tf->r13 = sc->r13;
	tf->r14 = sc->r14;
	tf->r15 = sc->r15;
	tf->rdi = sc->rdi;
	tf->rsi = sc->rsi;
	tf->rbp = sc->rbp;
	tf->rbx = sc->rbx;
	tf->rdx = sc->rdx;
	tf->rax = sc->rax;
	tf->rcx = sc->rcx;
	tf->rsp = sc->rsp;
	tf->rip = sc->rip;
	/* Interrupts stay on. */
	tf->rflags = (tf->rflags & ~RFLAGS_PROGRAM) |
		     (sc->eflags & RFLAGS_PROGRAM) | RFLAGS_IF;
	tf->vector = TRAP_RETURN;
}

/* Room on the handler's stack; 0: the signal stack would overflow. */
static u64 frame_address(const struct trapframe *tf, u64 sp_top, u64 sp_low,
			 u64 *fpu)
{
	u64 sp = sp_top ? sp_top : tf->rsp - RED_ZONE;

	*fpu = ALIGN_DOWN(sp - arch_fpu_frame_size(), 64);
	sp = *fpu - sizeof(struct rt_sigframe);
	/*
	 * As if called: 16-byte aligned before the return address was pushed.
	 */
	sp = ALIGN_DOWN(sp, 16) - 8;
	return sp >= sp_low && sp < *fpu ? sp : 0;
}

size_t arch_signal_frame_size(void)
{
	return RED_ZONE + arch_fpu_frame_size() + 63 +
	       sizeof(struct rt_sigframe) + 15 + 8;
}

int arch_signal_enter(struct trapframe *tf, const struct sigaction *sa, int sig,
		      const siginfo_t *info, u64 mask, const stack_t *altstack,
		      u64 sp_top, u64 sp_low)
{
	struct rt_sigframe frame;
	u64 fpu, sp = frame_address(tf, sp_top, sp_low, &fpu);
	struct rt_sigframe __user *user = (void *)(uintptr_t)sp;

	if (!sp || !(sa->sa_flags & SA_RESTORER))
		return -EFAULT;
	memset(&frame, 0, sizeof(frame));
	frame.restorer = (u64)(uintptr_t)sa->sa_restorer;
	frame.uc.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS |
			    (arch_fpu_frame_extended() ? UC_FP_XSTATE : 0);
	frame.uc.uc_stack = *altstack;
	save_registers(&frame.uc.uc_mcontext, tf, mask);
	if (info->si_signo == SIGSEGV || info->si_signo == SIGBUS)
		frame.uc.uc_mcontext.cr2 = (u64)(uintptr_t)info->si_addr;
	frame.uc.uc_mcontext.fpstate = (void *)(uintptr_t)fpu;
	frame.uc.uc_sigmask = mask;
	frame.info = *info;
	if (copy_to_user(user, &frame, sizeof(frame)) ||
	    arch_fpu_frame_save((void *)(uintptr_t)fpu))
		return -EFAULT;

	tf->rdi = (u64)sig;
	tf->rsi = (u64)(uintptr_t)&user->info;
	tf->rdx = (u64)(uintptr_t)&user->uc;
	tf->rax = 0; /* no vector arguments, should the handler be variadic */
	tf->rip = (u64)(uintptr_t)sa->sa_handler;
	tf->rsp = sp;
	tf->rflags &= ~(RFLAGS_DF | RFLAGS_TF | BIT(16));
	tf->rflags |= RFLAGS_IF;
	tf->vector = TRAP_RETURN;
	return 0;
}

int arch_signal_return(struct trapframe *tf, u64 *mask, stack_t *altstack)
{
	/*
	 * The handler's return has taken the restorer's address off the stack.
	 */
	struct rt_sigframe __user *user = (void *)(uintptr_t)(tf->rsp - 8);
	struct ucontext uc;

	if (copy_from_user(&uc, &user->uc, sizeof(uc)) || !segments_ok(&uc) ||
	    arch_fpu_frame_restore(uc.uc_mcontext.fpstate))
		return -EFAULT;
	restore_registers(tf, &uc.uc_mcontext);
	*mask = uc.uc_sigmask;
	*altstack = uc.uc_stack;
	return 0;
}
