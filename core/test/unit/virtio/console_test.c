/* sources: core/dev/virtio/virtq.c core/dev/virtio/device.c core/dev/virtio_console/virtio_console.c core/dev/virtio_console/control.c core/dev/virtio_console/port.c core/dev/virtio_console/lines.c core/kern/stream/stream.c core/kern/stream/control.c core/kern/lib/json.c core/kern/lib/utf8.c */
/* flags: -Dstrlcpy=rr_strlcpy */
/* The console driver and the streams against a device played by the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "device.h"
#include "chardev.h"
#include "config.h"
#include "threads.h"
/* signal.h does not go with the host's. */
void signal_foreground(int sig);
#define SIGINT 2
#define SIGWINCH 28
#include <linux/virtio_console.h>

/* ---- the rest of the kernel ---- */

static int last_signal;
static unsigned shutdowns;

void signal_foreground(int sig)
{
	last_signal = sig;
}

void shutdown_request(void)
{
	shutdowns++;
}

const struct json *config(void)
{
	static struct json *j;
	static const char text[] =
	    "{\"console\":{\"tty\":[true,false],\"rows\":24,\"cols\":80}}";
	const char *error;

	if (!j)
		j = json_parse(text, sizeof(text) - 1, &error);
	return j;
}

/* ---- the device: ports 1, 2, 3 as the launcher makes them ---- */

struct control {
	struct virtio_console_control head;
	char name[64];
};

static void tell(u32 id, u16 event, u16 value, const char *name)
{
	struct control c = {{id, event, value}, ""};
	size_t n = strlen(name);

	memcpy(c.name, name, n);
	assert_true(test_send(test_queue(2), &c, (u32)(sizeof(c.head) + n)));
}

static unsigned opened;

/* Answer what the driver said, as QEMU does; false: it said nothing. */
static bool answer(void)
{
	static const char *const names[] = {"", "rumprun.stdio",
					    "rumprun.stderr", "rumprun.control"};
	struct virtio_console_control c;
	struct virtq *q = test_queue(3);
	struct vring_desc d[4];
	u16 head;

	if (!test_next(q, &head))
		return false;
	assert_int_equal(test_pieces(q, head, d, 4), 1);
	memcpy(&c, (void *)(uintptr_t)d[0].addr, sizeof(c));
	if (c.event == VIRTIO_CONSOLE_DEVICE_READY)
		for (u32 i = 1; i <= 3; i++)
			tell(i, VIRTIO_CONSOLE_PORT_ADD, 0, "");
	if (c.event == VIRTIO_CONSOLE_PORT_READY && c.id >= 1 && c.id <= 3) {
		tell(c.id, VIRTIO_CONSOLE_PORT_NAME, 1, names[c.id]);
		tell(c.id, VIRTIO_CONSOLE_PORT_OPEN, 1, "");
	}
	if (c.event == VIRTIO_CONSOLE_PORT_OPEN)
		opened |= 1u << c.id;
	test_use(q, head, 0);
	return true;
}

static void start(u64 features)
{
	opened = 0;
	memset(test_dev.config, 0, sizeof(test_dev.config));
	test_dev.config[4] = 31; /* max_nr_ports */
	test_device_start(VIRTIO_ID_CONSOLE, features);
	assert_true(test_dev.status & VIRTIO_CONFIG_S_DRIVER_OK);
}

static void converse(void)
{
	do {
		test_interrupt();
		run_works();
	} while (answer());
	test_interrupt();
	run_works();
}

static struct stream_port *io;

static void discovery(void **state)
{
	start(BIT(VIRTIO_CONSOLE_F_MULTIPORT) | BIT(VIRTIO_RING_F_EVENT_IDX));
	converse();
	assert_int_equal(opened, 0xe);
	io = stream_get(STREAM_STDIO);
	assert_non_null(io);
	assert_non_null(stream_get(STREAM_STDERR));
	assert_non_null(stream_get(STREAM_CONTROL));
	assert_ptr_not_equal(io, stream_get(STREAM_STDERR));
}

static void output(void **state)
{
	static char big[10000], back[10000];
	struct virtq *q = test_queue(5); /* port 1, transmit */
	size_t done = 0;
	ssize_t n;

	assert_true(io->writable(io));
	assert_int_equal(io->write(io, "hello\n", 6, false), 6);
	assert_int_equal(test_receive(q, back, sizeof(back)), 6);
	assert_memory_equal(back, "hello\n", 6);
	for (unsigned i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 13);
	while (done < sizeof(big)) {
		n = io->write(io, big + done, sizeof(big) - done, false);
		assert_true(n > 0);
		done += (size_t)n;
	}
	done = 0;
	while ((n = test_receive(q, back + done, (u32)(sizeof(back) - done))))
		done += (size_t)n;
	assert_int_equal(done, sizeof(big));
	assert_memory_equal(big, back, sizeof(big));
}

static int take_one(void)
{
	char buf[5000];

	assert_true(test_receive(test_queue(5), buf, sizeof(buf)) > 0);
	test_interrupt();
	return 0;
}

static void back_pressure(void **state)
{
	static char block[4000], buf[5000];
	struct virtq *q = test_queue(5);
	unsigned n = 0;

	while (io->write(io, block, sizeof(block), true) > 0)
		assert_true(n++ < 100);
	assert_in_range(n, 4, 20);
	assert_false(io->writable(io));
	/* One that may wait, does, until the device takes some. */
	while_asleep = take_one;
	assert_int_equal(io->write(io, block, sizeof(block), false),
			 sizeof(block));
	while_asleep = NULL;
	/* A signal ends the wait. */
	assert_int_equal(io->write(io, block, sizeof(block), false), -512);
	/* Draining waits for all of it. */
	while_asleep = take_one;
	io->drain(io, 1);
	while_asleep = NULL;
	assert_int_equal(test_receive(q, buf, sizeof(buf)), 0);
	assert_true(io->writable(io));
	assert_int_equal(q->free, q->size);
}

static void input(void **state)
{
	struct virtq *q = test_queue(4); /* port 1, receive */
	static char data[3000], buf[5000];
	unsigned n = 0;

	assert_false(io->readable(io));
	assert_int_equal(io->read(io, buf, 10), 0);
	assert_true(test_send(q, "abcdef", 6));
	test_interrupt();
	assert_true(io->readable(io));
	assert_int_equal(io->read(io, buf, 4), 4);
	assert_int_equal(io->read(io, buf + 4, 10), 2);
	assert_memory_equal(buf, "abcdef", 6);
	/* The device gets no more buffers than readers have emptied. */
	while (test_send(q, data, 2000))
		n++;
	assert_int_equal(n, 4);
	test_interrupt();
	assert_int_equal(io->read(io, buf, 2000), 2000);
	assert_true(test_send(q, data, 2000));
	assert_false(test_send(q, data, 2000));
	test_interrupt();
	assert_int_equal(io->read(io, buf, 5000), 5000);
	assert_int_equal(io->read(io, buf, 5000), 3000);
	/* An empty buffer is no end of file. */
	assert_true(test_send(q, data, 0));
	test_interrupt();
	assert_false(io->readable(io));
	assert_false(io->eof(io));
}

static void send_control(const char *lines)
{
	assert_true(test_send(test_queue(8), lines, (u32)strlen(lines)));
	test_interrupt();
	run_works();
}

static void control_lines(void **state)
{
	u16 rows, cols;
	char buf[32];

	assert_true(stream_is_tty(0));
	assert_false(stream_is_tty(1));
	assert_false(stream_is_tty(2));
	stream_window(&rows, &cols);
	assert_int_equal(rows, 24);
	assert_int_equal(cols, 80);
	send_control("interrupt\n");
	assert_int_equal(last_signal, SIGINT);
	send_control("winsize 24 80\n"); /* as it was */
	assert_int_equal(last_signal, SIGINT);
	send_control("winsize 5");
	send_control("0 132\nshut");
	assert_int_equal(last_signal, SIGWINCH);
	stream_window(&rows, &cols);
	assert_int_equal(rows, 50);
	assert_int_equal(cols, 132);
	assert_int_equal(shutdowns, 0);
	send_control("down\n");
	assert_int_equal(shutdowns, 1);
	/* Nonsense is reported and does nothing. */
	last_signal = 0;
	send_control("winsize 1 70000\nwinsize\ninterrupted\neof x\n\n");
	send_control("interrupt interrupt interrupt interrupt interrupt inter"
		     "rupt interrupt interrupt\n");
	assert_int_equal(shutdowns, 1);
	assert_false(io->eof(io));
	/* 6 + 5 * 2000 bytes were read so far; then eof after 3 more. */
	send_control("eof 10009\n");
	assert_false(io->eof(io));
	assert_true(test_send(test_queue(4), "xyz", 3));
	test_interrupt();
	assert_false(io->eof(io));
	assert_int_equal(io->read(io, buf, 32), 3);
	assert_true(io->eof(io));
}

static void one_port(void **state)
{
	char buf[32];

	start(0);
	assert_ptr_not_equal(stream_get(STREAM_STDIO), io);
	io = stream_get(STREAM_STDIO);
	assert_int_equal(io->write(io, "x", 1, false), 1);
	assert_int_equal(test_receive(test_queue(1), buf, 32), 1);
}

/* Ids out of range, long and unterminated names, short messages. */
static void hostile_control(void **state)
{
	struct control c;

	start(BIT(VIRTIO_CONSOLE_F_MULTIPORT));
	run_works();
	srand(3);
	for (unsigned i = 0; i < 20000; i++) {
		u8 *p = (u8 *)&c;
		u16 head;

		for (unsigned k = 0; k < sizeof(c); k++)
			p[k] = (u8)rand();
		if (rand() % 2)
			c.head.id = (u32)rand() % 5;
		if (rand() % 2)
			c.head.event = (u16)rand() % 9;
		if (test_send(test_queue(2), &c, (u32)rand() % 100)) {
			test_interrupt();
			run_works();
		}
		while (test_next(test_queue(3), &head))
			test_use(test_queue(3), head, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(discovery),
		cmocka_unit_test(output),
		cmocka_unit_test(back_pressure),
		cmocka_unit_test(input),
		cmocka_unit_test(control_lines),
		cmocka_unit_test(one_port),
		cmocka_unit_test(hostile_control),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
