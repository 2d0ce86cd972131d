#include "supervise.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "supervisor.h"

/* A detached guest that lives as long is reported as started. */
#define START_MS 1000
/* An unfinished line on the log channel is shown after this. */
#define PARTIAL_MS 200

/* Everything the guest says is kept, and shown if somebody looks on. */
static void show(struct supervisor *v, struct sink *to, const char *text,
		 size_t n)
{
	state_console(v->s, text, n);
	sink_put(to, text, n);
}

static void show_log(void *arg, const char *text, size_t n)
{
	struct supervisor *v = arg;

	show(v, &v->err, text, n);
}

static void on_stdin(struct supervisor *v)
{
	char buf[SINK_ROOM];
	ssize_t n = read(0, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		v->stdin_bytes += (unsigned long long)n;
		sink_put(&v->in, buf, (size_t)n);
		return;
	}
	v->stdin_open = false;
	supervisor_command(v, "eof %llu\n", v->stdin_bytes);
}

/* A channel has something for us, or has ended. */
static void on_channel(struct supervisor *v, int c)
{
	char buf[SINK_ROOM];
	/* Symbols make lines of the log longer. */
	size_t most = c == CHANNEL_LOG ? sizeof(buf) / 10 : sizeof(buf);
	ssize_t n = read(v->g->channel[c], buf, most);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(v->g->channel[c]);
		v->g->channel[c] = -1;
		return;
	}
	switch (c) {
	case CHANNEL_STDIO:
	case CHANNEL_COM1:
		show(v, &v->out, buf, (size_t)n);
		break;
	case CHANNEL_STDERR:
		show(v, &v->err, buf, (size_t)n);
		break;
	case CHANNEL_LOG:
		kernlog_feed(&v->log, buf, (size_t)n);
		v->partial_since = v->log.len > 0 ? clock_ms() : 0;
		break;
	case CHANNEL_MONITOR:
		monitor_feed(&v->monitor, buf, (size_t)n);
		break;
	}
}

/* What the hypervisor itself has to say. */
static void on_said(struct supervisor *v)
{
	char buf[1024];
	ssize_t n = read(v->g->said, buf, sizeof(buf));

	if (n > 0) {
		show(v, &v->err, buf, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(v->g->said);
		v->g->said = -1;
	}
}

/* Tell the waiting launcher that all is well. */
static void report(struct supervisor *v)
{
	if (v->a->report < 0)
		return;
	dprintf(v->a->report, "started\n");
	close(v->a->report);
	v->a->report = -1;
}

static void on_time(struct supervisor *v)
{
	long long t = clock_ms();

	if (v->kill_at != 0 && t >= v->kill_at) {
		if (v->reaped)
			v->abandoned = true;
		else
			supervisor_kill(v);
	}
	if (v->partial_since != 0 && t >= v->partial_since + PARTIAL_MS) {
		kernlog_flush(&v->log);
		v->partial_since = 0;
	}
	if (v->monitor.greeted && !v->reaped &&
	    (v->l->paused || t >= v->started + START_MS))
		report(v);
}

/* May we read the terminal?  In the background it would stop us. */
static bool stdin_ours(void)
{
	return !isatty(0) || tcgetpgrp(0) == getpgrp();
}

/* Milliseconds until on_time has something to do; -1: nothing. */
static int timeout(const struct supervisor *v)
{
	const long long points[] = {
		v->kill_at,
		v->partial_since ? v->partial_since + PARTIAL_MS : 0,
		v->a->report >= 0 ? v->started + START_MS : 0,
		/* In the background of a terminal: look again later. */
		v->stdin_open && !stdin_ours() ? clock_ms() + 500 : 0,
	};
	long long t = clock_ms(), next = -1;

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		if (points[i] != 0 && (next < 0 || points[i] - t < next))
			next = points[i] > t ? points[i] - t : 0;
	return (int)next;
}

enum {
	P_SIGNALS,
	P_STDIN,
	P_SAID,
	P_OUT,
	P_ERR,
	P_CHANNEL,
	P_COUNT = P_CHANNEL + CHANNELS
};

static void watch(struct pollfd *p, int fd, bool in, bool out)
{
	p->events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
	/* poll reports hang-ups even if nothing is asked for. */
	p->fd = p->events != 0 ? fd : -1;
	p->revents = 0;
}

/* The sink that feeds a channel, or NULL. */
static struct sink *feeds(struct supervisor *v, int c)
{
	if (c == (v->port ? CHANNEL_STDIO : CHANNEL_COM1))
		return &v->in;
	if (c == CHANNEL_CONTROL)
		return &v->control;
	if (c == CHANNEL_MONITOR)
		return &v->monitor.out;
	return NULL;
}

static void prepare(struct supervisor *v, struct pollfd *p)
{
	bool err_room = sink_has_room(&v->err);

	watch(&p[P_SIGNALS], v->signals, true, false);
	watch(&p[P_STDIN], 0,
	      v->stdin_open && sink_has_room(&v->in) && stdin_ours(), false);
	watch(&p[P_SAID], v->g->said, err_room, false);
	watch(&p[P_OUT], v->out.fd, false, v->out.len > 0);
	watch(&p[P_ERR], v->err.fd, false, v->err.len > 0);
	for (int c = 0; c < CHANNELS; c++) {
		const struct sink *s = feeds(v, c);
		bool room = true;

		if (c == CHANNEL_STDIO || c == CHANNEL_COM1)
			room = sink_has_room(&v->out);
		else if (c == CHANNEL_STDERR || c == CHANNEL_LOG)
			room = err_room;
		watch(&p[P_CHANNEL + c], v->g->channel[c], room,
		      s != NULL && s->len > 0);
	}
}

static void dispatch(struct supervisor *v, struct pollfd *p)
{
	if (p[P_SIGNALS].revents)
		supervisor_signal(v);
	if (p[P_STDIN].revents)
		on_stdin(v);
	for (int c = 0; c < CHANNELS; c++) {
		struct sink *s = feeds(v, c);

		if (s != NULL && (p[P_CHANNEL + c].revents & POLLOUT)) {
			s->fd = v->g->channel[c];
			sink_write(s);
		}
		if (p[P_CHANNEL + c].revents & ~POLLOUT)
			on_channel(v, c);
	}
	if (p[P_SAID].revents)
		on_said(v);
	/* Nobody reads any more, as when a pipeline ends: so does the guest. */
	if (p[P_OUT].revents && !sink_write(&v->out))
		supervisor_stop(v, GRACE_SECONDS);
	if (p[P_ERR].revents)
		sink_write(&v->err);
}

/* Has all that the guest said been read and delivered? */
static bool drained(const struct supervisor *v)
{
	for (int c = 0; c < CHANNELS; c++)
		if (v->g->channel[c] >= 0)
			return false;
	return v->g->said < 0 && v->out.len == 0;
}

static void begin_profile(struct supervisor *v)
{
	int *fd = &v->g->channel[CHANNEL_PROFILE];
	char *why = NULL;

	if (v->a->profiler != NULL) {
		v->profiler = profile_start(v->a->profiler, *fd,
					    v->a->report, &why);
		*fd = -1;
	}
	/* The guest may be waiting for it. */
	if (v->profiler < 0) {
		tell("%s", why);
		free(why);
		monitor_send(&v->monitor, "cont");
	}
}

static struct supervisor *begin(const struct launch *l, struct guest *g,
				struct state *s, struct audience *a)
{
	struct supervisor *v = xcalloc(1, sizeof(*v));
	sigset_t set = supervisor_signals();

	v->l = l;
	v->g = g;
	v->s = s;
	v->a = a;
	v->port = rrimage_has(&l->image, "virtio_console");
	v->out.fd = a->terminal ? 1 : -1;
	v->err.fd = a->terminal ? 2 : -1;
	v->log.symbols = symbols_new(&l->image);
	v->log.put = show_log;
	v->log.arg = v;
	v->stdin_open = a->terminal;
	v->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	v->started = clock_ms();
	if (!a->terminal)
		supervisor_command(v, "eof 0\n");
	begin_profile(v);
	return v;
}

struct outcome supervise(const struct launch *l, struct guest *g,
			 struct state *s, struct audience *a)
{
	struct supervisor *v = begin(l, g, s, a);
	struct pollfd p[P_COUNT];
	struct outcome o;

	while (!v->abandoned && (!v->reaped || !drained(v))) {
		prepare(v, p);
		if (poll(p, P_COUNT, timeout(v)) > 0)
			dispatch(v, p);
		on_time(v);
	}
	/* It writes the profile when the guest has ended. */
	supervisor_profiled(v, 0);
	o = supervisor_judge(v);
	while (v->err.len > 0 && sink_write(&v->err))
		continue;
	symbols_free(v->log.symbols);
	close(v->signals);
	free(v);
	return o;
}
