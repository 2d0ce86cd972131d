/* Building the stack that a program starts with. */
#include "startstack.h"
#include "page.h"
#include "random.h"
#include "string.h"
#include "syscall.h"
#include "vm.h"
#include <linux/auxvec.h>

#define ARGUMENT_MAX (32 * PAGE_SIZE) /* Linux' MAX_ARG_STRLEN */
#define ARGUMENTS_MAX (6u << 20)      /* and _STK_LIM / 4 * 3 */
#define RANDOM_BYTES 16               /* behind AT_RANDOM */

static const char platform_name[] = "x86_64";

/* Bytes of n strings with their NULs, or -E2BIG. */
static s64 strings_size(const char *const *v, size_t n)
{
	size_t sum = 0, len;

	for (size_t i = 0; i < n; i++) {
		len = strlen(v[i]) + 1;
		sum += len;
		if (len > ARGUMENT_MAX || sum > ARGUMENTS_MAX)
			return -E2BIG;
	}
	return (s64)sum;
}

static bool put(struct vm_space *vm, vaddr_t *at, const void *p, size_t n)
{
	if (vm_access(vm, *at, (void *)(uintptr_t)p, n, true) != n)
		return false;
	*at += n;
	return true;
}

static bool put_word(struct vm_space *vm, vaddr_t *at, u64 word)
{
	return put(vm, at, &word, sizeof(word));
}

/* Strings one after the other from *at on; their addresses, and 0, to *words. */
static bool put_strings(struct vm_space *vm, vaddr_t *at, const char *const *v,
			size_t n, vaddr_t *words)
{
	for (size_t i = 0; i < n; i++)
		if (!put_word(vm, words, *at) ||
		    !put(vm, at, v[i], strlen(v[i]) + 1))
			return false;
	return put_word(vm, words, 0);
}

static bool put_aux(struct vm_space *vm, vaddr_t *words, u64 type, u64 value)
{
	return put_word(vm, words, type) && put_word(vm, words, value);
}

long start_stack_write(struct vm_space *vm, const struct start_stack *s,
		       u64 limit)
{
	s64 args = strings_size(s->argv, s->argc);
	s64 envs = strings_size(s->envp, s->envc);
	/* argc, two lists with their NULLs, ours and the given aux, AT_NULL */
	size_t count = 1 + s->argc + 1 + s->envc + 1 + 2 * (s->auxc + 4);
	size_t execfn = strlen(s->execfn) + 1, strings;
	u8 random[RANDOM_BYTES];
	vaddr_t at, words, random_at, platform_at, execfn_at, sp;
	bool ok;

	if (args < 0 || envs < 0)
		return -E2BIG;
	strings = (size_t)args + (size_t)envs + execfn;
	if (strings + count * sizeof(u64) > MIN(limit / 4, ARGUMENTS_MAX))
		return -E2BIG;

	/* From the top: a zero word, file name, strings, as Linux has it. */
	at = vm->stack_top - sizeof(u64) - strings;
	random_at = ALIGN_DOWN(at - RANDOM_BYTES - sizeof(platform_name) -
				       random_below(PAGE_SIZE),
			       16);
	sp = ALIGN_DOWN(random_at - count * sizeof(u64), 16);
	words = sp;
	ok = put_word(vm, &words, s->argc);

	vm->arg_start = at;
	ok = ok && put_strings(vm, &at, s->argv, s->argc, &words);
	vm->arg_end = vm->env_start = at;
	ok = ok && put_strings(vm, &at, s->envp, s->envc, &words);
	vm->env_end = at;
	execfn_at = at;
	ok = ok && put(vm, &at, s->execfn, execfn);

	random_bytes(random, sizeof(random));
	at = random_at;
	ok = ok && put(vm, &at, random, sizeof(random));
	platform_at = at;
	ok = ok && put(vm, &at, platform_name, sizeof(platform_name));

	vm->auxv = words;
	for (size_t i = 0; i < s->auxc; i++)
		ok = ok && put_aux(vm, &words, s->aux[i].type, s->aux[i].value);
	ok = ok && put_aux(vm, &words, AT_RANDOM, random_at) &&
	     put_aux(vm, &words, AT_EXECFN, execfn_at) &&
	     put_aux(vm, &words, AT_PLATFORM, platform_at) &&
	     put_aux(vm, &words, AT_NULL, 0);
	vm->auxv_end = words;
	return ok ? (long)sp : -ENOMEM;
}
