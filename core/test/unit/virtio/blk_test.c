/* sources: core/dev/virtio/virtq.c core/dev/virtio/device.c core/dev/virtio_blk/virtio_blk.c core/dev/virtio_blk/name.c core/dev/blk/request.c core/dev/blk/registry.c */
/* flags: -Dstrlcpy=rr_strlcpy */
/*
 * Block devices: registry, requests, the virtio driver, against a model disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "device.h"
#include "threads.h"
#include "blkdev.h"
#include "../../../dev/blk/private.h"
#include <linux/virtio_blk.h>

int blkdev_cache_init(struct blkdev *d)
{
	return 0;
}

/* ---- the disk ---- */

#define SECTORS 1000
static u8 disk[SECTORS * SECTOR_SIZE];
static const char *serial;
static bool failing, broken;
static unsigned flushes, requests, most_pieces;

static void serve(struct virtq *q, u16 head)
{
	struct vring_desc d[64];
	unsigned n = test_pieces(q, head, d, 64);
	struct virtio_blk_outhdr *h = (void *)(uintptr_t)d[0].addr;
	u8 *status = (u8 *)(uintptr_t)d[n - 1].addr;
	u8 *at = disk + h->sector * SECTOR_SIZE;
	u32 written = 1;

	requests++;
	most_pieces = n > most_pieces ? n : most_pieces;
	assert_int_equal(d[0].len, sizeof(*h));
	assert_int_equal(d[n - 1].len, 1);
	*status = failing ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK;
	if (h->type == VIRTIO_BLK_T_FLUSH)
		flushes++;
	for (unsigned i = 1; i + 1 < n; i++) {
		void *p = (void *)(uintptr_t)d[i].addr;

		if (h->type == VIRTIO_BLK_T_GET_ID) {
			assert_int_equal(d[i].len, VIRTIO_BLK_ID_BYTES);
			memset(p, 0, d[i].len);
			memcpy(p, serial, MIN(strlen(serial), (size_t)20));
			continue;
		}
		assert_true(at + d[i].len <= disk + sizeof(disk));
		if (h->type == VIRTIO_BLK_T_IN)
			memcpy(p, at, d[i].len);
		else
			memcpy(at, p, d[i].len);
		at += d[i].len;
		written += d[i].len;
	}
	test_use(q, head, written);
}

/* All that is there, the last first. */
static bool work(void)
{
	struct virtq *q = test_queue(0);
	u16 heads[256];
	unsigned n = 0;

	while (test_next(q, &heads[n]))
		n++;
	if (!n)
		return false;
	if (broken) {
		test_use(q, 9999, 1);
		test_interrupt();
		return true;
	}
	while (n--)
		serve(q, heads[n]);
	test_interrupt();
	run_works();
	return true;
}

static int disk_works(void)
{
	assert_true(work());
	return 0;
}

static struct blkdev *start(const char *id, u64 features, const char *name)
{
	struct virtio_blk_config c = {
		.capacity = SECTORS, .seg_max = 5, .blk_size = 512};

	serial = id;
	broken = failing = false;
	memcpy(test_dev.config, &c, sizeof(c));
	test_device_start(VIRTIO_ID_BLOCK,
			  features | BIT(VIRTIO_BLK_F_SEG_MAX) |
			      BIT(VIRTIO_RING_F_INDIRECT_DESC));
	while_asleep = disk_works;
	return blkdev_find(name); /* waits for the name */
}

static void names(void **state)
{
	struct blkdev *d = start("ld0", 0, "/dev/ld0a");

	assert_non_null(d);
	assert_string_equal(d->name, "ld0");
	assert_ptr_equal(blkdev_find("ld0"), d);
	assert_ptr_equal(blkdev_find("/dev/ld0"), d);
	assert_null(blkdev_find("ld"));
	assert_null(blkdev_find("ld0aa"));
	assert_null(blkdev_find(""));
	assert_non_null(start("", 0, "vdb"));
	assert_null(blkdev_find("vd"));
	assert_non_null(start("a b", 0, "vdc"));
	assert_non_null(start("../x", 0, "vdd"));
	assert_non_null(start("12345678901234567890", 0,
			      "12345678901234567890"));
	assert_non_null(start("ld0", 0, "ld0.1"));
	assert_ptr_equal(blkdev_next(NULL), d);
	failing = true; /* a device that has no serial number */
	serial = "z";
	test_device_start(VIRTIO_ID_BLOCK, 0);
	failing = true;
	assert_non_null(blkdev_find("vdg"));
}

static void moves(void **state)
{
	static u8 buf[SECTORS * SECTOR_SIZE];
	struct blkdev *d = start("rw", BIT(VIRTIO_BLK_F_FLUSH), "rw");

	for (unsigned i = 0; i < sizeof(disk); i++)
		disk[i] = (u8)(i * 11 + i / 512);
	assert_int_equal(d->sectors, SECTORS);
	assert_int_equal(d->max_segments, 5);
	assert_int_equal(blkdev_read(d, 0, buf, sizeof(buf)), 0);
	assert_memory_equal(buf, disk, sizeof(buf));
	memset(buf, 7, 1024);
	assert_int_equal(blkdev_write(d, 998, buf, 1024), 0);
	assert_memory_equal(disk + 998 * 512, buf, 1024);
	/* Beyond the end, even by overflow: never reaches the device. */
	requests = 0;
	assert_int_equal(blkdev_read(d, 999, buf, 1024), -EIO);
	assert_int_equal(blkdev_read(d, 1000, buf, 512), -EIO);
	assert_int_equal(blkdev_read(d, UINT64_MAX, buf, 512), -EIO);
	assert_int_equal(blkdev_read(d, 0, buf, 100), -EIO);
	assert_int_equal(requests, 0);
	flushes = 0;
	assert_int_equal(blkdev_flush(d), 0);
	assert_int_equal(flushes, 1);
	failing = true;
	assert_int_equal(blkdev_read(d, 0, buf, 512), -EIO);
	assert_int_equal(blkdev_flush(d), -EIO);
}

static void read_only(void **state)
{
	u8 buf[512];
	struct blkdev *d = start("ro", BIT(VIRTIO_BLK_F_RO), "ro");

	assert_true(d->read_only);
	assert_int_equal(blkdev_write(d, 0, buf, 512), -EROFS);
	requests = 0;
	assert_int_equal(blkdev_flush(d), 0); /* the device has no such thing */
	assert_int_equal(requests, 0);
}

static unsigned finished;

static void count(struct blk_request *r)
{
	finished++;
}

/* More requests than slots: all are done, whatever order the device takes. */
static void many(void **state)
{
	static u8 buf[200][512];
	static struct blk_segment seg[200];
	static struct blk_request r[200];
	struct blkdev *d = start("many", 0, "many");

	finished = 0;
	for (unsigned i = 0; i < 200; i++) {
		seg[i] = (struct blk_segment){buf[i], 512};
		r[i] = (struct blk_request){.op = BLK_READ, .sector = i,
			.seg = &seg[i], .nr = 1, .done = count, .status = 1};
		blkdev_submit(d, &r[i]);
	}
	assert_int_equal(finished, 0);
	while (work())
		;
	assert_int_equal(finished, 200);
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(r[i].status, 0);
		assert_memory_equal(buf[i], disk + i * 512, 512);
	}
	/* A device that breaks its queue: everything fails, nothing hangs. */
	finished = 0;
	for (unsigned i = 0; i < 200; i++)
		blkdev_submit(d, &r[i]);
	broken = true;
	assert_true(work());
	assert_int_equal(finished, 200);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(r[i].status, -EIO);
	blkdev_submit(d, &r[0]);
	assert_int_equal(finished, 201);
	assert_int_equal(r[0].status, -EIO);
}

static void segments(void **state)
{
	static u8 buf[6][512];
	struct blk_segment seg[6];
	struct blkdev *d = start("seg", 0, "seg");

	for (unsigned i = 0; i < 6; i++)
		seg[i] = (struct blk_segment){buf[5 - i], 512};
	most_pieces = 0;
	assert_int_equal(blkdev_run(d, BLK_READ, 3, seg, 5), 0);
	assert_int_equal(most_pieces, 7);
	for (unsigned i = 0; i < 5; i++)
		assert_memory_equal(buf[5 - i], disk + (3 + i) * 512, 512);
	assert_int_equal(blkdev_run(d, BLK_READ, 3, seg, 6), -EIO);
	assert_int_equal(blkdev_run(d, BLK_READ, 3, seg, 0), -EIO);
	seg[0].len = 100;
	assert_int_equal(blkdev_run(d, BLK_READ, 3, seg, 5), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),    cmocka_unit_test(moves),
		cmocka_unit_test(read_only), cmocka_unit_test(many),
		cmocka_unit_test(segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
