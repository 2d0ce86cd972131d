/* rumprun-bake: links programs and kernel components into a bootable image. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "conf.h"
#include "install.h"

/* clang-format off */
static const char usage[] =
    "usage: rumprun-bake [-n] [-c FILE]... [-m COMMAND]... CONFIG OUT APP...\n"
    "       rumprun-bake [-c FILE]... list\n"
    "       rumprun-bake [-c FILE]... [-m COMMAND]... describe CONFIG\n";

static const char help[] =
    "\n"
    "Links the programs APP with the kernel components that CONFIG names into\n"
    "the bootable image OUT.  list shows the configurations, describe what is\n"
    "in one.\n"
    "\n"
    "  -c, --conf FILE       read configurations from FILE, too\n"
    "  -m, --modify COMMAND  change CONFIG: \"add NAME\", \"remove NAME\",\n"
    "                        \"assimilate CONFIG\", \"nuke\"\n"
    "  -n, --dry-run         print the commands, run none of them\n"
    "  -h, --help            print this\n"
    "  -V, --version         print the version\n";
/* clang-format on */

static void refuse(const char *why)
{
	die(EXIT_FAILURE, "%s", why);
}

static void usage_error(void)
{
	fputs(usage, stderr);
	exit(EXIT_REFUSED);
}

static void list(const struct confs *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (!conf_is_private(all->v[i]))
			printf("%-15s %s\n", all->v[i]->name,
			       all->v[i]->describe ? all->v[i]->describe
						   : "(no description)");
}

static void describe(const struct conf *conf)
{
	printf("%s: %s\n", conf->name,
	       conf->describe ? conf->describe : "(no description)");
	for (size_t i = 0; i < conf->components.n; i++)
		printf("    %s\n", conf->components.v[i]);
}

/* The configuration that the command line names, with its changes. */
static struct conf *choose(struct confs *all, const char *name,
			   const struct strlist *changes)
{
	struct conf *conf = confs_find(all, name);
	char *why = NULL;

	if (conf == NULL)
		die(EXIT_FAILURE,
		    "there is no configuration %s (rumprun-bake "
		    "list shows those there are)",
		    name);
	if (conf_is_private(conf))
		die(EXIT_FAILURE, "%s is for use in other configurations only",
		    name);
	for (size_t i = 0; i < changes->n; i++)
		if (!confs_modify(all, conf, changes->v[i], &why))
			die(EXIT_FAILURE, "-m \"%s\": %s", changes->v[i], why);
	return conf;
}

static void read_all(struct confs *all, const struct strlist *files)
{
	char *standard = data_file("rumprun-bake.conf"), *why = NULL;

	if (!confs_read(all, standard, &why))
		refuse(why);
	for (size_t i = 0; i < files->n; i++)
		if (!confs_read(all, files->v[i], &why))
			refuse(why);
	free(standard);
}

static void options(int argc, char **argv, struct strlist *files,
		    struct strlist *changes, struct bake *b)
{
	static const struct option longs[] = {
		{"conf", required_argument, NULL, 'c'},
		{"modify", required_argument, NULL, 'm'},
		{"dry-run", no_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "+c:m:nhV", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			strlist_add(files, optarg);
			break;
		case 'm':
			strlist_add(changes, optarg);
			break;
		case 'n':
			b->print = true;
			break;
		case 'h':
			printf("%s%s", usage, help);
			exit(EXIT_SUCCESS);
		case 'V':
			printf("rumprun-bake " RUMPRUN_VERSION "\n");
			exit(EXIT_SUCCESS);
		default:
			usage_error();
		}
	}
}

int main(int argc, char **argv)
{
	struct strlist files = {0}, changes = {0};
	struct confs all = {0};
	struct bake b = {0};
	char *why = NULL;

	progname = "rumprun-bake";
	argv[0] = (char *)progname;
	options(argc, argv, &files, &changes, &b);
	argc -= optind;
	argv += optind;
	if (argc < 1)
		usage_error();
	read_all(&all, &files);
	if (strcmp(argv[0], "list") == 0 && argc == 1) {
		list(&all);
	} else if (strcmp(argv[0], "describe") == 0 && argc == 2) {
		describe(choose(&all, argv[1], &changes));
	} else if (argc >= 3) {
		b.conf = choose(&all, argv[0], &changes);
		b.out = argv[1];
		for (int i = 2; i < argc; i++)
			strlist_add(&b.apps, argv[i]);
		if (!bake(&b, &why))
			refuse(why);
		strlist_clear(&b.apps);
	} else {
		usage_error();
	}
	strlist_clear(&files);
	strlist_clear(&changes);
	confs_free(&all);
	if (fflush(stdout) != 0)
		die(EXIT_FAILURE, "cannot write to standard output");
	return EXIT_SUCCESS;
}
