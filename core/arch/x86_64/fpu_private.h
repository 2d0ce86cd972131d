/* Between fpu.c and fpu_frame.c. */
#ifndef RR_FPU_PRIVATE_H
#define RR_FPU_PRIVATE_H

#include "types.h"

/* The FXSAVE image (SDM vol. 1, table 10-2), as far as we look into it. */
struct fpu_legacy {
	u16 fcw, fsw;
	u8 ftw, reserved;
	u16 fop;
	u64 fip, fdp;
	u32 mxcsr, mxcsr_mask;
	u8 registers[432];
	u8 software[48]; /* ours (10.5.1.1): signal frames use it */
};

/* SDM vol. 1, 13.4.2; follows the legacy region. */
struct fpu_header {
	u64 xstate_bv, xcomp_bv;
	u64 reserved[6];
};

/* Bits of MXCSR that may be set. */
extern u32 fpu_mxcsr_mask;

/* Interrupts off, areas aligned to 64. */
void fpu_save(void *area);     /* what has changed, what is not initial */
void fpu_save_all(void *area); /* every byte */
bool fpu_restore(const void *area); /* false: refused, registers unchanged */
void fpu_area_init(void *area);
bool fpu_load_current(void);

#endif
