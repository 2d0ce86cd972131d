/* Mutexes, condition variables, rwlocks, barriers, semaphores, raw futexes. */
#include "check.h"
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t sem;
static long counter;
static int turn, serial_count;

static struct timespec in_ms(clockid_t c, long ms)
{
	struct timespec ts;

	clock_gettime(c, &ts);
	ts.tv_nsec += ms * 1000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

static void *add(void *arg)
{
	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void *ping(void *arg)
{
	int me = (int)(long)arg;

	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % 3 != me)
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void *reader_writer(void *arg)
{
	for (int i = 0; i < 500; i++) {
		if (arg) {
			pthread_rwlock_wrlock(&rwlock);
			counter++;
			counter++;
		} else {
			pthread_rwlock_rdlock(&rwlock);
			if (counter & 1)
				serial_count = -1000;
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return NULL;
}

static void *meet(void *arg)
{
	for (int i = 0; i < 50; i++)
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_add_fetch(&serial_count, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void *post(void *arg)
{
	for (int i = 0; i < 100; i++)
		sem_post(&sem);
	return NULL;
}

static void *lock_and_die(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

static void run(void *(*fn)(void *), int n)
{
	pthread_t t[16];

	for (long i = 0; i < n; i++)
		pthread_create(&t[i], NULL, fn, (void *)i);
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
}

static long futex(unsigned *w, int op, unsigned v, void *ts, unsigned *w2, unsigned v3)
{
	return syscall(SYS_futex, w, op, v, ts, w2, v3);
}

static unsigned word;

static void *futex_waker(void *arg)
{
	usleep(20000);
	word = 1;
	futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	return NULL;
}

static void futexes(void)
{
	struct timespec ts = {0, 10000000}, abs;
	pthread_t t;
	unsigned other = 0;

	CALL("wait, other value", futex(&word, FUTEX_WAIT, 5, NULL, NULL, 0));
	CALL("wait, time-out", futex(&word, FUTEX_WAIT_PRIVATE, 0, &ts, NULL, 0));
	abs = in_ms(CLOCK_MONOTONIC, 10);
	CALL("bitset time-out", futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &abs, NULL, ~0u));
	abs = in_ms(CLOCK_REALTIME, 10);
	CALL("bitset realtime", futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &abs, NULL, 1));
	CALL("bitset zero", futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
	CALL("wake nobody", futex(&word, FUTEX_WAKE, 10, NULL, NULL, 0));
	CALL("unaligned", futex((unsigned *)((char *)&word + 1), FUTEX_WAKE, 1, NULL, NULL, 0));
	CALL("bad address", futex((unsigned *)16, FUTEX_WAIT, 1, NULL, NULL, 0));
	CALL("bad operation", futex(&word, 77, 1, NULL, NULL, 0));
	CALL("cmp_requeue differs", futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 9));
	ts.tv_nsec = 2000000000;
	CALL("bad time", futex(&word, FUTEX_WAIT, 0, &ts, NULL, 0));
	pthread_create(&t, NULL, futex_waker, NULL);
	CALL("woken", futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
	pthread_join(t, NULL);
}

/* A PI futex whose owners end one after the other without unlocking. */
#define HEIRS 4
static unsigned heir_word;
static int heirs, heir_tid[HEIRS];

/* The state letter of a thread as /proc shows it; 0: it has gone. */
static char thread_state(int tid)
{
	char path[64], line[256] = "", *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	fgets(line, sizeof(line), f);
	fclose(f);
	end = strrchr(line, ')');
	return end ? end[2] : 0;
}

/* Who comes when the last owner has gone gets ESRCH: wait until all are there. */
static void *inherit(void *arg)
{
	int me = (int)(long)arg;
	long r;

	__atomic_store_n(&heir_tid[me], gettid(), __ATOMIC_SEQ_CST);
	r = syscall(SYS_futex, &heir_word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	if (!r && (heir_word & FUTEX_TID_MASK) == (unsigned)gettid())
		heirs++;
	for (int i = 0; i < HEIRS; i++)
		while (!__atomic_load_n(&heir_tid[i], __ATOMIC_SEQ_CST) ||
		       (i != me && thread_state(heir_tid[i]) == 'R'))
			usleep(1000);
	return NULL;
}

static void inheriting(void)
{
	pthread_t t[HEIRS];

	for (long i = 0; i < HEIRS; i++)
		pthread_create(&t[i], NULL, inherit, (void *)i);
	for (int i = 0; i < HEIRS; i++)
		pthread_join(t[i], NULL);
	show("pi owners", "%d", heirs);
}

int main(void)
{
	pthread_mutexattr_t ma;
	pthread_mutex_t m;
	pthread_t t;
	struct timespec ts;

	run(add, 4);
	show("mutex", "%ld", counter);
	run(ping, 3);
	show("cond", "%d", turn);
	pthread_mutex_lock(&mutex);
	ts = in_ms(CLOCK_REALTIME, 10);
	show("timedwait", "%s", strerror(pthread_cond_timedwait(&cond, &mutex, &ts)));
	pthread_mutex_unlock(&mutex);
	counter = 0;
	pthread_t rw[4];
	for (long i = 0; i < 4; i++)
		pthread_create(&rw[i], NULL, reader_writer, (void *)(i & 1));
	for (int i = 0; i < 4; i++)
		pthread_join(rw[i], NULL);
	show("rwlock", "%ld %d", counter, serial_count);
	pthread_barrier_init(&barrier, NULL, 5);
	run(meet, 5);
	show("barrier", "%d", serial_count);
	sem_init(&sem, 0, 0);
	pthread_create(&t, NULL, post, NULL);
	for (int i = 0; i < 100; i++)
		sem_wait(&sem);
	pthread_join(t, NULL);
	CALL("sem_trywait", sem_trywait(&sem));
	ts = in_ms(CLOCK_REALTIME, 10);
	CALL("sem_timedwait", sem_timedwait(&sem, &ts));

	pthread_mutexattr_init(&ma);
	pthread_mutexattr_settype(&ma, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&m, &ma);
	show("recursive", "%d", pthread_mutex_lock(&m));
	show("recursive", "%d", pthread_mutex_lock(&m));
	pthread_mutexattr_settype(&ma, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&m, &ma);
	pthread_mutex_lock(&m);
	show("errorcheck", "%s", strerror(pthread_mutex_lock(&m)));
	show("trylock", "%s", strerror(pthread_mutex_trylock(&m)));
	pthread_mutexattr_settype(&ma, PTHREAD_MUTEX_NORMAL);
	pthread_mutexattr_setrobust(&ma, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&m, &ma);
	pthread_create(&t, NULL, lock_and_die, &m);
	pthread_join(t, NULL);
	show("robust", "%s", strerror(pthread_mutex_lock(&m)));
	show("consistent", "%d", pthread_mutex_consistent(&m));
	show("unlock", "%d", pthread_mutex_unlock(&m));
	pthread_mutexattr_init(&ma);
	show("protocol", "%d", pthread_mutexattr_setprotocol(&ma, PTHREAD_PRIO_INHERIT));
	pthread_mutex_init(&m, &ma);
	show("pi lock", "%d", pthread_mutex_lock(&m));
	show("pi unlock", "%d", pthread_mutex_unlock(&m));
	mutex = m;
	counter = 0;
	run(add, 3);
	show("pi contended", "%ld", counter);
	inheriting();
	futexes();
	return 0;
}
