/* Formatted text, the subset of C that log.h states. */
#include "log.h"
#include "string.h"

struct out {
	char *buf;
	size_t size, len; /* len counts what did not fit, too */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

struct spec {
	bool left, zero, plus, blank, alt, upper;
	int width, precision; /* precision -1: none */
	int base;
};

static void pad(struct out *o, int n, char c)
{
	for (; n > 0; n--)
		put(o, c);
}

static void put_string(struct out *o, const struct spec *sp, const char *s)
{
	int n;

	if (!s)
		s = "(null)";
	n = (int)strnlen(s, sp->precision < 0 ? SIZE_MAX : (size_t)sp->precision);
	if (!sp->left)
		pad(o, sp->width - n, ' ');
	for (int i = 0; i < n; i++)
		put(o, s[i]);
	if (sp->left)
		pad(o, sp->width - n, ' ');
}

static void put_number(struct out *o, const struct spec *sp, u64 v, bool negative)
{
	const char *digits = sp->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24];
	const char *prefix = "";
	int n = 0, zeroes, total;

	if (negative)
		prefix = "-";
	else if (sp->plus)
		prefix = "+";
	else if (sp->blank)
		prefix = " ";
	else if (sp->alt && sp->base == 16 && v)
		prefix = sp->upper ? "0X" : "0x";
	else if (sp->alt && sp->base == 8 && v)
		prefix = "0";
	for (; v; v /= (u64)sp->base)
		tmp[n++] = digits[v % (u64)sp->base];
	if (!n && sp->precision != 0)
		tmp[n++] = '0';
	zeroes = sp->precision > n ? sp->precision - n : 0;
	total = (int)strlen(prefix) + zeroes + n;
	if (sp->zero && !sp->left && sp->precision < 0 && sp->width > total) {
		zeroes += sp->width - total;
		total = sp->width;
	}
	if (!sp->left)
		pad(o, sp->width - total, ' ');
	for (; *prefix; prefix++)
		put(o, *prefix);
	pad(o, zeroes, '0');
	while (n)
		put(o, tmp[--n]);
	if (sp->left)
		pad(o, sp->width - total, ' ');
}

/* Flags, width and precision; returns the rest of the format. */
static const char *parse_spec(const char *f, struct spec *sp, va_list *ap)
{
	*sp = (struct spec){.precision = -1, .base = 10};
	for (;; f++) {
		if (*f == '-')
			sp->left = true;
		else if (*f == '0')
			sp->zero = true;
		else if (*f == '+')
			sp->plus = true;
		else if (*f == ' ')
			sp->blank = true;
		else if (*f == '#')
			sp->alt = true;
		else
			break;
	}
	if (*f == '*') {
		sp->width = va_arg(*ap, int);
		if (sp->width < 0) {
			sp->left = true;
			sp->width = -sp->width;
		}
		f++;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		sp->width = sp->width * 10 + (*f - '0');
	if (*f != '.')
		return f;
	sp->precision = 0;
	if (*++f == '*') {
		sp->precision = va_arg(*ap, int);
		return f + 1;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		sp->precision = sp->precision * 10 + (*f - '0');
	return f;
}

/* An integer argument of the size that the length modifiers say. */
static u64 argument(va_list *ap, int length, bool is_signed)
{
	if (length > 0)
		return va_arg(*ap, u64);
	if (is_signed) {
		s64 v = va_arg(*ap, int);

		if (length == -1)
			v = (s16)v;
		else if (length == -2)
			v = (s8)v;
		return (u64)v;
	}
	u64 v = va_arg(*ap, unsigned);

	if (length == -1)
		v = (u16)v;
	else if (length == -2)
		v = (u8)v;
	return v;
}

int kvsnprintf(char *buf, size_t size, const char *f, va_list args)
{
	struct out o = {buf, size, 0};
	struct spec sp;
	va_list ap;

	va_copy(ap, args);
	for (; *f; f++) {
		int length = 0;
		s64 v;

		if (*f != '%') {
			put(&o, *f);
			continue;
		}
		f = parse_spec(f + 1, &sp, &ap);
		for (;; f++) {
			if (*f == 'l' || *f == 'z' || *f == 'j' || *f == 't')
				length = 1;
			else if (*f == 'h')
				length--;
			else
				break;
		}
		switch (*f) {
		case 'd':
		case 'i':
			v = (s64)argument(&ap, length, true);
			put_number(&o, &sp, v < 0 ? -(u64)v : (u64)v, v < 0);
			break;
		case 'p':
			sp.alt = true;
			sp.base = 16;
			put_number(&o, &sp, va_arg(ap, u64), false);
			break;
		case 'X':
			sp.upper = true; /* fall through */
		case 'x':
			sp.base = 16; /* fall through */
		case 'u':
			put_number(&o, &sp, argument(&ap, length, false), false);
			break;
		case 'o':
			sp.base = 8;
			put_number(&o, &sp, argument(&ap, length, false), false);
			break;
		case 'c':
			put(&o, (char)va_arg(ap, int));
			break;
		case 's':
			put_string(&o, &sp, va_arg(ap, const char *));
			break;
		case 0:
			f--; /* a lone % at the end */
			break;
		default:
			put(&o, *f);
		}
	}
	va_end(ap);
	if (size)
		buf[MIN(o.len, size - 1)] = 0;
	return (int)o.len;
}

int ksnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = kvsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
