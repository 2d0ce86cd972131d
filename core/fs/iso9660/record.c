/* Directory records and dates (ECMA-119 9.1). */
#include "parse.h"
#include <linux/errno.h>

/* Offsets of the fields. */
#define R_LENGTH 0
#define R_EXT_ATTR 1
#define R_EXTENT 2
#define R_SIZE 10
#define R_DATE 18
#define R_FLAGS 25
#define R_UNIT 26
#define R_GAP 27
#define R_NAME_LEN 32
#define R_NAME 33

int iso_record_parse(const u8 *p, u32 room, u32 blocks, struct iso_record *r)
{
	u32 end;

	if (!room || !p[R_LENGTH])
		return 0;
	r->length = p[R_LENGTH];
	if (r->length > room || r->length <= R_NAME)
		return -EIO;
	r->name_len = p[R_NAME_LEN];
	if (!r->name_len || R_NAME + r->name_len > r->length)
		return -EIO;
	if (!iso_both32(p + R_EXTENT, &r->block) ||
	    !iso_both32(p + R_SIZE, &r->size))
		return -EIO;
	if (p[R_UNIT] || p[R_GAP])
		return -EIO; /* interleaved: not supported */
	r->flags = p[R_FLAGS];
	r->time = iso_time7(p + R_DATE);
	r->name = p + R_NAME;
	/* A padding byte makes the name's end even (9.1.12). */
	end = R_NAME + r->name_len;
	end += !(r->name_len & 1);
	r->system_use = p + end;
	r->system_use_len = r->length > end ? r->length - end : 0;
	if (r->size) {
		u64 last = (u64)r->block + p[R_EXT_ATTR] +
			   DIV_ROUND_UP((u64)r->size, ISO_BLOCK);

		if (last > blocks)
			return -EIO;
	}
	r->block += p[R_EXT_ATTR];
	return 1;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static s64 days(int year, int month, int day)
{
	/* Years begin in March, so that the leap day comes last. */
	s64 y = month <= 2 ? year - 1 : year;
	s64 m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	       1 - 719468;
}

/* zone: quarters of an hour east of Greenwich.  Nonsense gives 0. */
static s64 seconds(int year, int month, int day, int hour, int minute,
		   int second, int zone)
{
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
	    minute > 59 || second > 60)
		return 0;
	if (zone < -48 || zone > 52)
		zone = 0;
	return ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 +
	       second - (s64)zone * 15 * 60;
}

s64 iso_time7(const u8 *p)
{
	return seconds(1900 + p[0], p[1], p[2], p[3], p[4], p[5], (s8)p[6]);
}

/* n decimal digits, or -1. */
static int digits(const u8 *p, unsigned n)
{
	int v = 0;

	while (n--) {
		if (*p < '0' || *p > '9')
			return -1;
		v = v * 10 + *p++ - '0';
	}
	return v;
}

s64 iso_time17(const u8 *p)
{
	int year = digits(p, 4), month = digits(p + 4, 2),
	    day = digits(p + 6, 2), hour = digits(p + 8, 2),
	    minute = digits(p + 10, 2), second = digits(p + 12, 2);

	if (year < 1 || hour < 0 || minute < 0 || second < 0)
		return 0;
	return seconds(year, month, day, hour, minute, second, (s8)p[16]);
}
