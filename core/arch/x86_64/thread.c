/* Threads: their first stack, switching between them, going to the program. */
#include "thread.h"
#include "process.h"
#include "string.h"
#include <arch/features.h>
#include <arch/fpu.h>
#include <arch/insn.h>
#include <arch/msr.h>
#include <arch/ring.h>
#include <arch/trap.h>

_Static_assert(offsetof(struct thread, arch.ksp) == THREAD_KSP, "thread.ksp");

/* entry.S */
struct thread *switch_stacks(u64 *save, u64 load, struct thread *prev);
void thread_begin(void);
void enter_program(struct trapframe *tf) __noreturn;

/* What switch_stacks takes from a stack, lowest address first. */
struct switch_frame {
	u64 r15, r14, r13, r12, rbx, rbp, rip;
};

/*
 * The trap frame's place at the top is left free, so that a thread which goes
 * to the program does not have to write over its own frames.
 */
void arch_thread_init(struct thread *t, void (*fn)(void *), void *arg)
{
	u64 top = t->kstack + KSTACK_SIZE - sizeof(struct trapframe);
	struct switch_frame *f = (struct switch_frame *)top - 1;

	/* thread_begin calls, so it wants the stack aligned to 16. */
	_Static_assert(sizeof(struct trapframe) % 16 == 0, "alignment");
	*f = (struct switch_frame){.r12 = (u64)(uintptr_t)fn,
				   .r13 = (u64)(uintptr_t)arg,
				   .rip = (u64)(uintptr_t)thread_begin};
	t->arch.ksp = (u64)(uintptr_t)f;
	t->arch.fpu_cpu = ~0u;
}

u64 arch_thread_frame(const struct thread *t)
{
	return ((const struct switch_frame *)t->arch.ksp)->rbp;
}

static inline u64 rdfsbase(void)
{
	u64 v;

	__asm__ __volatile__("rdfsbase %0" : "=r"(v));
	return v;
}

static inline void wrfsbase(u64 v)
{
	__asm__ __volatile__("wrfsbase %0" ::"r"(v));
}

void arch_set_fs_base(u64 base)
{
	u64 flags = irq_save();

	current_thread()->arch.fs_base = base;
	if (cpu_features.fsgsbase)
		wrfsbase(base);
	else
		wrmsr(MSR_FS_BASE, base);
	irq_restore(flags);
}

u64 arch_get_fs_base(void)
{
	return cpu_features.fsgsbase ? rdfsbase() : rdmsr(MSR_FS_BASE);
}

/*
 * The program can change its FS base with an instruction where there is one, so
 * the register is what counts then.  Kernel threads do not care what is in it.
 */
static void switch_fs_base(struct thread *from, struct thread *to)
{
	if (cpu_features.fsgsbase) {
		if (from->process)
			from->arch.fs_base = rdfsbase();
		if (to->process)
			wrfsbase(to->arch.fs_base);
	} else if (to->process) {
		wrmsr(MSR_FS_BASE, to->arch.fs_base);
	}
}

/*
 * Kernel threads run in whatever address space is loaded, lazily: pmap_destroy
 * looks after one that is still loaded for no other reason.
 */
static void switch_space(struct thread *to)
{
	struct vm_space *vm;

	if (!to->process) {
		this_cpu()->lazy = true;
		return;
	}
	vm = READ_ONCE(to->process->vm);
	pmap_activate(vm ? &vm->pmap : NULL);
}

struct thread *arch_switch(struct thread *from, struct thread *to)
{
	fpu_switch(this_cpu(), from, to);
	switch_fs_base(from, to);
	if (program_ring3)
		ring_switch_gs(from, to);
	switch_space(to);
	return switch_stacks(&from->arch.ksp, to->arch.ksp, from);
}

void arch_enter_program(const struct trapframe *tf)
{
	struct trapframe *top;

	/* Nothing may use the frame's place until the program is reached. */
	irq_disable();
	top = (struct trapframe *)this_cpu()->kstack_top - 1;
	memmove(top, tf, sizeof(*top));
	top->vector = TRAP_RETURN;
	top->cs = program_cs();
	top->ss = program_ss();
	top->rflags |= RFLAGS_IF;
	enter_program(top);
}

void arch_idle_wait(void)
{
	/* sti takes effect after hlt has begun: no wake-up is lost. */
	__asm__ __volatile__("sti; hlt; cli" ::: "memory");
	check_irqs_off();
}

void arch_resched_cpu(struct cpu *c)
{
	/* Idle or not, this CPU looks at need_resched before it goes on. */
	if (c != this_cpu())
		platform_send_resched(c);
}
