/*
 * Everything at once: workers that each run a fixed number of operations,
 * chosen at random (prog/stress/).  What it prints depends on its arguments
 * alone.
 *
 *	-s SEED   where the generator begins
 *	-n TURNS  operations of each worker in each round
 *	-r ROUNDS after each one nothing may be left over
 *	-t COUNT  workers
 *	-m MIX    which operations: beginnings of their names, with commas
 *	-f FILE   to be read, each page filled with its own number (8 bytes)
 */
#include "stress/stress.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

uint64_t seed = 1;
unsigned workers = 6;
struct worker worker[MAX_WORKERS];
const char *disk_file;

static unsigned long turns = 100;
static unsigned rounds = 4;
static const char *mix_names = "";
static pthread_barrier_t start, stop;

static const struct op *const subjects[] = {
	sync_ops, futex_ops, thread_ops, pipe_ops, event_ops, epoll_ops,
	time_ops, memory_ops, mapping_ops, file_ops, signal_ops, tcp_ops,
	socket_ops, fd_ops, sched_ops,
};
static const struct op *ops[64];
static unsigned op_count;

void how_to_repeat(void)
{
	fprintf(stderr, "again with: -s %llu -n %lu -r %u -t %u%s%s%s%s\n",
		(unsigned long long)seed, turns, rounds, workers,
		*mix_names ? " -m " : "", mix_names,
		disk_file ? " -f " : "", disk_file ? disk_file : "");
}

static bool wanted(const char *name)
{
	const char *p = mix_names;

	for (;;) {
		size_t n = strcspn(p, ",");

		if (!strncmp(name, p, n))
			return true;
		if (!p[n])
			return false;
		p += n + 1;
	}
}

static void choose_ops(void)
{
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		for (const struct op *op = subjects[i]; op->name; op++)
			if (wanted(op->name))
				ops[op_count++] = op;
	if (!op_count) {
		fprintf(stderr, "stress: no operation is called that\n");
		exit(2);
	}
}

static void take_turn(struct worker *w)
{
	unsigned which;

	w->random = mix(seed) ^ mix(((uint64_t)w->nr << 40) + w->turn + 1);
	which = draw(w, op_count);
	__atomic_store_n(&w->op, ops[which], __ATOMIC_RELAXED);
	__atomic_fetch_add(&w->turn, 1, __ATOMIC_RELAXED);
	if (!draw(w, 4))
		tickle(w);
	ops[which]->run(w);
	w->done[which]++;
	now();
}

static void *work(void *arg)
{
	struct worker *w = self = arg;

	__atomic_store_n(&w->tid, (int)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	pthread_barrier_wait(&start);
	for (unsigned long i = 0; i < turns; i++)
		take_turn(w);
	__atomic_store_n(&w->op, NULL, __ATOMIC_RELAXED);
	/* Nobody sends any more once all are here. */
	pthread_barrier_wait(&stop);
	tickle_settle(w);
	return NULL;
}

static void run_round(void)
{
	fd_round_begin();
	for (unsigned i = 0; i < workers; i++)
		worker[i].tid = 0;
	for (unsigned i = 0; i < workers; i++)
		zero(pthread_create(&worker[i].thread, NULL, work, &worker[i]));
	for (unsigned i = 0; i < workers; i++)
		join(worker[i].thread);
	fd_round_end();
	sync_round_end();
}

static void summary(void)
{
	unsigned long n;

	for (unsigned i = 0; i < op_count; i++) {
		n = 0;
		for (unsigned k = 0; k < workers; k++)
			n += worker[k].done[i];
		printf("%s: %lu\n", ops[i]->name, n);
	}
}

static void options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:n:r:t:m:f:")) != -1) {
		switch (c) {
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'n': turns = strtoul(optarg, NULL, 0); break;
		case 'r': rounds = (unsigned)atoi(optarg); break;
		case 't': workers = (unsigned)atoi(optarg); break;
		case 'm': mix_names = optarg; break;
		case 'f': disk_file = optarg; break;
		default: exit(2);
		}
	}
	if (optind < argc || !workers || workers > MAX_WORKERS || rounds < 2) {
		fprintf(stderr, "usage: stress [-s SEED] [-n TURNS] "
			"[-r ROUNDS] [-t WORKERS] [-m MIX] [-f FILE]\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/stress.XXXXXX";
	struct footprint before;

	options(argc, argv);
	printf("seed %llu, %u rounds of %lu turns of %u workers\n",
	       (unsigned long long)seed, rounds, turns, workers);
	fflush(stdout);
	choose_ops();
	must(mkdtemp(dir) && !chdir(dir));
	signal(SIGPIPE, SIG_IGN);
	tickle_setup();
	for (unsigned i = 0; i < workers; i++)
		worker[i].nr = i;
	pthread_barrier_init(&start, NULL, workers);
	pthread_barrier_init(&stop, NULL, workers);
	watch_begin();
	file_begin();
	footprint(&before);
	for (unsigned n = 1; n <= rounds; n++) {
		run_round();
		footprint_compare(&before, n);
	}
	watch_end();
	file_end();
	must(!chdir("/") && !rmdir(dir));
	summary();
	printf("nothing lost, nothing left over\n");
	return 0;
}
