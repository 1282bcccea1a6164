#include "node/report/audit_pool.h"

#include "crypto/err.h"
#include "proto/grow.h"

#include <pthread.h>
#include <stdlib.h>

enum {
	HELPERS = 64,  /* threads beside the caller's, at most */
	WAITING = 1024 /* jobs that wait to be done soon, at most */
};

struct job {
	pool_job *run;
	void *jobs;
	size_t i;
};

/* Jobs in the order of coming. */
struct queue {
	struct job *at; /* owned; [first, n) wait */
	size_t first, n, max;
	size_t under_way;
};

struct audit_pool {
	pthread_mutex_t lock;
	pthread_cond_t news; /* something to do, or all is done */
	struct queue queue[POOL_LATER + 1];
	bool is_last; /* no more will come */
	pthread_t helper[HELPERS];
	unsigned helpers;
};

static size_t waiting(const struct queue *q)
{
	return q->n - q->first;
}

/* Is all done that was to be by then?  With the lock held, as all below. */
static bool is_done(const struct audit_pool *p, enum pool_when when)
{
	for (unsigned i = 0; i <= when; i++)
		if (waiting(&p->queue[i]) > 0 || p->queue[i].under_way > 0)
			return false;
	return true;
}

/* Do the most urgent job, without the lock meanwhile; false when none waits. */
static bool do_one(struct audit_pool *p)
{
	struct queue *q = &p->queue[POOL_SOON];
	struct job job;

	if (waiting(q) == 0)
		q = &p->queue[POOL_LATER];
	if (waiting(q) == 0)
		return false;
	job = q->at[q->first++];
	if (waiting(q) == 0)
		q->first = q->n = 0;
	q->under_way++;
	pthread_mutex_unlock(&p->lock);
	job.run(job.jobs, job.i);
	pthread_mutex_lock(&p->lock);
	q->under_way--;
	if (q->under_way == 0 && waiting(q) == 0)
		pthread_cond_broadcast(&p->news);
	return true;
}

static void *help(void *arg)
{
	struct audit_pool *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->is_last)
		if (!do_one(p))
			pthread_cond_wait(&p->news, &p->lock);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

int pool_open(struct audit_pool **out, unsigned threads)
{
	struct audit_pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return ERR_NOMEM;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->news, NULL);
	/* One that does not start is missed by nobody. */
	while (p->helpers + 1 < threads && p->helpers < HELPERS &&
	       pthread_create(&p->helper[p->helpers], NULL, help, p) == 0)
		p->helpers++;
	*out = p;
	return 0;
}

static bool is_full(const struct audit_pool *p)
{
	return p->helpers == 0 || waiting(&p->queue[POOL_SOON]) >= WAITING;
}

void pool_add(struct audit_pool *p, enum pool_when when, pool_job *job,
	      void *jobs, size_t i)
{
	struct queue *q = &p->queue[when];
	bool is_queued;

	pthread_mutex_lock(&p->lock);
	is_queued = (when == POOL_LATER || !is_full(p)) &&
		    grow(&q->at, &q->max, q->n, sizeof(*q->at)) == 0;
	if (is_queued) {
		q->at[q->n++] = (struct job){ job, jobs, i };
		pthread_cond_signal(&p->news);
	}
	pthread_mutex_unlock(&p->lock);
	if (!is_queued)
		job(jobs, i);
}

void pool_wait(struct audit_pool *p, enum pool_when when)
{
	pthread_mutex_lock(&p->lock);
	while (!is_done(p, when))
		if (!do_one(p))
			pthread_cond_wait(&p->news, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void pool_close(struct audit_pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->is_last = true;
	pthread_cond_broadcast(&p->news);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->helpers; i++)
		pthread_join(p->helper[i], NULL);
	pthread_cond_destroy(&p->news);
	pthread_mutex_destroy(&p->lock);
	for (unsigned i = 0; i <= POOL_LATER; i++)
		free(p->queue[i].at);
	free(p);
}

static void run(void *arg, pool_job *job, void *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pool_add(arg, POOL_SOON, job, jobs, i);
	pool_wait(arg, POOL_SOON);
}

struct audit_crew pool_crew(struct audit_pool *p)
{
	return (struct audit_crew){ p, run };
}
