#include "proto/book/demand.h"

#include "crypto/err.h"
#include "proto/book/reissue.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/* A request and what came of it. */
struct asking {
	const struct book_view *view;
	struct demand *out;
	size_t n;
	struct delivery *delivery; /* large, so made once */
	struct pubkey asker;       /* who made the request */
};

/* PROTOCOL: A pledge is of the first line of its request */
static int add_pledge(struct asking *a, const struct book_record *rec)
{
	struct book_record newest = *rec;
	bool occurred, silent;
	int err = reissue_is_silent(a->view, rec, &silent);

	if (err != 0 || silent)
		return err;
	err = book_newest(a->view, &newest, &occurred);
	if (err == 0 && occurred && a->n > 0)
		a->out[0].pledged +=
			(int64_t)record_uint(&newest.rec, FACT_QTY);
	return err;
}

/* PROTOCOL: A line of a delivery answers the line of the request with its item,
 * else the one with its product */
struct demand *demand_for(struct demand *at, size_t n, const struct line *l)
{
	size_t product = 0;

	for (size_t i = 0; i < n; i++)
		if (strlen(at[i].item) == l->item_n &&
		    memcmp(at[i].item, l->item, l->item_n) == 0)
			return &at[i];
	while (product < l->item_n && l->item[product] != '/')
		product++;
	for (size_t i = 0; i < n; i++)
		if (strlen(at[i].item) == product &&
		    memcmp(at[i].item, l->item, product) == 0)
			return &at[i];
	return NULL;
}

static void add_lines(struct asking *a)
{
	const struct delivery *d = a->delivery;

	for (size_t i = 0; i < d->n; i++) {
		struct demand *to = demand_for(a->out, a->n, &d->line[i]);

		if (to != NULL)
			to->acknowledged += (int64_t)d->accepted[i];
	}
}

bool demand_may_answer(const struct roster *roster, const struct pubkey *asker,
		       const struct record *deliver)
{
	const struct member *m = roster_member(roster, asker);
	struct pubkey to = record_key(deliver, FACT_TO);

	/* PROTOCOL: What a recipient asks for is answered by what is sent to
	 * it, and by nothing else. */
	return m == NULL || m->role != ROLE_RECIPIENT ||
	       (deliver->v[FACT_TO].n == KEY_SIZE &&
		pubkey_eq(&to, &m->identity));
}

/* PROTOCOL: A delivery for good that names the request, in its first version
 * and in its newest, answers it */
static int is_answer(const struct book_view *view, const struct pubkey *asker,
		     const struct book_record *rec, bool *out)
{
	struct id before = record_id(&rec->rec, FACT_REQUEST), after;
	struct book_record newest;
	int err = 0;

	*out = false;
	if (rec->rec.kind == KIND_DELIVER)
		err = book_acting(view, rec, &newest, out);
	if (err != 0 || !*out)
		return err;
	after = record_id(&newest.rec, FACT_REQUEST);
	*out = id_eq(&before, &after) &&
	       record_uint(&newest.rec, FACT_FINAL) != 0 &&
	       demand_may_answer(view->roster, asker, &newest.rec);
	return 0;
}

static int add_delivery(struct asking *a, const struct book_record *rec)
{
	bool answers;
	int err = is_answer(a->view, &a->asker, rec, &answers);

	if (err != 0 || !answers)
		return err;
	err = book_delivery(a->view, a->delivery, &rec->id);
	/* A view may not find what nobody refers to: nobody received it. */
	if (err == 0)
		add_lines(a);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int add_answer(void *arg, const struct book_record *rec)
{
	if (rec->rec.kind == KIND_PLEDGE)
		return add_pledge(arg, rec);
	return add_delivery(arg, rec);
}

static int add_name(void *arg, const struct id *name, bool is_here)
{
	struct asking *a = arg;

	(void)is_here;
	return a->view->refs(a->view->cookie, name, REF_REQUEST, add_answer, a);
}

static void fill(struct asking *a, const struct record *rec)
{
	const struct value *place = &rec->v[FACT_PLACE];
	struct line lines[LIMIT_LINES];

	a->n = record_lines(rec, FACT_LINES, lines);
	memset(a->out, 0, a->n * sizeof(*a->out));
	for (size_t i = 0; i < a->n; i++) {
		struct demand *d = &a->out[i];

		memcpy(d->item, lines[i].item, lines[i].item_n);
		if (place->n <= LIMIT_PLACE)
			memcpy(d->place, place->p, place->n);
		d->until_ms = record_uint(rec, FACT_UNTIL);
		d->requested = (int64_t)lines[i].qty;
	}
}

int demand_of(const struct book_view *view, const struct book_record *rec,
	      struct demand out[static LIMIT_LINES], size_t *n)
{
	struct asking a = { .view = view, .out = out, .asker = rec->author };
	struct book_record newest = *rec;
	bool acts, occurred;
	int err;

	*n = 0;
	if (rec->rec.kind != KIND_REQUEST)
		return 0;
	err = reissue_acts(view, rec, &acts);
	if (err != 0 || !acts)
		return err;
	err = book_newest(view, &newest, &occurred);
	if (err != 0 || !occurred)
		return err;
	a.delivery = malloc(sizeof(*a.delivery));
	if (a.delivery == NULL)
		return ERR_NOMEM;
	fill(&a, &newest.rec);
	err = reissue_names(view, rec, add_name, &a);
	free(a.delivery);
	if (err == 0)
		*n = a.n;
	return err;
}

/* Looking for what answers. */
struct answering {
	const struct book_view *view;
	const struct pubkey *asker;
	book_visit *visit;
	void *arg;
};

static int visit_answer(void *arg, const struct book_record *rec)
{
	const struct answering *a = arg;
	bool answers;
	int err = is_answer(a->view, a->asker, rec, &answers);

	return err == 0 && answers ? a->visit(a->arg, rec) : err;
}

static int visit_name(void *arg, const struct id *name, bool is_here)
{
	const struct answering *a = arg;

	(void)is_here;
	return a->view->refs(a->view->cookie, name, REF_REQUEST, visit_answer,
			     arg);
}

int demand_answers(const struct book_view *view,
		   const struct book_record *request, book_visit *visit,
		   void *arg)
{
	struct answering a = { view, &request->author, visit, arg };

	return reissue_names(view, request, visit_name, &a);
}

int demands_add(struct demands *d, const struct book_view *view,
		const struct book_record *rec)
{
	struct demand lines[LIMIT_LINES];
	size_t n = 0;
	int err = demand_of(view, rec, lines, &n);

	for (size_t i = 0; i < n && err == 0; i++) {
		err = grow(&d->at, &d->max, d->n, sizeof(*d->at));
		if (err == 0)
			d->at[d->n++] = lines[i];
	}
	return err;
}

static int place_cmp(const struct demand *a, const struct demand *b)
{
	int c = strcmp(a->item, b->item);

	return c != 0 ? c : strcmp(a->place, b->place);
}

static int demand_cmp(const void *a, const void *b)
{
	const struct demand *x = a, *y = b;
	int c = place_cmp(x, y);

	if (c != 0)
		return c;
	return x->until_ms < y->until_ms ? -1 : x->until_ms > y->until_ms;
}

static void add(struct demand *to, const struct demand *by)
{
	to->requested += by->requested;
	to->pledged += by->pledged;
	to->acknowledged += by->acknowledged;
}

void demands_settle(struct demands *d)
{
	size_t n = 0;

	if (d->n > 0)
		qsort(d->at, d->n, sizeof(*d->at), demand_cmp);
	for (size_t i = 0; i < d->n; i++) {
		if (n > 0 && demand_cmp(&d->at[n - 1], &d->at[i]) == 0)
			add(&d->at[n - 1], &d->at[i]);
		else
			d->at[n++] = d->at[i];
	}
	d->n = n;
}

bool demand_is_over(const struct demand *d, uint64_t as_of_ms)
{
	return d->until_ms != 0 && d->until_ms < as_of_ms;
}

bool demands_next(const struct demands *d, size_t *at, uint64_t as_of_ms,
		  struct demand *out)
{
	while (*at < d->n && demand_is_over(&d->at[*at], as_of_ms))
		++*at;
	if (*at == d->n)
		return false;
	*out = d->at[(*at)++];
	for (; *at < d->n && place_cmp(&d->at[*at], out) == 0; ++*at)
		if (!demand_is_over(&d->at[*at], as_of_ms))
			add(out, &d->at[*at]);
	return true;
}

void demands_release(struct demands *d)
{
	free(d->at);
	*d = (struct demands){ NULL, 0, 0 };
}
