/* /proc/cpuinfo, in the format of Linux' arch/x86/kernel/cpu/proc.c. */
#include "log.h"
#include "platform.h"
#include "string.h"
#include <arch/features.h>
#include <arch/insn.h>
#include <arch/trap.h>

/*
 * Linux' names of the bits (arch/x86/include/asm/cpufeatures.h), from bit 0 on;
 * "-": has none.
 */
static const char leaf1_edx[] =
	"fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat "
	"pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe";
static const char leaf1_ecx[] =
	"pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma "
	"cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe popcnt "
	"tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor";
static const char ext1_edx[] =
	"- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - "
	"fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow";
static const char ext1_ecx[] =
	"lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse "
	"3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 tce - nodeid_msr - "
	"tbm topoext";
static const char leaf7_ebx[] =
	"fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm "
	"cqm - mpx rdt_a avx512f avx512dq rdseed adx smap avx512ifma - "
	"clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw "
	"avx512vl";
static const char leaf7_ecx[] =
	"- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes "
	"vpclmulqdq avx512_vnni avx512_bitalg tme avx512_vpopcntdq - la57 - - "
	"- - - rdpid";

struct out {
	char *buf;
	size_t n, size;
};

static void add(struct out *o, const char *fmt, ...) __printf(2, 3);
static void add(struct out *o, const char *fmt, ...)
{
	size_t room = o->n < o->size ? o->size - o->n : 0;
	va_list ap;

	va_start(ap, fmt);
	o->n += (size_t)kvsnprintf(o->buf + (room ? o->n : 0), room, fmt, ap);
	va_end(ap);
}

static void add_flags(struct out *o, const char *names, u32 bits)
{
	for (; *names; bits >>= 1) {
		size_t n = 0;

		while (names[n] && names[n] != ' ')
			n++;
		if ((bits & 1) && *names != '-')
			add(o, " %.*s", (int)n, names);
		names += n;
		while (*names == ' ')
			names++;
	}
}

/* What a program can use: vector extensions only if their registers are kept. */
static void add_all_flags(struct out *o)
{
	struct cpuid one = cpuid(1, 0), seven = {0}, ext = {0};
	bool avx = cpu_features.xcr0 & BIT(2);
	bool avx512 = cpu_features.xcr0 & BIT(5);

	if (cpu_features.max_leaf >= 7)
		seven = cpuid(7, 0);
	if (cpuid(0x80000000, 0).eax >= 0x80000001)
		ext = cpuid(0x80000001, 0);
	if (!cpu_features.xsave)
		one.ecx &= ~(u32)BIT(26);
	if (!avx) {
		one.ecx &= ~(u32)(BIT(12) | BIT(28) | BIT(29));
		seven.ebx &= ~(u32)BIT(5);
		seven.ecx &= ~(u32)(BIT(9) | BIT(10));
		ext.ecx &= ~(u32)(BIT(11) | BIT(16));
	}
	if (!avx512) {
		seven.ebx &= ~(u32)(BIT(16) | BIT(17) | BIT(21) | BIT(26) |
				    BIT(27) | BIT(28) | BIT(30) | BIT(31));
		seven.ecx &= ~(u32)(BIT(1) | BIT(6) | BIT(11) | BIT(12) |
				    BIT(14));
	}
	seven.ecx &= ~(u32)(BIT(3) | BIT(4)); /* no protection keys */
	add_flags(o, leaf1_edx, one.edx);
	add_flags(o, ext1_edx, ext.edx);
	if (cpu_features.tsc_invariant)
		add(o, " constant_tsc nonstop_tsc");
	add_flags(o, leaf1_ecx, one.ecx);
	add_flags(o, ext1_ecx, ext.ecx);
	add_flags(o, leaf7_ebx, seven.ebx);
	add_flags(o, leaf7_ecx, seven.ecx);
}

static void add_names(struct out *o)
{
	struct cpuid v = cpuid(0, 0), one = cpuid(1, 0), b;
	u32 family = one.eax >> 8 & 15, model = one.eax >> 4 & 15;
	char name[49];
	const char *start = name;

	/* SDM vol. 2, CPUID, figure 3-6. */
	if (family == 6 || family == 15)
		model |= one.eax >> 12 & 0xf0;
	if (family == 15)
		family += one.eax >> 20 & 0xff;
	memset(name, 0, sizeof(name));
	for (u32 i = 0; i < 3 && cpuid(0x80000000, 0).eax >= 0x80000004; i++) {
		b = cpuid(0x80000002 + i, 0);
		memcpy(name + 16 * i, &b, 16);
	}
	while (*start == ' ')
		start++;
	add(o, "vendor_id\t: %.4s%.4s%.4s\n", (char *)&v.ebx, (char *)&v.edx,
	    (char *)&v.ecx);
	add(o, "cpu family\t: %u\nmodel\t\t: %u\n", family, model);
	add(o, "model name\t: %s\nstepping\t: %u\n", *start ? start : "unknown",
	    one.eax & 15);
}

size_t platform_cpu_info(unsigned id, char *buf, size_t size)
{
	struct out o = {buf, 0, size};
	u64 khz = platform_tsc_hz() / 1000;
	u32 ext = cpuid(0x80000000, 0).eax;
	u32 address = ext >= 0x80000008 ? cpuid(0x80000008, 0).eax : 0x3024;
	u32 line = (cpuid(1, 0).ebx >> 8 & 0xff) * 8;

	add(&o, "processor\t: %u\n", id);
	add_names(&o);
	add(&o, "cpu MHz\t\t: %lu.%03lu\n", khz / 1000, khz % 1000);
	add(&o, "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\n",
	    platform_cpus_online(), id);
	add(&o, "cpu cores\t: %u\napicid\t\t: %u\n", platform_cpus_online(),
	    platform_cpu(id)->apic_id);
	add(&o, "fpu\t\t: yes\nfpu_exception\t: yes\n");
	add(&o, "cpuid level\t: %u\nwp\t\t: yes\nflags\t\t:",
	    cpu_features.max_leaf);
	add_all_flags(&o);
	add(&o, "\nbogomips\t: %lu.%02lu\n", khz * 2 / 1000,
	    khz * 2 % 1000 / 10);
	add(&o, "clflush size\t: %u\ncache_alignment\t: %u\n", line, line);
	add(&o, "address sizes\t: %u bits physical, %u bits virtual\n\n",
	    address & 0xff, address >> 8 & 0xff);
	return o.n;
}
