/* Thread cancellation. */
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

static int cleaned;
static int pipe_fd[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t ready;

static void cleanup(void *arg) { cleaned += (int)(long)arg; }
static void unlock(void *arg) { pthread_mutex_unlock(arg); cleaned += 100; }

static void *in_read(void *arg)
{
	char c;

	pthread_cleanup_push(cleanup, (void *)1);
	sem_post(&ready);
	read(pipe_fd[0], &c, 1);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *in_sleep(void *arg)
{
	pthread_cleanup_push(cleanup, (void *)10);
	sem_post(&ready);
	sleep(100);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *in_cond(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	sem_post(&ready);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(1);
	return NULL;
}

static void *async(void *arg)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	sem_post(&ready);
	for (;;)
		;
	return NULL;
}

static void *disabled(void *arg)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	sem_post(&ready);
	usleep(30000);
	cleaned += 1000;
	pthread_setcancelstate(old, NULL);
	pthread_testcancel();
	cleaned += 5000;
	return NULL;
}

static void *polls(void *arg)
{
	sem_post(&ready);
	for (;;)
		pthread_testcancel();
	return NULL;
}

static void *pending(void *arg)
{
	char c = 'x';

	sem_post(&ready);
	usleep(10000); /* the request is there by now or comes in here */
	write(pipe_fd[1], &c, 1);
	read(pipe_fd[0], &c, 1);
	for (;;)
		usleep(1000);
	return NULL;
}

static void try(const char *name, void *(*fn)(void *), int pause)
{
	pthread_t t;
	void *r;

	cleaned = 0;
	pthread_create(&t, NULL, fn, NULL);
	sem_wait(&ready);
	if (pause)
		usleep(10000);
	show(name, "cancel %d", pthread_cancel(t));
	pthread_join(t, &r);
	show(name, "%s, cleanup %d", r == PTHREAD_CANCELED ? "canceled" : "returned",
	     cleaned);
}

int main(void)
{
	pipe(pipe_fd);
	sem_init(&ready, 0, 0);
	try("blocked in read", in_read, 1);
	try("about to read", in_read, 0);
	try("in sleep", in_sleep, 1);
	try("in cond_wait", in_cond, 1);
	try("asynchronous", async, 1);
	try("disabled", disabled, 0);
	try("testcancel", polls, 1);
	try("before the call", pending, 0);
	for (int i = 0; i < 50; i++) {
		pthread_t t;

		pthread_create(&t, NULL, in_read, NULL);
		sem_wait(&ready);
		pthread_cancel(t);
		pthread_join(t, NULL);
	}
	show("fifty more", "ok");
	return 0;
}
