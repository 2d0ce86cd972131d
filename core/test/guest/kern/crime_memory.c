/* Test only (debug.t): crimes with references, the heap, pages and stacks. */
#include "crimes.h"
#include "file.h"
#include "page.h"
#include "refs.h"

/* Until little is left above end. */
static __attribute__((noinline)) u64 deeper(volatile u64 *up, u64 end)
{
	volatile u64 here[16];

	here[0] = *up + 1;
	if ((u64)(uintptr_t)here < end + 800)
		return 0;
	return deeper(here, end) + here[0];
}

static void deep_thread(void *arg)
{
	u64 zero = 0;

	(void)deeper(&zero, current_thread()->kstack);
}

void deep_stack(void)
{
	run_thread(deep_thread);
}

/* The program's descriptor LEAKED is never given back. */
#define LEAKED 100

void leak(void)
{
	(void)fd_get(LEAKED);
}

static s32 count; /* of references */

void reference_revived(void)
{
	ref_get(&count);
}

void reference_below_zero(void)
{
	count = 1;
	(void)ref_put(&count);
	(void)ref_put(&count);
}

void reference_to_freed(void)
{
	s32 *refs = kzalloc(40, ALLOC_WAIT);

	kfree(refs);
	ref_get(refs);
}

void overrun(void)
{
	volatile char *p = kmalloc(40, ALLOC_WAIT);

	p[40] = 0;
	kfree((void *)(uintptr_t)p);
}

void use_after_free(void)
{
	volatile char *p = kmalloc(40, ALLOC_WAIT);

	kfree((void *)(uintptr_t)p);
	p[8] = 0;
	/* Until it is looked at. */
	for (int i = 0; i < 1000; i++)
		kfree(kmalloc(40, ALLOC_WAIT));
}

void free_twice(void)
{
	void *volatile p = kmalloc(40, ALLOC_WAIT);

	kfree(p);
	kfree(p);
}

void free_foreign(void)
{
	char *p = kmalloc(400, ALLOC_WAIT);

	kfree(p + 16);
}

void page_after_free(void)
{
	struct page *p = page_alloc(0, ALLOC_WAIT);
	volatile char *a = page_address(p);

	page_put(p);
	a[100] = 1;
	/* What was freed last is taken first. */
	page_put(page_alloc(0, ALLOC_WAIT));
}
