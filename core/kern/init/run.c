/* Running the programs of the image, and the end of the guest. */
#include "run.h"
#include "chardev.h"
#include "config.h"
#include "file.h"
#include "fs.h"
#include "image.h"
#include "init.h"
#include "log.h"
#include "pipe.h"
#include "platform.h"
#include "process.h"
#include "syscall.h"

/* fs/file */
int stream_open_std(struct file *files[3]);
/* These components may be absent. */
void vfs_sync_all(void) __weak;
__typeof__(net_drain) net_drain __weak;
int pipe_create(struct file *ends[2], int flags) __weak;

/* Once the result is certain, daemons get this long to end on SIGTERM. */
#define DAEMON_GRACE (3 * NSEC_PER_SEC)

/* The status that the guest ends with: of the last program that failed. */
static struct {
	enum halt_cause cause;
	int status;
} result = {HALT_EXIT, 0};

static bool failed(void)
{
	return result.cause != HALT_EXIT || result.status;
}

static void note_result(int wait_status, bool oom)
{
	if (!wait_status)
		return;
	if (oom && wait_status == WAIT_SIGNALED(SIGKILL))
		result.cause = HALT_OOM;
	else if (wait_status & 0x7f)
		result.cause = HALT_SIGNAL;
	else
		result.cause = HALT_EXIT;
	result.status = wait_status & 0x7f ? wait_status & 0x7f
					   : wait_status >> 8 & 0xff;
}

static void put_files(struct file *files[3])
{
	for (int i = 0; i < 3; i++)
		if (files[i])
			file_put(files[i]);
}

/* Start one; a failure is said and becomes the result. */
static void start(struct run_entry *e, struct file *const files[3], bool daemon,
		  const char *const *env, size_t envc)
{
	struct program_start s = {
		.program = e->program,
		.argv = e->argv,
		.argc = e->argc,
		.envp = env,
		.envc = envc,
		.stdio = {files[0], files[1], files[2]},
		.daemon = daemon,
	};
	struct process *p = process_spawn(&s);

	if (!IS_ERR(p)) {
		e->process = p;
		/* SIGTERM went to those that were there. */
		if (shutdown_requested())
			(void)signal_process(p, SIGTERM, NULL);
		return;
	}
	switch (PTR_ERR(p)) {
	case -ENOMEM:
		kmsg("not enough memory to start %s", e->program->name);
		result.cause = HALT_OOM;
		break;
	case -E2BIG:
		config_error("arguments and environment of %s are too long",
			     e->program->name);
	default:
		/* What a shell gives for a program that it cannot execute. */
		result.cause = HALT_EXIT;
		result.status = 126;
	}
}

/* Does the pipeline that begins here run in the background? */
static bool in_background(const struct run_entry *e)
{
	while (e->mode == RUN_PIPE)
		e = e->next;
	return e->mode == RUN_BACKGROUND;
}

/* The entry behind the pipeline that begins here. */
static struct run_entry *pipeline_end(struct run_entry *e)
{
	while (e->mode == RUN_PIPE)
		e = e->next;
	return e->next;
}

/* Start a pipeline, of one or more programs; the entry behind it. */
static struct run_entry *start_pipeline(struct run_entry *e,
					const char *const *env, size_t envc)
{
	bool daemon = in_background(e), more;
	struct file *input = NULL;

	do {
		struct file *files[3], *ends[2] = {NULL, NULL};
		int err = stream_open_std(files);

		if (err)
			panic("no standard streams: error %d", -err);
		more = e->mode == RUN_PIPE;
		if (input) {
			file_put(files[0]);
			files[0] = input;
		}
		if (more) {
			if (!pipe_create)
				config_error("\"|\" needs component pipe");
			if (pipe_create(ends, 0))
				config_error("no memory for a pipe");
			file_put(files[1]);
			files[1] = ends[1];
		}
		start(e, files, daemon, env, envc);
		put_files(files);
		input = ends[0];
		e = e->next;
	} while (more);
	return e;
}

/*
 * As in a shell, a pipeline's status is that of its last member.  A daemon that ends by
 * the SIGTERM of a stop that was asked for has done what it should.
 */
static void wait_pipeline(struct run_entry *e, const struct run_entry *end)
{
	bool daemon = in_background(e);

	for (; e != end; e = e->next) {
		bool oom;
		int status;

		if (!e->process)
			continue;
		status = process_wait(e->process, &oom);
		e->process = NULL;
		if (daemon && shutdown_requested() &&
		    status == WAIT_SIGNALED(SIGTERM))
			continue;
		if (e->next == end || oom)
			note_result(status, oom);
	}
}

static void __noreturn finish(void)
{
	if (vfs_sync_all)
		vfs_sync_all();
	if (net_drain)
		net_drain();
	check_end();
	streams_drain();
	platform_halt(result.cause, result.status);
}

void run_programs(void)
{
	const char *const *env;
	size_t envc;
	struct run_entry *list = run_list(&env, &envc), *e, *next;

	for (e = list; e && !shutdown_requested(); e = next) {
		bool daemon = in_background(e);

		next = start_pipeline(e, env, envc);
		if (!daemon)
			wait_pipeline(e, next);
	}
	/*
	 * Something went wrong in the foreground: daemons are not waited for.
	 */
	if (failed()) {
		signal_all(SIGTERM);
		for (e = list; e; e = e->next)
			if (e->process)
				process_abandon(e->process);
		(void)process_wait_all(now_ns() + DAEMON_GRACE);
		finish();
	}
	for (e = list; e; e = next) {
		next = pipeline_end(e);
		wait_pipeline(e, next);
	}
	(void)process_wait_all(NSEC_FOREVER);
	finish();
}
