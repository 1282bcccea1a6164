#include "node/audit_scan_all.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct work {
	struct raw_feed *feeds;
	size_t n;
	atomic_size_t next;
	atomic_int err;
};

static int scan_one(const struct raw_feed *f)
{
	int err = 0;

	for (size_t i = 0; i < f->n && err == 0; i++)
		err = scan_entry(f->scan, f->at[i].p, f->at[i].n);
	if (err == 0 && f->is_torn)
		scan_break(f->scan, LOG_05);
	scan_end(f->scan);
	return err;
}

/* Feeds differ in length, so each worker takes the next one there is. */
static void *scan_some(void *arg)
{
	struct work *w = arg;
	size_t i = atomic_fetch_add(&w->next, 1);

	while (i < w->n) {
		int err = scan_one(&w->feeds[i]);

		if (err != 0)
			atomic_store(&w->err, err);
		i = atomic_fetch_add(&w->next, 1);
	}
	return NULL;
}

int scan_all(struct raw_feed *feeds, size_t n, unsigned threads)
{
	struct work w = { .feeds = feeds, .n = n };
	pthread_t helper[64];
	unsigned started = 0;

	/* This thread is one of them; one that does not start is missed by
	 * nobody. */
	while (started + 1 < threads && started < 64 &&
	       pthread_create(&helper[started], NULL, scan_some, &w) == 0)
		started++;
	scan_some(&w);
	for (unsigned i = 0; i < started; i++)
		pthread_join(helper[i], NULL);
	return atomic_load(&w.err);
}
