/*
 * Test component fxsave: registers are saved by FXSAVE on processors with XSAVE,
 * too.  A KVM that interprets instructions shows the host's CPUID and cannot
 * interpret XRSTOR.
 */
#include <arch/features.h>

const char without_xsave[] = "";
