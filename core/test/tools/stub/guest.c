/*
 * The stub guest's only program: does what the words of its command line say.
 *
 *     dump      print the configuration document on the log channel
 *     out       print a line on COM1
 *     frames    print a crash report with the addresses of stub_main and, after
 *               "at@", of a program
 *     echo      copy COM1 to itself up to a byte 4
 *     hang      stay until killed
 *     flood     fill the console for ever
 *     spoof     print a status line that is not the last
 *     triple    reset the machine by a triple fault
 *     exit=N signal=N panic oom      end so; otherwise: exit 0
 */
#include <stdint.h>

#include "image.h"

#define DEBUGCON 0xe9
#define COM1 0x3f8
#define DEBUG_EXIT 0xf4

extern const struct baked_program *const __start_set_programs[];
extern const struct baked_program *const __stop_set_programs[];

struct start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modules, cmdline;
};
struct module {
	uint64_t address, size, cmdline, reserved;
};

static char document[65536];

static void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void log_text(const char *s)
{
	while (*s != '\0')
		outb(DEBUGCON, (uint8_t)*s++);
}

static void com_byte(uint8_t c)
{
	while (!(inb(COM1 + 5) & 0x20))
		continue;
	outb(COM1, c);
}

static void log_hex(uint64_t v)
{
	log_text("0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		outb(DEBUGCON, (uint8_t)"0123456789abcdef"[v >> shift & 15]);
}

/* What follows word in the document; NULL if it is not there. */
static const char *find(const char *word)
{
	for (const char *s = document; *s != '\0'; s++) {
		const char *a = s, *b = word;

		while (*b != '\0' && *a == *b)
			a++, b++;
		if (*b == '\0')
			return a;
	}
	return 0;
}

static void copy_document(const struct start_info *si)
{
	const struct module *m = (const void *)si->modules;
	uint64_t n = si->nr_modules > 0 ? m->size : 0;

	for (uint64_t i = 0; i < n && i < sizeof(document) - 1; i++)
		document[i] = ((const char *)m->address)[i];
}

/* The word up to its closing quote. */
static void log_word(const char *s)
{
	for (; *s != '"'; s++)
		outb(DEBUGCON, (uint8_t)*s);
}

static void frames(const char *at)
{
	extern void stub_main(const struct start_info *si);

	log_text("rumprun:   #0 ");
	log_hex((uint64_t)stub_main + 4);
	log_text(" kernel\nrumprun:   #1 0x00007f53a1c02d10 ");
	log_word(at);
	log_text("\n");
}

static void talk(void)
{
	const char *s;

	for (const struct baked_program *const *p = __start_set_programs;
	     p < __stop_set_programs; p++) {
		log_text("rumprun: program ");
		log_text((*p)->name);
		log_text("\n");
	}
	if (find("\"dump\"")) {
		log_text(document);
		log_text("\n");
	}
	if (find("\"out\""))
		for (s = "output\n"; *s != '\0'; s++)
			com_byte((uint8_t)*s);
	if ((s = find("\"at@")) != 0)
		frames(s);
	while (find("\"flood\""))
		com_byte('x');
	if (find("\"echo\"")) {
		uint8_t c;

		for (;;) {
			while (!(inb(COM1 + 5) & 1))
				continue;
			c = inb(COM1);
			if (c == 4)
				break;
			com_byte(c);
		}
	}
	while (find("\"hang\""))
		__asm__ volatile("pause");
}

/* The status line; returns the status. */
static unsigned farewell(void)
{
	const char *s;
	unsigned status = 0;

	log_text("rumprun-status: ");
	if ((s = find("\"exit=")) != 0) {
		log_text("exit ");
		log_word(s);
		while (*s != '"')
			status = status * 10 + (unsigned)(*s++ - '0');
	} else if ((s = find("\"signal=")) != 0) {
		log_text("signal ");
		log_word(s);
	} else if (find("\"panic\"")) {
		log_text("panic");
	} else if (find("\"oom\"")) {
		log_text("oom");
	} else {
		log_text("exit 0");
	}
	log_text("\n");
	return status;
}

void stub_main(const struct start_info *si)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_idt;

	copy_document(si);
	talk();
	if (find("\"triple\""))
		__asm__ volatile("lidt %0; ud2" : : "m"(no_idt));
	if (find("\"spoof\""))
		log_text("rumprun-status: exit 9\nrumprun: not the end\n");
	__asm__ volatile("outl %0, %1"
			 :
			 : "a"(farewell() & 0x7f), "Nd"((uint16_t)DEBUG_EXIT));
}
