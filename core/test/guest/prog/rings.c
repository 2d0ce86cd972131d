/*
 * What a program in ring 3 must not be able to do: instructions, flags, addresses, stack
 * pointers.  Each line is what Linux says to the same attempt (ring3.t).
 */
#include "rings.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

/*
 * To the kernel's code segment.  Only the signal is compared: QEMU's emulation
 * has SMAP keep the processor from the frame.
 */
#define far_return(label, text)                                                \
	do {                                                                   \
		got_sig = 0;                                                   \
		if (!sigsetjmp(back, 1))                                       \
			__asm__ __volatile__(text ::: INSN_CLOBBERS);          \
		show(label, "signal %d", got_sig);                             \
	} while (0)

static void instructions(void)
{
	unsigned cs;

	__asm__("mov %%cs, %0" : "=r"(cs));
	show("ring", "%u, selector %x", cs & 3, cs);
	__asm__("mov %%ss, %0" : "=r"(cs));
	show("stack segment", "%x", cs);
	__asm__("mov %%ds, %0" : "=r"(cs));
	show("data segment", "%x", cs);
	TRY("cli");
	TRY("sti");
	TRY("hlt");
	TRY("clts");
	TRY("invd");
	TRY("wbinvd");
	TRY("lgdt (%%rsp)");
	TRY("lidt (%%rsp)");
	TRY("xor %%eax, %%eax; lldt %%ax");
	TRY("mov $0x40, %%eax; ltr %%ax");
	TRY("xor %%eax, %%eax; lmsw %%ax");
	TRY("mov %%cr0, %%rax");
	TRY("mov %%cr3, %%rax");
	TRY("mov %%cr4, %%rax");
	TRY("mov %%rax, %%cr0");
	TRY("mov %%rax, %%cr3");
	TRY("mov %%rax, %%cr4");
	TRY("mov %%dr7, %%rax");
	TRY("mov %%rax, %%dr7");
	TRY("mov $0xc0000082, %%ecx; rdmsr");
	TRY("mov $0xc0000082, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr");
	TRY("invlpg (%%rsp)");
	TRY("swapgs");
	TRY("sysretq");
	TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; xor %%eax, %%eax; xsetbv");
	TRY("mov $0x64, %%edx; in %%dx, %%al");
	TRY("mov $0x64, %%edx; out %%al, %%dx");
	TRY("mov $0x64, %%edx; lea -64(%%rsp), %%rdi; insb");
	TRY("mov $0x64, %%edx; mov %%rsp, %%rsi; outsb");
	TRY("in $0x60, %%al");
	TRY("int $2");
	TRY("int $4");
	TRY("int $8");
	TRY("int $13");
	TRY("int $14");
	TRY("int $18");
	TRY("int $0x20");
	TRY("int $0xf0");
	TRY("int $0xff");
	TRY("int3");
	TRY("ud2");
	TRY("mov $0x18, %%eax; mov %%eax, %%ds");
	TRY("mov $0x10, %%eax; mov %%eax, %%es");
	TRY("mov $0x40, %%eax; mov %%eax, %%fs");
	TRY("xor %%eax, %%eax; mov %%eax, %%ss");
	TRY("mov $0x18, %%eax; mov %%eax, %%ss");
	far_return("lretq", "pushq $0x10; lea 1f(%%rip), %%rax; push %%rax;"
			    "lretq; 1:");
	far_return("iretq", "mov %%rsp, %%rcx; pushq $0x18; push %%rcx;"
			    "pushq $2; pushq $0x10; lea 1f(%%rip), %%rax;"
			    "push %%rax; iretq; 1:");
}

static void flags(void)
{
	unsigned long f;
	long r;

	__asm__ __volatile__("pushfq; andq $~0x200, (%%rsp); orq $0x3000, (%%rsp);"
			     "popfq; pushfq; popq %0"
			     : "=r"(f)::"memory", "cc");
	show("IF and IOPL", "%lx", f & 0x3200);
	/* AC, DF, NT over a call that reads the program's memory. */
	__asm__ __volatile__("pushfq; orq $0x44400, (%%rsp); popfq; syscall;"
			     "pushfq; popq %1; pushq $0x202; popfq"
			     : "=a"(r), "=&r"(f)
			     : "0"(SYS_access), "D"("/"), "S"(0)
			     : "rcx", "r11", "memory", "cc");
	show("AC DF NT in a call", "%ld %lx", r, f & 0x44400);
	__asm__ __volatile__("pushfq; orq $0x44400, (%%rsp); popfq; syscall;"
			     "pushfq; popq %1; pushq $0x202; popfq"
			     : "=a"(r), "=&r"(f)
			     : "0"(SYS_access), "D"(bad[0]), "S"(0)
			     : "rcx", "r11", "memory", "cc");
	show("and with the kernel's memory", "%ld %lx", r, f & 0x44400);
}

static void addresses(void)
{
	for (size_t i = 0; i < BADS; i++) {
		unsigned long p = bad[i];

		ATTEMPT("read", p, (void)*(volatile char *)p);
		ATTEMPT("write", p, *(volatile char *)p = 1);
		if (p == VSYSCALL)
			continue;
		ATTEMPT("jump", p, ((void (*)(void))p)());
		ATTEMPT("call", p, __asm__ __volatile__("call *%0" ::"r"(p)
							: INSN_CLOBBERS));
	}
}

/* ---- stack pointers that are not the program's ---- */

static unsigned long rsp_seen;

static void stack_seen(int sig, siginfo_t *si, void *uc)
{
	rsp_seen = (unsigned long)((ucontext_t *)uc)->uc_mcontext.gregs[REG_RSP];
	on_fault(sig, si, uc);
}

static void stacks(void)
{
	static const unsigned long more[] = {0, 8, 0xffffc00000003ff8ul};

	for (size_t i = 0; i < BADS + 3; i++) {
		unsigned long p = i < BADS ? bad[i] : more[i - BADS], q;
		long r;

		__asm__ __volatile__("mov %%rsp, %%r12; mov %3, %%rsp; syscall;"
				     "mov %%rsp, %1; mov %%r12, %%rsp"
				     : "=a"(r), "=&r"(q)
				     : "0"(SYS_getpgid), "r"(p), "D"(-1)
				     : "rcx", "r11", "r12", "memory");
		show("call with a stack at", "%lx: %ld %lx", p, r, q);
		catch(SIGILL, stack_seen);
		rsp_seen = 1;
		ATTEMPT("trap with it", p,
			__asm__ __volatile__("mov %0, %%rsp; ud2" ::"r"(p)
					     : "memory"));
		show("stack pointer in the frame", "%lx", rsp_seen);
		catch(SIGILL, on_fault);
		if (canonical(p - 8)) /* QEMU's emulation has #GP for #SS */
			ATTEMPT("push", p,
				__asm__ __volatile__("mov %0, %%rsp; push %%rax"
						     ::"r"(p) : "memory"));
		alarm_soon();
		__asm__ __volatile__("mov %%rsp, %%r12; mov %1, %%rsp;"
				     "1: cmpl $0, %0; je 1b; mov %%r12, %%rsp"
				     : "+m"(ticks)
				     : "r"(p)
				     : "r12", "memory", "cc");
		show("interrupts", "came %d", ticks);
	}
}

/* The last bytes that a program can have, and what is after them. */
static void edge(void)
{
	unsigned char *page = (unsigned char *)END - 4096;
	void *at = mmap(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	show("the last page", "%s", at == page ? "mapped" : strerror(errno));
	CALL("the one after it", (long)mmap(page + 4096, 4096, PROT_READ,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	memcpy(page + 4094, "\x0f\x05", 2); /* syscall */
	ATTEMPT("call at the end", END - 2,
		__asm__ __volatile__("jmp *%0" ::"r"(page + 4094),
				     "a"(SYS_getppid)
				     : "rcx", "r11", "memory"));
	page[4095] = 0xcc; /* int3 */
	ATTEMPT("breakpoint at the end", END - 1,
		((void (*)(void))(page + 4095))());
	page[4095] = 0x90; /* nop */
	ATTEMPT("nop at the end", END - 1, ((void (*)(void))(page + 4095))());
	munmap(page, 4096);
}

/* ---- single steps ---- */

static volatile int steps, codes;

static void step(int sig, siginfo_t *si, void *uc)
{
	steps++;
	codes |= 1 << si->si_code;
}

static void single_steps(void)
{
	long r;

	catch(SIGTRAP, step);
	__asm__ __volatile__("pushfq; orq $0x100, (%%rsp); popfq; nop; nop;"
			     "pushfq; andq $~0x100, (%%rsp); popfq" ::
				     : "memory", "cc");
	show("single steps", "%d, codes %x", steps, codes);
	steps = codes = 0;
	__asm__ __volatile__("pushfq; orq $0x100, (%%rsp); popfq; nop; syscall;"
			     "nop; nop; pushfq; andq $~0x100, (%%rsp); popfq"
			     : "=a"(r)
			     : "0"(SYS_getpgid), "D"(-1)
			     : "rcx", "r11", "memory", "cc");
	show("over a call", "%d, codes %x, %ld", steps, codes, r);
	catch(SIGTRAP, on_fault);
}

int main(void)
{
	catch_all();
	instructions();
	flags();
	addresses();
	stacks();
	edge();
	single_steps();
	return 0;
}
