/* Tables of each processor: GDT, TSS, IDT, the system call entry. */
#include "log.h"
#include "page.h"
#include "string.h"
#include <arch/insn.h>
#include <arch/msr.h>
#include <arch/ring.h>
#include <arch/trap.h>

/* What the assembly believes. */
#define CHECK(type, field, offset)                                             \
	_Static_assert(offsetof(struct type, field) == (offset), #field)
CHECK(cpu, current, CPU_CURRENT);
CHECK(cpu, kstack_top, CPU_KSTACK_TOP);
CHECK(cpu, scratch, CPU_SCRATCH);
CHECK(cpu, preempt, 32);
CHECK(cpu, need_resched, CPU_NEED_RESCHED);
CHECK(trapframe, r11, TF_R11);
CHECK(trapframe, r10, TF_R10);
CHECK(trapframe, r9, TF_R9);
CHECK(trapframe, r8, TF_R8);
CHECK(trapframe, rdi, TF_RDI);
CHECK(trapframe, rsi, TF_RSI);
CHECK(trapframe, rdx, TF_RDX);
CHECK(trapframe, rcx, TF_RCX);
CHECK(trapframe, rax, TF_RAX);
CHECK(trapframe, vector, TF_VECTOR);
CHECK(trapframe, rip, TF_RIP);
CHECK(trapframe, rflags, TF_RFLAGS);
CHECK(trapframe, rsp, TF_RSP);
_Static_assert(sizeof(struct trapframe) == TF_SIZE, "frame size");
_Static_assert(KSTACK_BYTES == KSTACK_SIZE, "kernel stack");

/* SDM vol. 3, 8.7 (figure 8-11) */
struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 iomap;
} __packed;

/* SDM vol. 3, 6.14.1 */
struct gate {
	u16 offset0, selector;
	u8 ist, type;
	u16 offset1;
	u32 offset2, reserved;
};
#define GATE_INTERRUPT 0x8e /* present, ring 0, interrupts off */
#define GATE_RING3 0x60     /* may be raised from ring 3 by an instruction */

/* Interrupt stack table, numbers as in the gates. */
enum { IST_NONE, IST_TRAP, IST_DF, IST_NMI, IST_MC, IST_DB };

/*
 * For what may come while GS is the program's: whose stack it is says which CPU
 * this is (ring3/entry.S).
 */
struct fatal_stack {
	u8 stack[4080] __aligned(16);
	struct cpu *cpu;
	u64 unused; /* the processor aligns to 16 */
};

/*
 * IST_TRAP and IST_DB hold frames for a moment only; the others run code that
 * reports and ends.
 */
struct ist_stacks {
	struct fatal_stack df, nmi, mc;
	u8 trap[4096] __aligned(16);
	u8 db[1024] __aligned(16);
};

struct cpu_tables {
	u64 gdt[GDT_ENTRIES];
	struct tss tss;
	struct ist_stacks ist;
};

static struct cpu_tables boot_tables;
/* The same on all CPUs. */
static struct gate idt[256] __aligned(16) __ro_after_init;

struct table_pointer {
	u16 limit;
	u64 base;
} __packed;

/*
 * Flat segments (SDM vol. 3, 3.4.5); base and limit are ignored in long mode.  So
 * is the stack's B flag, which is clear, as it is in the null selector that
 * interrupts load: to QEMU's translator code on a stack of the other kind is other
 * code, to be translated anew.  In ring 3 it is set, as sysret sets it.
 */
#define SEG_CODE 0x00af9b000000ffffull
#define SEG_DATA 0x008f93000000ffffull
#define SEG_B (1ull << 54)
#define SEG_RING3 (3ull << 45)
#define SEG_TSS 0x0000890000000000ull

static void load_gdt(struct cpu_tables *t)
{
	u64 base = (u64)(uintptr_t)&t->tss;
	struct table_pointer p = {sizeof(t->gdt) - 1, (u64)(uintptr_t)t->gdt};

	t->gdt[SEL_KCODE / 8] = SEG_CODE;
	t->gdt[SEL_KDATA / 8] = SEG_DATA;
	t->gdt[SEL_UDATA / 8] = SEG_DATA | SEG_B | SEG_RING3;
	t->gdt[SEL_UCODE / 8] = SEG_CODE | SEG_RING3;
	t->gdt[SEL_TSS / 8] = SEG_TSS | (sizeof(struct tss) - 1) |
			      (base & 0xffffff) << 16 |
			      (base >> 24 & 0xff) << 56;
	t->gdt[SEL_TSS / 8 + 1] = base >> 32;
	/*
	 * The far return reloads CS.  FS and GS are left alone: loading a
	 * selector would clear the bases.
	 */
	__asm__ __volatile__("lgdt %0\n"
			     "mov %1, %%ds\n"
			     "mov %1, %%es\n"
			     "mov %1, %%ss\n"
			     "pushq %2\n"
			     "leaq 1f(%%rip), %%rax\n"
			     "pushq %%rax\n"
			     "lretq\n"
			     "1: ltr %w3\n" ::"m"(p),
			     "r"(SEL_KDATA), "i"(SEL_KCODE), "r"(SEL_TSS)
			     : "rax", "memory");
}

#define TOP(stack) ((u64)(uintptr_t)((stack) + sizeof(stack)))

static void fill_tss(struct cpu *c, struct cpu_tables *t)
{
	t->ist.df.cpu = t->ist.nmi.cpu = t->ist.mc.cpu = c;
	t->tss.ist[IST_TRAP - 1] = TOP(t->ist.trap);
	t->tss.ist[IST_DF - 1] = TOP(t->ist.df.stack);
	t->tss.ist[IST_NMI - 1] = TOP(t->ist.nmi.stack);
	t->tss.ist[IST_MC - 1] = TOP(t->ist.mc.stack);
	t->tss.ist[IST_DB - 1] = TOP(t->ist.db);
	t->tss.iomap = sizeof(struct tss); /* none */
}

static void set_gate(unsigned v, u64 to, u8 ist, u8 type)
{
	idt[v] = (struct gate){.offset0 = (u16)to,
			       .selector = SEL_KCODE,
			       .ist = ist,
			       .type = type,
			       .offset1 = (u16)(to >> 16),
			       .offset2 = (u32)(to >> 32)};
}

/* push $vector (a signed byte: the entries take the low one); jmp to */
struct stub {
	u8 push, vector, jmp;
	u32 distance; /* from the end */
} __packed;
_Static_assert(sizeof(struct stub) == STUB_SIZE, "stub size");

static const char *entry_of(unsigned v)
{
	if (v >= 32)
		return interrupt_common;
	if (v == TRAP_DF)
		return fatal_common;
	if (v == TRAP_NMI || v == TRAP_MC)
		return fatal_plain;
	return VECTORS_WITH_ERROR & BIT(v) ? exception_common : exception_plain;
}

/* The stubs are text: it can be written until kmap_init. */
static void fill_idt(void)
{
	struct stub *s = (struct stub *)vector_stubs;

	for (unsigned v = 0; v < 256; v++, s++) {
		u8 ist = v == TRAP_DF ? IST_DF :
			 v == TRAP_NMI ? IST_NMI :
			 v == TRAP_MC ? IST_MC :
			 v == TRAP_DB ? IST_DB :
					IST_TRAP;
		u64 end = (u64)(uintptr_t)(s + 1);

		*s = (struct stub){0x6a, (u8)v, 0xe9,
				   (u32)((u64)(uintptr_t)entry_of(v) - end)};
		set_gate(v, (u64)(uintptr_t)s, ist,
			 v == TRAP_BP || v == TRAP_OF ?
				 GATE_INTERRUPT | GATE_RING3 :
				 GATE_INTERRUPT);
	}
}

/*
 * IA32_STAR: kernel selectors for syscall, base of ring 3's for sysret (with
 * their privilege level, which AMD's processors do not add to SS).
 */
static void init_syscall(void)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, (u64)SEL_KCODE << 32 |
			(u64)((SEL_UDATA - 8) | 3) << 48);
	wrmsr(MSR_LSTAR, (u64)(uintptr_t)syscall_entry);
	wrmsr(MSR_SFMASK, RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_NT |
				  RFLAGS_AC);
}

bool cpu_alloc_tables(struct cpu *c)
{
	c->arch = kzalloc(sizeof(struct cpu_tables), 0);
	return c->arch;
}

void cpu_init_tables(struct cpu *c)
{
	struct table_pointer p = {sizeof(idt) - 1, (u64)(uintptr_t)idt};
	struct cpu_tables *t;

	if (!c->arch) {
		c->arch = &boot_tables;
		fill_idt();
	}
	t = c->arch;
	fill_tss(c, t);
	load_gdt(t);
	__asm__ __volatile__("lidt %0" ::"m"(p));
	init_syscall();
	ring_init_cpu();
}
