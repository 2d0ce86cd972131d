/* Options of mount: size=, nr_blocks=, nr_inodes=, mode=, uid=, gid=. */
#include "private.h"

/* A number with an optional k, m, g, or % of all memory (in bytes). */
static bool parse_size(const char *s, size_t len, bool percent, u64 *out)
{
	struct memory_stats m;
	u64 n = 0;
	size_t i;
	unsigned shift = 0;

	for (i = 0; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
		if (n > UINT64_MAX / 16)
			return false;
		n = n * 10 + (u64)(s[i] - '0');
	}
	if (i == 0 || len - i > 1)
		return false;
	if (len - i == 1) {
		switch (s[i] | 0x20) {
		case 'k':
			shift = 10;
			break;
		case 'm':
			shift = 20;
			break;
		case 'g':
			shift = 30;
			break;
		default:
			if (s[i] != '%' || !percent || n > 100)
				return false;
			memory_stats(&m);
			*out = m.total * PAGE_SIZE / 100 * n;
			return true;
		}
	}
	if (n > UINT64_MAX >> shift)
		return false;
	*out = n << shift;
	return true;
}

static bool parse_number(const char *s, size_t len, unsigned base, u32 *out)
{
	u64 n = 0;

	if (!len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] >= (char)('0' + base))
			return false;
		n = n * base + (u64)(s[i] - '0');
		if (n > UINT32_MAX)
			return false;
	}
	*out = (u32)n;
	return true;
}

static bool parse_one(struct tmpfs *t, const char *key, size_t klen,
		      const char *value, size_t vlen)
{
	u64 n;

#define KEY(name) (klen == sizeof(name) - 1 && !memcmp(key, name, klen))
	if (KEY("size")) {
		if (!parse_size(value, vlen, true, &n))
			return false;
		t->max_pages = n ? DIV_ROUND_UP(n, PAGE_SIZE) : UINT64_MAX;
		return true;
	}
	if (KEY("nr_blocks")) {
		if (!parse_size(value, vlen, false, &n))
			return false;
		t->max_pages = n ? n : UINT64_MAX;
		return true;
	}
	if (KEY("nr_inodes")) {
		if (!parse_size(value, vlen, false, &n))
			return false;
		t->max_inodes = n ? n : UINT64_MAX;
		return true;
	}
	if (KEY("mode"))
		return parse_number(value, vlen, 8, &t->mode) &&
		       t->mode <= 07777;
	if (KEY("uid"))
		return parse_number(value, vlen, 10, &t->uid);
	if (KEY("gid"))
		return parse_number(value, vlen, 10, &t->gid);
#undef KEY
	return false;
}

int tmpfs_parse(struct tmpfs *t, const char *options)
{
	const char *p = options;

	while (*p) {
		size_t len = 0, klen;

		while (p[len] && p[len] != ',')
			len++;
		for (klen = 0; klen < len && p[klen] != '='; klen++)
			;
		if (len && (klen == len || !parse_one(t, p, klen, p + klen + 1,
						      len - klen - 1)))
			return -EINVAL;
		p += len;
		if (*p == ',')
			p++;
	}
	return 0;
}
