#include "node/audit_scan_all.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Helpers beside the thread that asks. */
enum { HELPERS = 64 };

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

	/* This thread is one of them; one that does not start is missed by
	 * nobody. */
	while (started + 1 < *threads && started < HELPERS &&
	       pthread_create(&helper[started], NULL, work_some, &w) == 0)
		started++;
	work_some(&w);
	for (unsigned i = 0; i < started; i++)
		pthread_join(helper[i], NULL);
}

struct audit_crew scan_crew(unsigned *threads)
{
	return (struct audit_crew){ threads, run };
}

struct scanning {
	struct raw_feed *feeds;
	atomic_int err;
};

static void scan_one(void *jobs, size_t i)
{
	struct scanning *s = jobs;
	const struct raw_feed *f = &s->feeds[i];
	int err = scan_expect(f->scan, f->n);

	for (size_t k = 0; k < f->n && err == 0; k++)
		err = scan_entry(f->scan, f->at[k].p, f->at[k].n);
	if (err == 0 && f->is_torn)
		scan_break(f->scan, LOG_05);
	scan_end(f->scan);
	if (err != 0)
		atomic_store(&s->err, err);
}

int scan_all(struct raw_feed *feeds, size_t n, unsigned threads)
{
	struct scanning s = { .feeds = feeds };

	run(&threads, scan_one, &s, n);
	return atomic_load(&s.err);
}
