/*
 * Test only (hardening.t): a device that does to the kernel, from within it,
 * what its protection must not allow.  What is written to /dev/trials names the
 * trial; one that ends in an error message of its own succeeded where it should
 * have ended in a panic.
 */
#include "fsfile.h"
#include "trials.h"
#include "linkset.h"
#include "log.h"
#include "page.h"
#include "platform.h"
#include "string.h"
#include "thread.h"
#include <linux/errno.h>

#define MAJOR 240 /* local or experimental use; streams have 0 to 2 */
#define MINOR 100
#define NAME_SIZE 64
#define RET 0xc3 /* SDM vol. 2, RET */

extern const char __text_start[];
extern u64 __stack_chk_guard;

static const u64 constant = 1;
static u64 sealed __ro_after_init;
static u8 code_in_data[16] = {RET};

/* The same bytes by the direct map. */
static void *alias(const volatile void *p)
{
	return phys_to_virt(image_to_phys((const void *)p));
}

static void overwrite(const volatile void *p)
{
	volatile u64 *w = (volatile u64 *)(uintptr_t)p;

	*w = ~*w;
}

static void call(const volatile void *p)
{
	((void (*)(void))(uintptr_t)p)();
}

/* ---- address 0 ---- */

static void *volatile nothing; /* NULL, and the compiler does not know */

static void null_read(void)
{
	(void)*(volatile char *)nothing;
}

static void null_write(void)
{
	*(volatile char *)nothing = 1;
}

static void null_call(void)
{
	call(nothing);
}

/* ---- what is read-only ---- */

static void text_write(void)
{
	overwrite(__text_start);
}

static void text_alias_write(void)
{
	overwrite(alias(__text_start));
}

static void rodata_write(void)
{
	overwrite(&constant);
}

static void rodata_alias_write(void)
{
	overwrite(alias(&constant));
}

static void sealed_write(void)
{
	overwrite(&sealed);
}

static void sealed_alias_write(void)
{
	overwrite(alias(&sealed));
}

/* Interrupt descriptors, where whoever can write owns the machine. */
static void idt_write(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed idtr;

	__asm__ __volatile__("sidt %0" : "=m"(idtr));
	overwrite((void *)idtr.base);
}

/* ---- what is not executable ---- */

static void stack_call(void)
{
	volatile u8 code[16] = {RET};

	call(code);
}

static void heap_call(void)
{
	u8 *code = kmalloc(16, 0);

	if (!code)
		return;
	*code = RET;
	call(code);
	kfree(code);
}

static void data_call(void)
{
	call(code_in_data);
}

static void rodata_call(void)
{
	call(&constant);
}

static void text_alias_call(void)
{
	call(alias(__text_start));
}

/* ---- stacks ---- */

static __attribute__((noinline)) u64 deeper(volatile u64 *up)
{
	volatile u64 here[32];

	here[0] = *up + 1;
	return here[0] ? deeper(here) + here[0] : 0;
}

static void stack_overflow(void)
{
	u64 zero = 0;

	(void)deeper(&zero);
}

/* The page below is the guard, not another thread's stack. */
static void stack_guard(void)
{
	*(volatile u8 *)(current_thread()->kstack - 1) = 1;
}

static __attribute__((noinline)) void fill(volatile char *p, size_t n)
{
	while (n--)
		*p++ = 'A';
}

static void stack_smash(void)
{
	char buf[8];

	fill(buf, 64);
}

static int show_guard(void)
{
	kmsg("trials: guard 0x%lx", __stack_chk_guard);
	return 0;
}

/* ---- page tables ---- */

static int audit(void)
{
	u64 seen;
	unsigned wrong = trials_audit(&seen);

	kmsg("trials: %lu mappings, %u of them wrong", (unsigned long)seen,
	     wrong);
	return wrong ? -EPERM : 0;
}

/* That the audit sees an alias if there is one. */
static int audit_alias(void)
{
	void *va = kva_alloc(PAGE_SIZE);
	int err;

	if (!va)
		return -ENOMEM;
	err = kva_map(va, image_to_phys(__text_start) & ~(PAGE_SIZE - 1),
		      MAP_READ | MAP_WRITE);
	if (!err) {
		err = audit();
		kva_unmap(va, 1, NULL);
	}
	kva_free(va, PAGE_SIZE);
	return err;
}

/* ---- secrets ---- */

/* Lives in the kernel's heap, and lived in a page that is free again. */
static int hide(const char *secret)
{
	size_t n = strlen(secret) + 1;
	struct page *p = page_alloc(0, ALLOC_WAIT);
	char *kept = kmalloc(n, ALLOC_WAIT);

	if (!p || !kept) {
		if (p)
			page_put(p);
		kfree(kept);
		return -ENOMEM;
	}
	memcpy(kept, secret, n);
	for (size_t at = 0; at + n <= PAGE_SIZE; at += n)
		memcpy((char *)page_address(p) + at, secret, n);
	page_put(p);
	return 0;
}

static const struct {
	const char *name;
	void (*fn)(void); /* must not come back */
} trials[] = {
	{"null-read", null_read},
	{"null-write", null_write},
	{"null-call", null_call},
	{"text-write", text_write},
	{"text-alias-write", text_alias_write},
	{"rodata-write", rodata_write},
	{"rodata-alias-write", rodata_alias_write},
	{"sealed-write", sealed_write},
	{"sealed-alias-write", sealed_alias_write},
	{"idt-write", idt_write},
	{"stack-call", stack_call},
	{"heap-call", heap_call},
	{"data-call", data_call},
	{"rodata-call", rodata_call},
	{"text-alias-call", text_alias_call},
	{"stack-overflow", stack_overflow},
	{"stack-guard", stack_guard},
	{"stack-smash", stack_smash},
	{"program-read", reach_read},
	{"program-write", reach_write},
	{"program-call", reach_call},
};

static int run(const char *name)
{
	if (!strcmp(name, "audit"))
		return audit();
	if (!strcmp(name, "audit-alias"))
		return audit_alias();
	if (!strcmp(name, "look"))
		return reach_look();
	if (!strcmp(name, "guard"))
		return show_guard();
	if (!strncmp(name, "hide ", 5))
		return hide(name + 5);
	for (size_t i = 0; i < ARRAY_SIZE(trials); i++) {
		if (strcmp(name, trials[i].name))
			continue;
		trials[i].fn();
		kmsg("trials: %s was possible", name);
		return -EPERM;
	}
	return -EINVAL;
}

static ssize_t trials_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	char name[NAME_SIZE] = "";
	size_t n = it->count;
	int err;

	if (n >= sizeof(name))
		return -EINVAL;
	if (iov_copy_from(it, name, n) < n)
		return -EFAULT;
	err = run(name);
	return err ? err : (ssize_t)n;
}

/* Where to aim. */
static ssize_t trials_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	u64 at = reach_target();

	return it->count < sizeof(at) ? -EINVAL :
	       iov_copy_to(it, &at, sizeof(at)) < sizeof(at) ? -EFAULT :
							  (ssize_t)sizeof(at);
}

static const struct file_ops ops = {.read = trials_read,
				    .write = trials_write};
static const struct chrdev dev_trials = {"trials", MAJOR, MINOR, 0600, &ops,
					 NULL};
LINKSET(chrdevs, dev_trials);
