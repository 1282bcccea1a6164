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

/* Offers have numbers, from 0; their places and results turn round. */
struct ahead {
	struct run_room room; /* the caller's own */
	bool has_tried;       /* to start the helper */
	bool has_helper;
	pthread_t helper;

	pthread_mutex_t lock; /* of all below; results change hands by it */
	pthread_cond_t news;  /* for the helper */
	pthread_cond_t done;  /* for the caller */
	struct run offer[SESSION_AHEAD];
	uint64_t n;
	uint64_t turn; /* offers before it had their turn */
	uint64_t next; /* offers before it were begun, or need not be */
	bool is_busy;  /* the helper, ... */
	uint64_t busy; /* ... with this offer */
	bool has_tip;  /* the offer before next is good to its end, ... */
	struct id tip; /* ... which has this id */
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

static struct run *offer_at(struct ahead *a, uint64_t i)
{
	return &a->offer[i % SESSION_AHEAD];
}

/* The result of the last turn is still in use; and what follows a run waits
 * for its end. */
static bool has_work(struct ahead *a)
{
	return a->next < a->n && a->next < a->turn + AHEAD_ROOMS - 1 &&
	       (a->has_tip || !id_is_zero(&offer_at(a, a->next)->prev));
}

/* What the one after a run follows, if all of it is good. */
static void keep_tip(struct ahead *a, const struct run_entry *at, uint32_t good,
		     const struct run *run)
{
	a->has_tip = good == run->count;
	if (a->has_tip)
		a->tip = at[good - 1].id;
}

static void check(struct result *r, const struct run *run)
{
	r->err = run_check(&r->room, &r->good, run, &run->prev);
	/* Before its first entry a feed has the network's id. */
	r->is_certified = run->from == 1 && r->good > 0 &&
			  roster_certified(&run->prev, &r->room.at[0].entry);
}

/* Begin the next offer and come back with its result. */
static void help_once(struct ahead *a)
{
	struct result *r = &a->result[a->next % AHEAD_ROOMS];
	struct run *offer = offer_at(a, a->next), run;

	if (id_is_zero(&offer->prev))
		offer->prev = a->tip;
	run = *offer;
	a->busy = a->next++;
	a->is_busy = true;
	a->has_tip = false;
	pthread_mutex_unlock(&a->lock);
	check(r, &run);
	pthread_mutex_lock(&a->lock);
	a->is_busy = false;
	if (a->next == a->busy + 1)
		keep_tip(a, r->room.at, r->good, &run);
	pthread_cond_signal(&a->done);
}

static void *help(void *arg)
{
	struct ahead *a = arg;

	pthread_mutex_lock(&a->lock);
	while (!a->is_last) {
		if (has_work(a))
			help_once(a);
		else
			pthread_cond_wait(&a->news, &a->lock);
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
	/* The place of the one before turn may be looked at. */
	for (size_t i = 0; i < n && a->n + 1 < a->turn + SESSION_AHEAD; i++)
		*offer_at(a, a->n++) = runs[i];
	pthread_cond_signal(&a->news);
	pthread_mutex_unlock(&a->lock);
}

uint64_t ahead_count(const struct ahead *a)
{
	return a->n;
}

/* The helper need not begin offers before i any more. */
static void pass(struct ahead *a, uint64_t i)
{
	if (a->next >= i)
		return;
	a->next = i;
	a->has_tip = false;
}

void ahead_over(struct ahead *a, uint64_t upto)
{
	pthread_mutex_lock(&a->lock);
	pass(a, upto);
	if (a->turn < upto)
		a->turn = upto;
	while (a->is_busy && a->busy < upto)
		pthread_cond_wait(&a->done, &a->lock);
	pthread_cond_signal(&a->news);
	pthread_mutex_unlock(&a->lock);
}

/* An offer that was not begun yet may not know what it follows. */
static bool is_same(const struct run *x, const struct run *y)
{
	return x->tails == y->tails && x->tails_n == y->tails_n &&
	       x->from == y->from && x->count == y->count &&
	       pubkey_eq(&x->feed, &y->feed) &&
	       (id_eq(&x->prev, &y->prev) || id_is_zero(&x->prev));
}

/* Is the helper through with offer i?  Usually it soon is.  It may be asleep
 * while others use its processor: then the caller is faster by itself. */
static bool is_ready(struct ahead *a, uint64_t i)
{
	struct timespec end;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += WAIT_NS;
	end.tv_sec += end.tv_nsec / SECOND_NS;
	end.tv_nsec %= SECOND_NS;
	while (rc == 0 && a->is_busy && a->busy == i)
		rc = pthread_cond_timedwait(&a->done, &a->lock, &end);
	return !a->is_busy || a->busy != i;
}

/* What the helper found out about run, whose turn it is; NULL when it has not
 * begun it, or is late. */
static const struct result *find(struct ahead *a, const struct run *run)
{
	const struct result *r = NULL;
	uint64_t i;

	pthread_mutex_lock(&a->lock);
	i = a->turn;
	while (i < a->n && !is_same(offer_at(a, i), run))
		i++;
	if (i < a->n) {
		a->turn = i + 1;
		if (i < a->next)
			r = &a->result[i % AHEAD_ROOMS];
		pass(a, i + 1);
		if (r != NULL && !is_ready(a, i))
			r = NULL;
		pthread_cond_signal(&a->news);
	}
	pthread_mutex_unlock(&a->lock);
	return r;
}

/* What the caller has checked by itself may be what the next offer follows. */
static void tell_tip(struct ahead *a, uint32_t good, const struct run *run)
{
	pthread_mutex_lock(&a->lock);
	if (a->next == a->turn && a->turn > 0 && !a->has_tip &&
	    is_same(offer_at(a, a->turn - 1), run)) {
		keep_tip(a, a->room.at, good, run);
		pthread_cond_signal(&a->news);
	}
	pthread_mutex_unlock(&a->lock);
}

int ahead_check(struct ahead *a, struct ahead_known *out, const struct run *run,
		const struct id *prev)
{
	const struct result *r = NULL;
	int err;

	if (a->has_helper && id_eq(&run->prev, prev))
		r = find(a, run);
	if (r != NULL) {
		*out = (struct ahead_known){ r->room.at, r->good,
					     r->is_certified };
		return r->err;
	}
	*out = (struct ahead_known){ .at = a->room.at };
	err = run_check(&a->room, &out->good, run, prev);
	if (a->has_helper)
		tell_tip(a, out->good, run);
	return err;
}
