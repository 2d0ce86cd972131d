/* The report of a program that dies of a fault (PROTOCOL.md, 6). */
#include "private.h"
#include "image.h"
#include "log.h"
#include "string.h"
#include "uaccess.h"
#include <arch/program.h>

#define FRAMES_MAX 24
#define WORDS_SCANNED 512

struct region {
	vaddr_t start, end; /* the program's code, where it lies */
	u64 bias;
	const char *name;
};

static bool contains(const struct region *r, u64 addr)
{
	return addr - r->start < r->end - r->start;
}

static void print_frame(const struct region *r, int n, u64 addr)
{
	if (contains(r, addr))
		kmsg("  #%d 0x%016lx %s+0x%lx", n, addr, r->name,
		     addr - r->bias);
	else
		kmsg("  #%d 0x%016lx", n, addr);
}

/* Does a call instruction stand before this address? */
static bool return_address(const struct region *r, u64 addr)
{
	u8 bytes[ARCH_CALL_MAX];

	return contains(r, addr) && contains(r, addr - sizeof(bytes)) &&
	       !copy_from_user(bytes, (void *)(uintptr_t)(addr - sizeof(bytes)),
			       sizeof(bytes)) &&
	       arch_ends_in_call(bytes);
}

/* Follow frame pointers from fp; the number of frames printed. */
static int follow_frames(const struct region *r, u64 fp, u64 sp, int n)
{
	while (n < FRAMES_MAX && fp >= sp && !(fp & 7)) {
		u64 pair[2]; /* the caller's frame pointer, return address */

		if (copy_from_user(pair, (void *)(uintptr_t)fp, sizeof(pair)) ||
		    !return_address(r, pair[1]))
			break;
		print_frame(r, n++, pair[1]);
		if (pair[0] <= fp)
			break;
		fp = pair[0];
	}
	return n;
}

/*
 * Programs mostly have no frame pointers. What lies on the stack and points
 * behind a call is most likely a return address, or was one a moment ago.
 */
static void scan_stack(const struct region *r, u64 sp, int n)
{
	u64 word;

	sp = ALIGN_UP(sp, 8);
	for (int i = 0; i < WORDS_SCANNED && n < FRAMES_MAX; i++, sp += 8) {
		if (get_user(word, (const u64 __user *)(uintptr_t)sp))
			return;
		if (return_address(r, word))
			print_frame(r, n++, word);
	}
}

static const char *signal_name(int sig)
{
	switch (sig) {
	case SIGSEGV:
		return "SIGSEGV, bad memory access";
	case SIGBUS:
		return "SIGBUS, memory that cannot be had";
	case SIGILL:
		return "SIGILL, bad instruction";
	case SIGFPE:
		return "SIGFPE, arithmetic error";
	case SIGTRAP:
		return "SIGTRAP, breakpoint";
	case SIGSYS:
		return "SIGSYS, bad system call";
	case SIGABRT:
		return "SIGABRT, aborted";
	}
	return NULL;
}

void crash_report(int sig, const siginfo_t *info, const struct trapframe *tf)
{
	struct process *p = current_process();
	struct region r = {p->vm->code_start, p->vm->code_end, p->load_bias,
			   p->program ? p->program->name : p->name};
	const char *name = signal_name(sig);
	bool fault = info->si_code > 0 && sig != SIGABRT;
	u64 pc = arch_program_counter(tf), sp = arch_stack_pointer(tf);
	int n;

	/* Somebody who sends SIGQUIT or SIGSEGV knows where it came from. */
	if (!name || (!fault && sig != SIGABRT))
		return;
	if (fault)
		kmsg("%s: killed by signal %d (%s) at address 0x%lx, code %d",
		     r.name, sig, name, (u64)(uintptr_t)info->si_addr,
		     info->si_code);
	else
		kmsg("%s: killed by signal %d (%s)", r.name, sig, name);
	kmsg("  process %d, thread %d (%s)", p->pid, current_thread()->tid,
	     current_thread()->name);
	arch_log_registers(tf);
	print_frame(&r, 0, pc);
	n = follow_frames(&r, arch_frame_pointer(tf), sp, 1);
	if (n <= 2)
		scan_stack(&r, sp, n);
}
