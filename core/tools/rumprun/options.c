#include "options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "block.h"
#include "iface.h"
#include "platform.h"
#include "profile.h"
#include "publish.h"
#include "usernet.h"

enum {
	OPT_PUBLISH = 256,
	OPT_MACHINE,
	OPT_CPU,
	OPT_ACCEL,
	OPT_CONFIG,
	OPT_STATUS,
	OPT_GDB,
	OPT_PROFILE,
	OPT_PROFILE_HZ,
	OPT_PRINT
};

static const struct option longs[] = {
	{"interactive", no_argument, NULL, 'i'},
	{"env", required_argument, NULL, 'e'},
	{"memory", required_argument, NULL, 'M'},
	{"cpus", required_argument, NULL, 'C'},
	{"name", required_argument, NULL, 'N'},
	{"destroy", no_argument, NULL, 'd'},
	{"paused", no_argument, NULL, 'p'},
	{"interface", required_argument, NULL, 'I'},
	{"address", required_argument, NULL, 'W'},
	{"net", required_argument, NULL, 'n'},
	{"publish", required_argument, NULL, OPT_PUBLISH},
	{"block", required_argument, NULL, 'b'},
	{"output", required_argument, NULL, 'o'},
	{"hypervisor", required_argument, NULL, 'g'},
	{"tmpdir", required_argument, NULL, 't'},
	{"keep-tmpdir", required_argument, NULL, 'T'},
	{"sudo", no_argument, NULL, 'S'},
	{"machine", required_argument, NULL, OPT_MACHINE},
	{"cpu", required_argument, NULL, OPT_CPU},
	{"accel", required_argument, NULL, OPT_ACCEL},
	{"config", required_argument, NULL, OPT_CONFIG},
	{"status-file", required_argument, NULL, OPT_STATUS},
	{"gdb", required_argument, NULL, OPT_GDB},
	{"profile", required_argument, NULL, OPT_PROFILE},
	{"profile-hz", required_argument, NULL, OPT_PROFILE_HZ},
	{"print", no_argument, NULL, OPT_PRINT},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

/* -W may stand before its -I, and -b before a bad -I: kept until the end. */
struct pending {
	struct strlist addresses;
	bool have_interface, have_net;
};

/* End with the option, its argument and the sentence. */
static void refuse(const char *option, const char *arg, const char *why)
{
	die(EXIT_REFUSED, "%s %s: %s", option, arg, why);
}

static void set(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
}

static void memory(struct launch *l, const char *arg)
{
	char *number = xstrdup(arg);
	size_t n = strlen(number);
	unsigned unit = 1;

	if (n > 1 && strchr("mMgG", number[n - 1]) != NULL) {
		unit = tolower((unsigned char)number[n - 1]) == 'g' ? 1024 : 1;
		number[n - 1] = '\0';
	}
	if (!number_parse(number, 1, (1u << 24) / unit, &l->memory))
		refuse("-M", arg, "it must be a number of MiB, 1 or more");
	l->memory *= unit;
	l->memory_given = true;
	free(number);
}

/* As many as the kernel runs on (core/arch/x86_64/include/arch/cpu.h). */
#define CPUS_MAX 64

static void cpus(struct launch *l, const char *arg)
{
	if (!number_parse(arg, 1, CPUS_MAX, &l->cpus))
		refuse("-C", arg, "it must be a number of processors, 1 to 64");
}

static void accel(struct launch *l, const char *arg)
{
	if (strcmp(arg, "kvm") != 0 && strcmp(arg, "tcg") != 0)
		refuse("--accel", arg, "it must be kvm or tcg");
	set(&l->accel, arg);
}

/* Part of paths and a host name. */
static void name(struct launch *l, const char *arg)
{
	const char *s = arg;

	while (isalnum((unsigned char)*s) ||
	       (s > arg && (*s == '-' || *s == '_' || *s == '.')))
		s++;
	if (s == arg || *s != '\0' || s - arg > 63)
		refuse("-N", arg,
		       "a name is 1 to 63 letters, digits, - . _, "
		       "the first a letter or digit");
	set(&l->name, arg);
}

static void environment(struct launch *l, const char *arg)
{
	const char *value;

	if (*arg == '\0' || *arg == '=')
		refuse("-e", arg, "it must be VAR or VAR=VALUE");
	if (strchr(arg, '=') != NULL) {
		strlist_add(&l->env, arg);
		return;
	}
	/* Ours, so that a secret need not be an argument; unset stays unset. */
	value = getenv(arg);
	if (value != NULL)
		strlist_addf(&l->env, "%s=%s", arg, value);
}

static void publish(struct launch *l, const char *arg)
{
	char *why = NULL;

	l->publishes = xrealloc(l->publishes,
				(l->npublishes + 1) * sizeof(*l->publishes));
	if (!publish_parse(&l->publishes[l->npublishes++], arg, &why))
		refuse("--publish", arg, why);
}

static void block(struct launch *l, const char *arg)
{
	char *why = NULL;

	l->blocks = xrealloc(l->blocks, (l->nblocks + 1) * sizeof(*l->blocks));
	if (!block_parse(&l->blocks[l->nblocks++], arg, &why))
		refuse("-b", arg, why);
}

static void interface(struct launch *l, struct pending *p, int c,
		      const char *arg)
{
	char *why = NULL;

	*(c == 'I' ? &p->have_interface : &p->have_net) = true;
	if (p->have_interface && p->have_net)
		refuse(c == 'I' ? "-I" : "-n", arg,
		       "-I and -n exclude each other");
	if (c == 'I' && !iface_add(l, arg, &why))
		refuse("-I", arg, why);
	if (c == 'n' && !iface_add_simple(l, arg, &why))
		refuse("-n", arg, why);
}

static void gdb(struct launch *l, const char *arg)
{
	if (!number_parse(arg, 1, 65535, &l->gdb))
		refuse("-D", arg,
		       "it must be a port between 1 and 65535 "
		       "(before PLATFORM, -D prints the command)");
}

static void profile(struct launch *l, const char *arg)
{
	char *why = NULL;

	if (!profile_file(arg, &why))
		refuse("--profile", arg, why);
	set(&l->profile, arg);
}

static void profile_hz(struct launch *l, const char *arg)
{
	if (!number_parse(arg, 1, 1000, &l->profile_hz))
		refuse("--profile-hz", arg,
		       "it must be a number of samples a second, 1 to 1000");
}

static void tmpdir(struct launch *l, int c, const char *arg)
{
	if (l->tmpdir != NULL)
		refuse(c == 't' ? "-t" : "-T", arg,
		       "there is one temporary directory only");
	l->tmpdir = xstrdup(arg);
	l->keep_tmpdir = c == 'T';
}

static void hypervisor(struct launch *l, const char *arg)
{
	char *why = NULL;

	if (!split_words(&l->raw, arg, &why))
		refuse("-g", arg, why);
}

static void option(struct launch *l, struct pending *p, int c, const char *arg)
{
	switch (c) {
	case 'i':
		l->interactive = true;
		break;
	case 'e':
		environment(l, arg);
		break;
	case 'M':
		memory(l, arg);
		break;
	case 'C':
		cpus(l, arg);
		break;
	case 'N':
		name(l, arg);
		break;
	case 'd':
	case 'S':
		break;
	case 'o':
		set(&l->output, arg);
		break;
	case 'p':
		l->paused = true;
		break;
	case 'I':
	case 'n':
		interface(l, p, c, arg);
		break;
	case 'W':
		strlist_add(&p->addresses, arg);
		break;
	case 'b':
		block(l, arg);
		break;
	case 'g':
		hypervisor(l, arg);
		break;
	case 't':
	case 'T':
		tmpdir(l, c, arg);
		break;
	case OPT_PUBLISH:
		publish(l, arg);
		break;
	case OPT_MACHINE:
		set(&l->machine, arg);
		break;
	case OPT_CPU:
		set(&l->cpu, arg);
		break;
	case OPT_ACCEL:
		accel(l, arg);
		break;
	case OPT_CONFIG:
		set(&l->config_file, arg);
		break;
	case OPT_STATUS:
		set(&l->status_file, arg);
		break;
	case OPT_GDB:
		gdb(l, arg);
		break;
	case OPT_PROFILE:
		profile(l, arg);
		break;
	case OPT_PROFILE_HZ:
		profile_hz(l, arg);
		break;
	case OPT_PRINT:
		l->print = true;
		break;
	case 'D':
		if (l->platform == NULL)
			l->print = true;
		else
			gdb(l, arg);
		break;
	case 'h':
		options_usage(true);
		exit(EXIT_SUCCESS);
	case 'V':
		printf("rumprun " RUMPRUN_VERSION "\n");
		exit(EXIT_SUCCESS);
	default:
		options_usage(false);
		exit(EXIT_REFUSED);
	}
}

#define SHORT "b:C:de:g:hiI:M:n:N:o:pSt:T:VW:"

/* Options up to the next word; optind is that word's place. */
static void parse_some(struct launch *l, struct pending *p, int argc,
		       char **argv)
{
	/* After PLATFORM -D has an argument, before it none. */
	const char *shorts = l->platform ? "+D:" SHORT : "+D" SHORT;
	int c;

	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		option(l, p, c, optarg);
}

static void usage_error(const char *what)
{
	tell("%s", what);
	options_usage(false);
	exit(EXIT_REFUSED);
}

static void check_profile(const struct launch *l)
{
	if (l->profile == NULL)
		return;
	if (l->platform->make != NULL)
		refuse("--profile", l->profile, "nothing runs here");
	if (l->gdb != 0)
		refuse("--profile", l->profile,
		       "the hypervisor talks to one debugger: not with -D");
	if (l->paused)
		refuse("--profile", l->profile,
		       "it lets the guest run: not with -p");
}

/* What only all options together tell. */
static void finish(struct launch *l, const struct pending *p)
{
	struct iface *i;
	char *why = NULL;

	for (size_t k = 0; k < p->addresses.n; k++)
		if (!iface_configure(l, p->addresses.v[k], &why))
			refuse("-W", p->addresses.v[k], why);
	check_profile(l);
	if (l->npublishes == 0)
		return;
	if (l->nifaces == 0)
		iface_add_default(l);
	i = usernet_published(l);
	if (i == NULL)
		refuse("--publish", l->publishes[0].arg,
		       "no -I is on the user network");
	/* A port that leads to an interface without address leads nowhere. */
	if (i->naddresses == 0) {
		char *dhcp = xasprintf("%s,inet,dhcp", i->tag);

		iface_configure(l, dhcp, &why);
		free(dhcp);
	}
}

void options_parse(struct launch *l, int argc, char **argv)
{
	struct pending p = {0};
	bool dashes;
	char *why = NULL;

	*l = (struct launch){.memory = 64, .cpus = 1, .profile_hz = 99};
	parse_some(l, &p, argc, argv);
	if (optind >= argc)
		usage_error("no platform given");
	l->platform = platform_find(argv[optind], &why);
	if (l->platform == NULL)
		die(EXIT_REFUSED, "%s", why);
	optind++;
	parse_some(l, &p, argc, argv);
	dashes = strcmp(argv[optind - 1], "--") == 0;
	if (optind >= argc)
		usage_error("no image given");
	finish(l, &p);
	if (!rrimage_open(&l->image, argv[optind], &why))
		die(EXIT_REFUSED, "%s", why);
	strlist_add(&l->args, argv[optind++]);
	/* The original allows the dashes behind the image, too. */
	if (!dashes && optind < argc && strcmp(argv[optind], "--") == 0)
		optind++;
	while (optind < argc)
		strlist_add(&l->args, argv[optind++]);
	strlist_clear(&p.addresses);
}

void launch_free(struct launch *l)
{
	rrimage_close(&l->image);
	strlist_clear(&l->args);
	for (size_t i = 0; i < l->nifaces; i++)
		iface_free(&l->ifaces[i]);
	for (size_t i = 0; i < l->npublishes; i++)
		publish_free(&l->publishes[i]);
	for (size_t i = 0; i < l->nblocks; i++)
		block_free(&l->blocks[i]);
	free(l->ifaces);
	free(l->publishes);
	free(l->blocks);
	strlist_clear(&l->env);
	strlist_clear(&l->raw);
	free(l->name);
	free(l->output);
	free(l->config_file);
	free(l->status_file);
	free(l->profile);
	free(l->tmpdir);
	free(l->machine);
	free(l->cpu);
	free(l->accel);
	*l = (struct launch){0};
}
