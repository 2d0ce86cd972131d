/* The clock in CMOS memory (Motorola MC146818A data sheet). */
#include "hw.h"
#include <arch/insn.h>

#define INDEX 0x70
#define DATA 0x71
#define NMI_OFF 0x80

enum { SECONDS = 0, MINUTES = 2, HOURS = 4, DAY = 7, MONTH = 8, YEAR = 9,
       STATUS_A = 10, STATUS_B = 11, CENTURY = 50 };
#define A_UPDATING 0x80
#define B_24_HOURS 0x02
#define B_BINARY 0x04
#define HOURS_PM 0x80

/* An update takes 2 ms at most; so many reads take longer on any bus. */
#define PATIENCE 4000

struct raw {
	u8 seconds, minutes, hours, day, month, year, century;
};

static u8 cmos(u8 reg)
{
	outb(INDEX, reg | NMI_OFF);
	return inb(DATA);
}

static struct raw read_raw(void)
{
	return (struct raw){cmos(SECONDS), cmos(MINUTES), cmos(HOURS),
			    cmos(DAY),     cmos(MONTH),   cmos(YEAR),
			    cmos(CENTURY)};
}

static bool same(const struct raw *a, const struct raw *b)
{
	return !__builtin_memcmp(a, b, sizeof(*a));
}

static u8 number(u8 v, bool bcd)
{
	return bcd ? (u8)((v >> 4) * 10 + (v & 15)) : v;
}

/* Days since 1970-01-01 of a date in the Gregorian calendar. */
static s64 days(s64 year, unsigned month, unsigned day)
{
	/* Years that begin in March have the leap day at their end. */
	s64 y = month > 2 ? year : year - 1;
	unsigned m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 +
	       (s64)((153 * m + 2) / 5 + day - 1) - 719468;
}

bool rtc_read(s64 *unix_seconds)
{
	struct raw a, b;
	unsigned patience = PATIENCE, hours, century;
	u8 status;
	bool bcd;

	/* Where there is no clock all bits read as 1. */
	if (cmos(STATUS_A) == 0xff && cmos(STATUS_B) == 0xff)
		return false;
	do {
		while ((cmos(STATUS_A) & A_UPDATING) && --patience)
			;
		a = read_raw();
		b = read_raw();
	} while (!same(&a, &b) && patience && --patience);
	if (!patience)
		return false;
	status = cmos(STATUS_B);
	bcd = !(status & B_BINARY);
	hours = number(a.hours & (u8)~HOURS_PM, bcd);
	if (!(status & B_24_HOURS))
		hours = hours % 12 + (a.hours & HOURS_PM ? 12 : 0);
	a.month = number(a.month, bcd);
	a.day = number(a.day, bcd);
	a.year = number(a.year, bcd);
	/* The century's place is a custom only. */
	century = number(a.century, bcd);
	if (century < 19 || century > 29)
		century = 20;
	if (!a.month || a.month > 12 || !a.day || a.day > 31 || hours > 23 ||
	    a.year > 99)
		return false;
	*unix_seconds = days((s64)century * 100 + a.year, a.month, a.day) *
				86400 +
			hours * 3600 + number(a.minutes, bcd) * 60 +
			number(a.seconds, bcd);
	return true;
}
