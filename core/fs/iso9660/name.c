/* Names without Rock Ridge: plain (ECMA-119 7.5) and Joliet's UCS-2. */
#include "parse.h"
#include "string.h"
#include <linux/errno.h>

/* What must not come out of a name. */
static bool usable(const char *s, u32 n)
{
	if (!n || (n == 1 && s[0] == '.') ||
	    (n == 2 && s[0] == '.' && s[1] == '.'))
		return false;
	for (u32 i = 0; i < n; i++)
		if (s[i] == '/' || s[i] == '\0')
			return false;
	return true;
}

/* Cut off ";version" and then a dot at the end (an empty extension). */
static u32 without_version(const char *s, u32 n)
{
	u32 end = n;

	while (end && s[end - 1] >= '0' && s[end - 1] <= '9')
		end--;
	if (end && end < n && s[end - 1] == ';')
		n = end - 1;
	if (n > 1 && s[n - 1] == '.')
		n--;
	return n;
}

static int finish(char *out, u32 n)
{
	n = without_version(out, n);
	out[n] = '\0';
	return usable(out, n) ? (int)n : -EIO;
}

int iso_name_plain(const u8 *name, u32 n, char *out)
{
	n = MIN(n, ISO_NAME_MAX);
	for (u32 i = 0; i < n; i++) {
		u8 c = name[i];

		out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
	}
	return finish(out, n);
}

int iso_name_joliet(const u8 *name, u32 n, char *out)
{
	u32 len = 0;

	for (u32 i = 0; i + 1 < n; i += 2) {
		u32 c = (u32)name[i] << 8 | name[i + 1];

		/* Writers use UTF-16 for what UCS-2 lacks. */
		if (c >= 0xd800 && c < 0xdc00 && i + 3 < n) {
			u32 low = (u32)name[i + 2] << 8 | name[i + 3];

			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + low -
				    0xdc00;
				i += 2;
			}
		}
		if (c >= 0xd800 && c < 0xe000)
			c = 0xfffd; /* half a pair */
		if (len + 4 > ISO_NAME_MAX)
			return -EIO;
		len += (u32)utf8_encode(out + len, c);
	}
	return finish(out, len);
}
