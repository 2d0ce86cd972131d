/* Vector registers in signal frames, laid out as Linux does. */
#include "fpu_private.h"
#include "string.h"
#include "syscall.h"
#include "thread.h"
#include "uaccess.h"
#include <arch/features.h>
#include <arch/fpu.h>
#include <asm/sigcontext.h>

_Static_assert(sizeof(struct fpu_legacy) == 512, "FXSAVE image");
_Static_assert(sizeof(struct _fpx_sw_bytes) == 48, "software bytes");

/*
 * Largest area for the components of features.c: AVX-512 ends at 2688 (SDM
 * vol. 1, 13.4.3, as all processors have them).
 */
#define AREA_MAX 2816

size_t arch_fpu_frame_size(void)
{
	if (!cpu_features.xsave)
		return sizeof(struct fpu_legacy);
	return cpu_features.xsave_size + FP_XSTATE_MAGIC2_SIZE;
}

bool arch_fpu_frame_extended(void)
{
	return cpu_features.xsave;
}

int arch_fpu_frame_save(void __user *frame)
{
	struct thread *t = current_thread();
	struct fpu_legacy *l = t->arch.fpu;
	u32 size = cpu_features.xsave_size, magic2 = FP_XSTATE_MAGIC2;
	struct _fpx_sw_bytes sw = {0};
	u64 flags = irq_save();

	/*
	 * The area is ours whenever we are switched out, with the same contents
	 * then, but for components left out as initial: the program must not
	 * see old bytes there, so they are written first.
	 */
	fpu_save_all(l);
	if (cpu_features.xsave) {
		sw.magic1 = FP_XSTATE_MAGIC1;
		sw.extended_size = size + FP_XSTATE_MAGIC2_SIZE;
		sw.xfeatures = cpu_features.xcr0;
		sw.xstate_size = size;
	}
	memcpy(l->software, &sw, sizeof(sw));
	irq_restore(flags);
	if (copy_to_user(frame, l, size))
		return -EFAULT;
	if (!cpu_features.xsave)
		return 0;
	return copy_to_user((char __user *)frame + size, &magic2,
			    sizeof(magic2));
}

/* Is the extended part there, complete?  Else only the legacy part counts. */
static bool extended(const struct fpu_legacy *l, const char __user *frame)
{
	const struct _fpx_sw_bytes *sw = (const void *)l->software;
	u32 size = cpu_features.xsave_size, magic2;

	return cpu_features.xsave && sw->magic1 == FP_XSTATE_MAGIC1 &&
	       sw->xstate_size == size &&
	       sw->extended_size == size + FP_XSTATE_MAGIC2_SIZE &&
	       !get_user(magic2, (const u32 __user *)(frame + size)) &&
	       magic2 == FP_XSTATE_MAGIC2;
}

static bool header_ok(const struct fpu_header *h)
{
	if ((h->xstate_bv & ~cpu_features.xcr0) || h->xcomp_bv)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(h->reserved); i++)
		if (h->reserved[i])
			return false;
	return true;
}

int arch_fpu_frame_restore(const void __user *frame)
{
	struct thread *t = current_thread();
	u8 buf[AREA_MAX] __aligned(16);
	struct fpu_legacy *l = (void *)buf;
	struct fpu_header *h = (void *)(l + 1);
	u32 size = cpu_features.xsave_size;
	bool ok;
	u64 flags;

	if (!frame) {
		arch_fpu_reset();
		return 0;
	}
	if (size > sizeof(buf))
		return -EFAULT;
	/* Not into the area: we may be switched out in the middle. */
	memset(buf, 0, size);
	if (copy_from_user(l, frame, sizeof(*l)))
		return -EFAULT;
	if (extended(l, frame)) {
		if (copy_from_user(h, (const char __user *)frame + sizeof(*l),
				   size - sizeof(*l)) ||
		    !header_ok(h))
			return -EFAULT;
	} else if (cpu_features.xsave) {
		h->xstate_bv = 3; /* x87 and SSE */
	}
	if (l->mxcsr & ~fpu_mxcsr_mask)
		return -EFAULT;
	flags = irq_save();
	memcpy(t->arch.fpu, buf, size);
	ok = fpu_load_current();
	if (!ok)
		fpu_save_all(t->arch.fpu); /* what it was */
	irq_restore(flags);
	return ok ? 0 : -EFAULT;
}
