/* sources: core/fs/iso9660/volume.c core/fs/iso9660/record.c core/fs/iso9660/name.c core/fs/iso9660/rock.c core/fs/iso9660/entry.c core/kern/lib/utf8.c */
/* flags: -include sys/stat.h */
/*
 * The ISO 9660 parser on images made by genisoimage and xorriso, and on damaged
 * copies of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
#include "walk.h"
#include "../../../fs/iso9660/parse.h"

static char dir[64];

static void sh(const char *fmt, ...)
{
	char cmd[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (system(cmd))
		fail_msg("failed: %s", cmd);
}

#define LONG_NAME                                                              \
	"a_name_that_is_much_longer_than_what_fits_into_one_directory_record_" \
	"and_so_has_to_go_on_in_a_continuation_area_somewhere_else_on_the_"    \
	"image_which_readers_have_to_follow_and_which_still_is_shorter_than_"  \
	"255_bytes_in_all.txt"

static int set_up(void **state)
{
	strcpy(dir, "/tmp/iso9660_test.XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	sh("cd %s && mkdir -p t/sub/deeper t/1/2/3/4/5/6/7/8/9/10 && "
	   "printf hello > t/hello.txt && : > t/empty && "
	   "head -c 5000 /dev/zero | tr '\\0' x > t/sub/5000 && "
	   "printf mixed > t/sub/'MiXed Case.Tar.GZ' && "
	   "printf deep > t/1/2/3/4/5/6/7/8/9/10/deep && "
	   "printf long > t/%s && ln -s hello.txt t/link && "
	   "ln -s /abs/../path/./x t/abslink && "
	   "ln -s $(printf '%%0100d/%%0100d/%%040d' 1 2 3) t/longlink && ln t/hello.txt t/hard && chmod 640 t/hello.txt && "
	   "touch -h -d '2001-02-03 04:05:06 UTC' t/hello.txt && mkfifo t/fifo && "
	   "mkdir t/many && (cd t/many && seq -f file%%g 300 | xargs touch) && "
	   "printf u > t/$(printf 'sm\\303\\270rgasb\\303\\270rd')",
	   dir, LONG_NAME);
	sh("cd %s && genisoimage -quiet -R -o rock.iso t 2>/dev/null", dir);
	sh("cd %s && genisoimage -quiet -J -joliet-long -f -input-charset utf-8 "
	   "-m fifo -m '*link' -m 1 -m '" LONG_NAME "' -o joliet.iso t "
	   "2>/dev/null", dir);
	sh("cd %s && genisoimage -quiet -l -m fifo -m '*link' -m 1 -m 'sm*' -m '"
	   LONG_NAME "' -o plain.iso t 2>/dev/null", dir);
	sh("cd %s && (! command -v xorriso >/dev/null || xorriso -as mkisofs "
	   "-quiet -R -o xorriso.iso t 2>/dev/null)", dir);
	return 0;
}

static int tear_down(void **state)
{
	sh("rm -rf %s", dir);
	return 0;
}

static u8 *load(const char *name, size_t *size)
{
	char path[128];
	FILE *f;
	u8 *p;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	*size = (size_t)ftell(f);
	rewind(f);
	p = malloc(*size);
	assert_int_equal(fread(p, 1, *size, f), *size);
	fclose(f);
	return p;
}

/* What the walk found, to be asked by path. */
struct result {
	char path[4096];
	struct iso_entry e;
	struct iso_extent ext;
	char link[4096];
};
static struct result results[500];
static unsigned result_count;

static void note(struct walk *w, const char *path, const struct iso_entry *e,
		 const struct iso_extent *ext, const char *link)
{
	struct result *r = &results[result_count++];

	assert_true(result_count <= 500);
	strcpy(r->path, path);
	r->e = *e;
	r->ext = ext[0];
	strcpy(r->link, link);
}

static struct result *find(const char *path)
{
	for (unsigned i = 0; i < result_count; i++)
		if (!strcmp(results[i].path, path))
			return &results[i];
	fail_msg("%s not found", path);
	return NULL;
}

static u8 *image;
static size_t image_size;

static void walk_all(const char *name)
{
	struct walk w = {.left = 10000, .found = note};

	result_count = 0;
	free(image);
	image = load(name, &image_size);
	assert_non_null(image);
	assert_int_equal(walk_image(&w, image, image_size), 0);
	assert_int_equal(w.errors, 0);
}

static void content(const char *path, const char *expect)
{
	struct result *r = find(path);

	assert_int_equal(r->e.size, strlen(expect));
	assert_int_equal(r->e.extents, 1);
	assert_memory_equal(image + (size_t)r->ext.block * ISO_BLOCK, expect,
			    strlen(expect));
}

static void check_rock(const char *name)
{
	struct result *r;
	char expect[2000];

	walk_all(name);
	content("/hello.txt", "hello");
	content("/sub/MiXed Case.Tar.GZ", "mixed");
	content("/1/2/3/4/5/6/7/8/9/10/deep", "deep");
	content("/" LONG_NAME, "long");
	content("/smørgasbørd", "u");
	r = find("/hello.txt");
	assert_int_equal(r->e.mode, S_IFREG | 0640);
	assert_int_equal(r->e.nlink, 2);
	assert_int_equal(r->e.mtime, 981173106);
	assert_int_equal(find("/hard")->ext.block, r->ext.block);
	assert_int_equal(find("/empty")->e.size, 0);
	assert_int_equal(find("/empty")->e.extents, 0);
	assert_int_equal(find("/sub/5000")->e.size, 5000);
	assert_true(S_ISFIFO(find("/fifo")->e.mode));
	assert_true(S_ISDIR(find("/sub/deeper")->e.mode));
	assert_true(S_ISLNK(find("/link")->e.mode));
	assert_string_equal(find("/link")->link, "hello.txt");
	assert_int_equal(find("/link")->e.size, 9);
	assert_string_equal(find("/abslink")->link, "/abs/../path/./x");
	/* Longer than a record; genisoimage garbles still longer ones. */
	sprintf(expect, "%0100d/%0100d/%040d", 1, 2, 3);
	assert_string_equal(find("/longlink")->link, expect);
	find("/many/file1");
	find("/many/file300");
}

static void rock_ridge(void **state)
{
	check_rock("rock.iso");
}

static void rock_ridge_xorriso(void **state)
{
	size_t n;
	u8 *p = load("xorriso.iso", &n);

	if (!p)
		skip();
	free(p);
	check_rock("xorriso.iso");
}

static void joliet(void **state)
{
	walk_all("joliet.iso");
	content("/hello.txt", "hello");
	content("/sub/MiXed Case.Tar.GZ", "mixed");
	content("/smørgasbørd", "u");
	assert_int_equal(find("/hello.txt")->e.mode, S_IFREG | 0555);
	find("/many/file300");
}

static void plain(void **state)
{
	walk_all("plain.iso");
	content("/hello.txt", "hello");
	assert_int_equal(find("/hello.txt")->e.mtime, 981173106);
	assert_int_equal(find("/sub")->e.mode, S_IFDIR | 0555);
	find("/many/file300");
}

static void names(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"README.TXT;1", "readme.txt"}, {"NODOT.;1", "nodot"},
		{"A;12", "a"},			{"A;B", "a;b"},
		{"LOWER.c", "lower.c"},		{";1", NULL},
		{".;1", NULL},			{"..;1", NULL},
		{"A/B", NULL},			{"...", ".."},
	};
	char out[ISO_NAME_MAX + 1];

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		int n = iso_name_plain((const u8 *)cases[i].in,
				       (u32)strlen(cases[i].in), out);

		if (!cases[i].out || !strcmp(cases[i].out, "..")) {
			assert_true(n < 0);
			continue;
		}
		assert_int_equal(n, strlen(cases[i].out));
		assert_string_equal(out, cases[i].out);
	}
	assert_int_equal(iso_name_joliet((const u8 *)"\xd8\x3d\xde\x00", 4, out),
			 4);
	assert_string_equal(out, "\xf0\x9f\x98\x80");
	assert_int_equal(iso_name_joliet((const u8 *)"\xd8\x3d\0a", 4, out), 4);
	assert_string_equal(out, "\xef\xbf\xbd" "a");
}

static void dates(void **state)
{
	static const u8 seven[7] = {101, 2, 3, 4, 5, 6, 0};
	static const u8 zone[7] = {101, 2, 3, 5, 5, 6, 4};
	static const u8 bad[7] = {101, 13, 3, 4, 5, 6, 0};

	assert_int_equal(iso_time7(seven), 981173106);
	assert_int_equal(iso_time7(zone), 981173106);
	assert_int_equal(iso_time7(bad), 0);
	assert_int_equal(iso_time17((const u8 *)"2001020304050600\0"),
			 981173106);
	assert_int_equal(iso_time17((const u8 *)"000000000000000\0\0"), 0);
	assert_int_equal(iso_time17((const u8 *)"196912312359590\0\0"), -1);
}

/* Every length of the image up to the last file: an error, and no overrun. */
static void truncated(void **state)
{
	walk_all("rock.iso");
	for (size_t n = 0; n < image_size; n += n < 64 * ISO_BLOCK ? 512 :
								     ISO_BLOCK) {
		struct walk w = {.left = 1000};

		assert_true(walk_image(&w, image, n) < 0);
	}
}

/* Damage near the structures: whatever comes of it, the walk ends cleanly. */
static void damaged(void **state)
{
	static const char *const names[] = {"rock.iso", "joliet.iso",
					    "plain.iso"};
	unsigned reported = 0;

	srand(1);
	for (unsigned i = 0; i < 3; i++) {
		size_t meta = 120 * ISO_BLOCK;

		walk_all(names[i]);
		meta = MIN(meta, image_size) - 16 * ISO_BLOCK;
		for (unsigned round = 0; round < 1500; round++) {
			struct walk w = {.left = 3000};
			unsigned hits = 1 + (unsigned)rand() % 8;
			u8 saved[8];
			size_t at[8];

			for (unsigned k = 0; k < hits; k++) {
				at[k] = 16 * ISO_BLOCK +
					(size_t)rand() % meta;
				saved[k] = image[at[k]];
				image[at[k]] = (u8)rand();
			}
			if (walk_image(&w, image, image_size) || w.errors)
				reported++;
			while (hits--)
				image[at[hits]] = saved[hits];
		}
	}
	assert_true(reported > 100);
}

static u8 *record_of(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 16 * ISO_BLOCK; i + 33 + n < image_size; i++)
		if (image[i + 32] == n && !memcmp(image + i + 33, name, n) &&
		    image[i] > 33)
			return image + i;
	fail_msg("no record %s", name);
	return NULL;
}

static unsigned errors_now(void)
{
	struct walk w = {.left = 3000};

	assert_int_equal(walk_image(&w, image, image_size), 0);
	return w.errors;
}

static void put_both(u8 *p, u32 v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = p[7 - i] = (u8)(v >> 8 * i);
}

/* One field at a time. */
static void bad_fields(void **state)
{
	u8 *r;

	walk_all("plain.iso");
	r = record_of("HELLO.TXT;1");
	assert_int_equal(errors_now(), 0);
	r[2] ^= 1; /* byte orders disagree */
	assert_int_equal(errors_now(), 1);
	put_both(r + 2, 0x7fffffff); /* beyond the volume */
	assert_int_equal(errors_now(), 1);
	put_both(r + 2, 20);
	put_both(r + 10, UINT32_MAX);
	assert_int_equal(errors_now(), 1);
	put_both(r + 10, 5);
	assert_int_equal(errors_now(), 0);
	r[26] = 1; /* interleaved */
	assert_int_equal(errors_now(), 1);
	r[26] = 0;
	r[32] = 200; /* a name longer than the record */
	assert_int_equal(errors_now(), 1);
	r[32] = 0;
	assert_int_equal(errors_now(), 1);
	r[32] = 11;
	r[25] |= ISO_FLAG_MULTI; /* an extent that is not whole blocks */
	assert_true(errors_now() > 0);
	r[25] = ISO_FLAG_DIR; /* a file that claims to be a directory */
	assert_true(errors_now() > 0);
}

/* A directory that contains itself: the walk is bounded by its depth. */
static void directory_loop(void **state)
{
	struct walk w = {.left = 3000};
	u32 root;
	u8 *r;

	walk_all("plain.iso");
	r = record_of("SUB");
	root = iso_le32(image + 16 * ISO_BLOCK + 158);
	put_both(r + 2, root);
	put_both(r + 10, iso_le32(image + 16 * ISO_BLOCK + 166));
	assert_int_equal(walk_image(&w, image, image_size), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rock_ridge),
		cmocka_unit_test(rock_ridge_xorriso),
		cmocka_unit_test(joliet),
		cmocka_unit_test(plain),
		cmocka_unit_test(names),
		cmocka_unit_test(dates),
		cmocka_unit_test(truncated),
		cmocka_unit_test(damaged),
		cmocka_unit_test(bad_fields),
		cmocka_unit_test(directory_loop),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
