/* sources: core/tools/rumprun/block.c core/tools/rumprun/iso9660.c core/tools/common/diag.c */
/* flags: -D_GNU_SOURCE -iquote ../../tools/common -iquote ../../tools/rumprun */
/* -b, and telling whole ISO images from others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "block.h"
#include "iso9660.h"
/* Last: its macro fail would take our function's name. */
#include <cmocka.h>

static char dir[64];

static int setup(void **state)
{
	strcpy(dir, "/tmp/block_test.XXXXXX");
	return mkdtemp(dir) == NULL || chdir(dir) < 0;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return chdir("/") < 0 || system(command) != 0;
}

static void put(FILE *f, long at, const void *bytes, size_t n)
{
	fseek(f, at, SEEK_SET);
	fwrite(bytes, 1, n, f);
}

/* A file with one volume descriptor, which claims 32 blocks of 2048. */
static void make(const char *name, int type, unsigned blocks, long size)
{
	unsigned char d[2048] = {0};
	FILE *f = fopen(name, "w");

	d[0] = (unsigned char)type;
	memcpy(d + 1, "CD001\1", 6);
	d[80] = d[87] = (unsigned char)blocks;
	d[81] = d[86] = (unsigned char)(blocks >> 8);
	d[129] = d[130] = 8;
	put(f, 16 * 2048L, d, sizeof(d));
	memset(d, 0, sizeof(d));
	d[0] = 255;
	memcpy(d + 1, "CD001\1", 6);
	put(f, 17 * 2048L, d, sizeof(d));
	fclose(f);
	assert_int_equal(truncate(name, size), 0);
}

static void patch(const char *name, long at, unsigned char byte)
{
	FILE *f = fopen(name, "r+");

	put(f, at, &byte, 1);
	fclose(f);
}

static enum iso look(const char *name, uint64_t *volume)
{
	FILE *f = fopen(name, "r");
	struct stat st;
	enum iso r;

	fstat(fileno(f), &st);
	r = iso9660_check(fileno(f), (uint64_t)st.st_size, volume);
	fclose(f);
	return r;
}

static void test_iso(void **state)
{
	uint64_t volume;

	make("a", 1, 32, 65536);
	assert_int_equal(look("a", &volume), ISO_WHOLE);
	assert_int_equal(volume, 65536);
	make("a", 1, 32, 99999);
	assert_int_equal(look("a", &volume), ISO_WHOLE);
	make("a", 1, 32, 65535);
	assert_int_equal(look("a", &volume), ISO_TRUNCATED);
	make("a", 1, 32, 16 * 2048 + 100);
	assert_int_equal(look("a", &volume), ISO_TRUNCATED);
	make("a", 1, 32, 16 * 2048 + 3);
	assert_int_equal(look("a", &volume), ISO_NONE);
	make("a", 1, 32, 0);
	assert_int_equal(look("a", &volume), ISO_NONE);
	make("a", 1, 0, 65536);
	assert_int_equal(look("a", &volume), ISO_DAMAGED);
	/* A boot record, then no primary descriptor. */
	make("a", 0, 32, 65536);
	assert_int_equal(look("a", &volume), ISO_DAMAGED);
	make("a", 1, 32, 65536);
	patch("a", 16 * 2048 + 87, 1);
	assert_int_equal(look("a", &volume), ISO_DAMAGED);
	make("a", 1, 32, 65536);
	patch("a", 16 * 2048 + 129, 0);
	assert_int_equal(look("a", &volume), ISO_DAMAGED);
	make("a", 0, 32, 65536);
	patch("a", 17 * 2048 + 1, 'X');
	assert_int_equal(look("a", &volume), ISO_DAMAGED);
	/* Nothing but boot records to the end. */
	make("a", 0, 32, 65536);
	patch("a", 17 * 2048, 0);
	assert_int_equal(look("a", &volume), ISO_DAMAGED);
}

static void accept(const char *arg, const char *path, const char *mount)
{
	struct block b;
	char *why = NULL;

	if (!block_parse(&b, arg, &why))
		fail_msg("%s: %s", arg, why);
	assert_string_equal(b.path, path);
	if (mount == NULL)
		assert_null(b.mountpoint);
	else
		assert_string_equal(b.mountpoint, mount);
	block_free(&b);
}

static void refuse(const char *arg, const char *reason)
{
	struct block b;
	char *why = NULL;

	if (block_parse(&b, arg, &why))
		fail_msg("accepted: %s", arg);
	if (strstr(why, reason) == NULL)
		fail_msg("%s: '%s' does not say '%s'", arg, why, reason);
	free(why);
	block_free(&b);
}

static void test_names(void **state)
{
	make("a.iso", 1, 32, 65536);
	make("a,b.iso", 1, 32, 65536);
	mkdir("c,", 0700);
	make("c,/d", 1, 32, 65536);
	accept("a.iso", "a.iso", NULL);
	accept("a.iso,", "a.iso", NULL);
	accept("a.iso,/data", "a.iso", "/data");
	accept("a,b.iso,/x,y", "a,b.iso", "/x,y");
	accept("a,b.iso", "a,b.iso", NULL);
	accept("c,/d", "c,/d", NULL);
	accept("c,/d,/e", "c,/d", "/e");
}

static void test_refused(void **state)
{
	make("t.iso", 1, 33, 65536);
	make("d.iso", 1, 0, 65536);
	make("empty", 1, 32, 0);
	make("short.iso", 1, 32, 20000);
	make("whole.iso", 1, 32, 65536);
	refuse("", "cannot open image");
	refuse("none.iso,/data", "cannot open image none.iso: No such file");
	refuse("whole.iso,data", "cannot open image whole.iso,data");
	refuse("t.iso,/data", "t.iso is truncated");
	refuse("t.iso,/data", "67584 bytes, the file 65536");
	refuse("d.iso", "damaged");
	refuse("empty", "is empty");
	refuse("short.iso", "holds no ISO 9660");
	refuse(".,/x", "is a directory");
	refuse("whole.iso,/", "nothing can be mounted on /");
	refuse("whole.iso,/a/../b", "has .. in it");
	refuse("/dev/null", "neither a file nor a block device");
}

static void test_readonly(void **state)
{
	struct block b;
	char *why = NULL;

	make("i.iso", 1, 32, 65536);
	assert_true(block_parse(&b, "i.iso", &why));
	assert_true(b.readonly);
	block_free(&b);
	make("disk", 1, 32, 65536);
	patch("disk", 16 * 2048 + 1, 'X');
	assert_true(block_parse(&b, "disk", &why));
	assert_false(b.readonly);
	block_free(&b);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_iso),
		T(test_names),
		T(test_refused),
		T(test_readonly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
