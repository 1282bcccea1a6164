#include "node/net/ahead.h"

#include "crypto/err.h"
#include "proto/roster/roster.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	SECOND_NS = 1000000000,
	WAIT_NS = 300000 /* twice what a usual run takes */
};

struct result {
	struct run_room room;
	uint32_t good;
	bool is_certified;
	int err;
};

struct ahead {
	struct run_room room; /* the caller's own */
	bool has_tried;       /* to start the helper */
	bool has_helper;
	pthread_t helper;

	pthread_mutex_t lock; /* of all below; results change hands by it */
	pthread_cond_t news;  /* for the helper */
	pthread_cond_t done;  /* for the caller */
	struct run offer[SESSION_AHEAD];
	size_t n;
	size_t turn;  /* offers before it had their turn */
	size_t next;  /* offers before it were begun, or need not be */
	bool is_busy; /* the helper, with the offer before next */
	bool is_last;
	struct result result[AHEAD_ROOMS]; /* of offer i at i % AHEAD_ROOMS */
};

int ahead_open(struct ahead **out)
{
	struct ahead *a = calloc(1, sizeof(*a));
	pthread_condattr_t attr;

	if (a == NULL)
		return ERR_NOMEM;
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&a->news, NULL);
	pthread_cond_init(&a->done, &attr);
	pthread_condattr_destroy(&attr);
	*out = a;
	return 0;
}

/* The result of the last turn is still in use. */
static bool has_work(const struct ahead *a)
{
	return a->next < a->n && a->next < a->turn + AHEAD_ROOMS - 1;
}

static void check(struct result *r, const struct run *run)
{
	r->err = run_check(&r->room, &r->good, run, &run->prev);
	/* Before its first entry a feed has the network's id. */
	r->is_certified = run->from == 1 && r->good > 0 &&
			  roster_certified(&run->prev, &r->room.at[0].entry);
}

static void *help(void *arg)
{
	struct ahead *a = arg;

	pthread_mutex_lock(&a->lock);
	while (!a->is_last) {
		struct result *r = &a->result[a->next % AHEAD_ROOMS];
		struct run run;

		if (!has_work(a)) {
			pthread_cond_wait(&a->news, &a->lock);
			continue;
		}
		run = a->offer[a->next++];
		a->is_busy = true;
		pthread_mutex_unlock(&a->lock);
		check(r, &run);
		pthread_mutex_lock(&a->lock);
		a->is_busy = false;
		pthread_cond_signal(&a->done);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* One that does not start is missed by nobody. */
static void start(struct ahead *a)
{
	if (a->has_tried)
		return;
	a->has_tried = true;
	a->has_helper = sysconf(_SC_NPROCESSORS_ONLN) > 1 &&
			pthread_create(&a->helper, NULL, help, a) == 0;
}

void ahead_close(struct ahead *a)
{
	if (a == NULL)
		return;
	if (a->has_helper) {
		pthread_mutex_lock(&a->lock);
		a->is_last = true;
		pthread_cond_signal(&a->news);
		pthread_mutex_unlock(&a->lock);
		pthread_join(a->helper, NULL);
	}
	pthread_cond_destroy(&a->done);
	pthread_cond_destroy(&a->news);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void ahead_offer(struct ahead *a, const struct run *runs, size_t n)
{
	if (n > 0)
		start(a);
	if (!a->has_helper)
		return;
	pthread_mutex_lock(&a->lock);
	a->n = 0;
	while (a->is_busy)
		pthread_cond_wait(&a->done, &a->lock);
	a->turn = 0;
	a->next = 0;
	while (a->n < n && a->n < SESSION_AHEAD) {
		a->offer[a->n] = runs[a->n];
		a->n++;
	}
	if (a->n > 0)
		pthread_cond_signal(&a->news);
	pthread_mutex_unlock(&a->lock);
}

static bool is_same(const struct run *x, const struct run *y)
{
	return x->tails == y->tails && x->tails_n == y->tails_n &&
	       x->from == y->from && x->count == y->count &&
	       pubkey_eq(&x->feed, &y->feed) && id_eq(&x->prev, &y->prev);
}

/* Is the helper through with offer i?  Usually it soon is.  It may be asleep
 * while others use its processor: then the caller is faster by itself. */
static bool is_ready(struct ahead *a, size_t i)
{
	struct timespec end;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += WAIT_NS;
	end.tv_sec += end.tv_nsec / SECOND_NS;
	end.tv_nsec %= SECOND_NS;
	while (rc == 0 && a->is_busy && a->next == i + 1)
		rc = pthread_cond_timedwait(&a->done, &a->lock, &end);
	return !a->is_busy || a->next != i + 1;
}

/* What the helper found out about run, whose turn it is; NULL when it has not
 * begun it, or is late. */
static const struct result *find(struct ahead *a, const struct run *run)
{
	const struct result *r = NULL;
	size_t i;

	pthread_mutex_lock(&a->lock);
	i = a->turn;
	while (i < a->n && !is_same(&a->offer[i], run))
		i++;
	if (i < a->n) {
		a->turn = i + 1;
		if (i < a->next)
			r = &a->result[i % AHEAD_ROOMS];
		else
			a->next = i + 1;
		if (r != NULL && !is_ready(a, i))
			r = NULL;
		pthread_cond_signal(&a->news);
	}
	pthread_mutex_unlock(&a->lock);
	return r;
}

int ahead_check(struct ahead *a, struct ahead_known *out, const struct run *run,
		const struct id *prev)
{
	const struct result *r = NULL;

	if (a->has_helper && id_eq(&run->prev, prev))
		r = find(a, run);
	if (r == NULL) {
		*out = (struct ahead_known){ .at = a->room.at };
		return run_check(&a->room, &out->good, run, prev);
	}
	*out = (struct ahead_known){ r->room.at, r->good, r->is_certified };
	return r->err;
}
