#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

static const char *const tests[][2] = {
	{ "^(\\w+)@(\\w+)\\.org$", "someone@example.org" },
	{ "(a+)+$", "aaaaaaaaaaaaaaaa" },
	{ "(?<=price: )\\d+(?= euro)", "price: 42 euro" },
	{ "^\\p{Lu}\\p{Ll}+$", "\xc3\x84rger" },
	{ "nothing", "of this" },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		PCRE2_SPTR pattern = (PCRE2_SPTR)tests[i][0];
		PCRE2_SPTR text = (PCRE2_SPTR)tests[i][1];
		size_t len = strlen(tests[i][1]), offset;
		int error, jit, plain, fast;
		pcre2_code *re = pcre2_compile(pattern, PCRE2_ZERO_TERMINATED,
					       PCRE2_UTF, &error, &offset, NULL);
		pcre2_match_data *m;

		if (!re)
			return 1;
		m = pcre2_match_data_create_from_pattern(re, NULL);
		plain = pcre2_match(re, text, len, 0, 0, m, NULL);
		jit = pcre2_jit_compile(re, PCRE2_JIT_COMPLETE);
		fast = jit ? jit : pcre2_jit_match(re, text, len, 0, 0, m, NULL);
		printf("%s: %d interpreted, %d compiled\n", tests[i][0], plain,
		       fast);
		pcre2_match_data_free(m);
		pcre2_code_free(re);
	}
	return 0;
}
