#include "node/report/audit_pool.h"

#include "crypto/err.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	HELPERS = 64,             /* threads beside the caller's, at most */
	WAITING = 1024,           /* feeds that wait, at most */
	WAITING_ENTRIES = 1 << 17 /* and about so many entries of theirs */
};

struct audit_pool {
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct raw_feed queue[WAITING]; /* a ring */
	size_t first, n, entries;
	bool is_last; /* no more will come */
	int err;
	pthread_t helper[HELPERS];
	unsigned helpers;
};

static int scan_feed(const struct raw_feed *f)
{
	int err = scan_expect(f->scan, f->n);

	if (err == 0)
		err = scan_entries(f->scan, f->at, f->n);
	if (err == 0 && f->is_torn)
		scan_break(f->scan, LOG_05);
	scan_end(f->scan);
	free(f->at);
	return err;
}

/* The next feed; false when there is none, and none will come.  is_helper:
 * wait for it.  Called with the lock held. */
static bool take(struct audit_pool *p, struct raw_feed *out, bool is_helper)
{
	while (is_helper && p->n == 0 && !p->is_last)
		pthread_cond_wait(&p->news, &p->lock);
	if (p->n == 0)
		return false;
	*out = p->queue[p->first];
	p->first = (p->first + 1) % WAITING;
	p->n--;
	p->entries -= out->n;
	return true;
}

static void scan_some(struct audit_pool *p, bool is_helper)
{
	struct raw_feed feed;

	pthread_mutex_lock(&p->lock);
	while (take(p, &feed, is_helper)) {
		int err;

		pthread_mutex_unlock(&p->lock);
		err = scan_feed(&feed);
		pthread_mutex_lock(&p->lock);
		if (err != 0)
			p->err = err;
	}
	pthread_mutex_unlock(&p->lock);
}

static void *help(void *arg)
{
	scan_some(arg, true);
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

static bool has_room(const struct audit_pool *p)
{
	return p->helpers > 0 && p->n < WAITING && p->entries < WAITING_ENTRIES;
}

bool pool_is_full(struct audit_pool *p)
{
	bool is_full;

	pthread_mutex_lock(&p->lock);
	is_full = !has_room(p);
	pthread_mutex_unlock(&p->lock);
	return is_full;
}

void pool_scan(struct audit_pool *p, const struct raw_feed *feed)
{
	bool is_queued;
	int err = 0;

	pthread_mutex_lock(&p->lock);
	is_queued = has_room(p);
	if (is_queued) {
		p->queue[(p->first + p->n) % WAITING] = *feed;
		p->n++;
		p->entries += feed->n;
		pthread_cond_signal(&p->news);
	}
	pthread_mutex_unlock(&p->lock);
	if (is_queued)
		return;
	err = scan_feed(feed);
	pthread_mutex_lock(&p->lock);
	if (err != 0)
		p->err = err;
	pthread_mutex_unlock(&p->lock);
}

int pool_close(struct audit_pool *p)
{
	int err;

	if (p == NULL)
		return 0;
	pthread_mutex_lock(&p->lock);
	p->is_last = true;
	pthread_cond_broadcast(&p->news);
	pthread_mutex_unlock(&p->lock);
	scan_some(p, false);
	for (unsigned i = 0; i < p->helpers; i++)
		pthread_join(p->helper[i], NULL);
	err = p->err;
	pthread_cond_destroy(&p->news);
	pthread_mutex_destroy(&p->lock);
	free(p);
	return err;
}

struct work {
	void (*job)(void *jobs, size_t i);
	void *jobs;
	size_t n;
	atomic_size_t next;
};

/* Jobs differ in length, so each worker takes the next one there is. */
static void *work_some(void *arg)
{
	struct work *w = arg;
	size_t i = atomic_fetch_add(&w->next, 1);

	while (i < w->n) {
		w->job(w->jobs, i);
		i = atomic_fetch_add(&w->next, 1);
	}
	return NULL;
}

static void run(void *arg, void (*job)(void *jobs, size_t i), void *jobs,
		size_t n)
{
	const unsigned *threads = arg;
	struct work w = { .job = job, .jobs = jobs, .n = n };
	pthread_t helper[HELPERS];
	unsigned started = 0;

	while (started + 1 < *threads && started < HELPERS &&
	       pthread_create(&helper[started], NULL, work_some, &w) == 0)
		started++;
	work_some(&w);
	for (unsigned i = 0; i < started; i++)
		pthread_join(helper[i], NULL);
}

struct audit_crew pool_crew(unsigned *threads)
{
	return (struct audit_crew){ threads, run };
}
