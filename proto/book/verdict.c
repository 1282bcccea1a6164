#include "proto/book/verdict.h"

#include "crypto/err.h"
#include "proto/book/closing.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/* PROTOCOL: Associations and recipients say it, and of its own goods whoever
 * brought them. */
static int may_say(const struct book_view *view, const struct book_record *rec)
{
	const struct member *m = roster_member(view->roster, &rec->author);
	struct id target = record_id(&rec->rec, FACT_TARGET);
	struct book_record of;
	int err;

	if (m == NULL)
		return ERR_DENIED;
	if (m->role == ROLE_ASSOCIATION || m->role == ROLE_RECIPIENT)
		return 0;
	if (!record_has(&rec->rec, FACT_TARGET))
		return ERR_DENIED;
	err = view->get(view->cookie, &of, &target);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_DENIED : err;
	return pubkey_eq(&of.author, &rec->author) ? 0 : ERR_DENIED;
}

int verdicts_add(struct verdicts *v, const struct book_view *view,
		 const struct book_record *rec)
{
	const struct value *item = &rec->rec.v[FACT_ITEM];
	struct verdict one = {
		.item = (const char *)item->p,
		.item_n = item->n,
		.time_ms = record_date(rec),
		.word = record_uint(&rec->rec, FACT_VERDICT),
		.id = rec->id,
		.feed = rec->feed,
		.author = rec->author,
		.seq = rec->seq,
	};
	int err = may_say(view, rec);

	if (err != 0)
		return err;
	if (record_has(&rec->rec, FACT_REASON))
		one.reason = rec->rec.v[FACT_REASON];
	if (record_has(&rec->rec, FACT_TARGET)) {
		one.target = record_id(&rec->rec, FACT_TARGET);
		err = grow(&v->lot, &v->lots_max, v->lots, sizeof(*v->lot));
		if (err == 0)
			v->lot[v->lots++] = one;
		return err;
	}
	err = grow(&v->at, &v->max, v->n, sizeof(*v->at));
	if (err == 0)
		v->at[v->n++] = one;
	return err;
}

static int text_cmp(const char *a, size_t a_n, const char *b, size_t b_n)
{
	int c = memcmp(a, b, a_n < b_n ? a_n : b_n);

	return c != 0 ? c : (a_n > b_n) - (a_n < b_n);
}

/* Are they of the same goods? */
static int same_cmp(const struct verdict *x, const struct verdict *y)
{
	int c = id_cmp(&x->target, &y->target);

	return c != 0 ? c : text_cmp(x->item, x->item_n, y->item, y->item_n);
}

static int verdict_cmp(const void *a, const void *b)
{
	const struct verdict *x = a, *y = b;
	int c = same_cmp(x, y);

	if (c == 0)
		c = (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
	if (c == 0)
		c = pubkey_cmp(&x->feed, &y->feed);
	return c != 0 ? c : (x->seq > y->seq) - (x->seq < y->seq);
}

/* PROTOCOL: An approval makes a revision good and a withdrawal makes it bad,
 * whoever says so; a rejection makes bad what is not good. */
static void settle_good(struct verdict *at, size_t n)
{
	bool is_good = false;

	if (n > 0)
		qsort(at, n, sizeof(*at), verdict_cmp);
	for (size_t i = 0; i < n; i++) {
		struct verdict *v = &at[i];

		if (i == 0 || same_cmp(v, v - 1) != 0)
			is_good = false;
		if (v->word != VERDICT_REJECTED)
			is_good = v->word == VERDICT_APPROVED;
		v->is_bad = !is_good;
	}
}

/* The item's part that names its product, with the slash; 0: there is none. */
static size_t product_n(const char *item, size_t item_n)
{
	const char *slash = memchr(item, '/', item_n);

	return slash == NULL ? 0 : (size_t)(slash - item) + 1;
}

static bool is_kin(const struct verdict *v, const char *item, size_t n)
{
	return n > 0 && v->item_n > n && memcmp(v->item, item, n) == 0;
}

/* Revisions of one product stand together: tell each when the first of them
 * was approved. */
static void settle_kin(struct verdicts *all)
{
	size_t end;

	for (size_t i = 0; i < all->n; i = end) {
		const struct verdict *v = &all->at[i];
		size_t n = product_n(v->item, v->item_n);
		uint64_t first = UINT64_MAX;

		for (end = i; end < all->n; end++) {
			const struct verdict *at = &all->at[end];

			if (end > i && !is_kin(at, v->item, n))
				break;
			if (at->word == VERDICT_APPROVED && at->time_ms < first)
				first = at->time_ms;
		}
		for (size_t k = i; k < end; k++)
			all->at[k].kin_ms = first;
	}
}

void verdicts_settle(struct verdicts *v)
{
	settle_good(v->at, v->n);
	settle_good(v->lot, v->lots);
	settle_kin(v);
}

void verdicts_release(struct verdicts *v)
{
	free(v->at);
	free(v->lot);
	*v = (struct verdicts){ .at = NULL };
}

bool verdicts_is_last(const struct verdicts *v, size_t i)
{
	return i + 1 == v->lots || same_cmp(&v->lot[i], &v->lot[i + 1]) != 0;
}

const struct verdict *verdicts_lot(const struct verdicts *v,
				   const struct id *target, const char *item,
				   size_t item_n)
{
	const struct verdict of = { .item = item,
				    .item_n = item_n,
				    .target = *target };
	size_t low = 0, high = v->lots;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (same_cmp(&v->lot[mid], &of) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && same_cmp(&v->lot[low - 1], &of) == 0
		       ? &v->lot[low - 1]
		       : NULL;
}

/* How many stand before a time of an item. */
static size_t count_before(const struct verdicts *v, const char *item, size_t n,
			   uint64_t time_ms)
{
	size_t low = 0, high = v->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct verdict *at = &v->at[mid];
		int c = text_cmp(at->item, at->item_n, item, n);

		if (c < 0 || (c == 0 && at->time_ms < time_ms))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_of(const struct verdicts *v, size_t i, const char *item,
		  size_t n)
{
	return i < v->n &&
	       text_cmp(v->at[i].item, v->at[i].item_n, item, n) == 0;
}

const struct verdict *verdicts_before(const struct verdicts *v, bool *is_known,
				      const char *item, size_t item_n,
				      uint64_t time_ms)
{
	size_t i = count_before(v, item, item_n, time_ms);
	bool is_there = i > 0 && is_of(v, i - 1, item, item_n);

	*is_known = is_there || is_of(v, i, item, item_n);
	return is_there ? &v->at[i - 1] : NULL;
}

const struct verdict *verdicts_last(const struct verdicts *v, const char *item,
				    size_t item_n)
{
	bool is_known;

	return verdicts_before(v, &is_known, item, item_n, UINT64_MAX);
}

uint64_t verdicts_kin(const struct verdicts *v, const char *item, size_t item_n)
{
	size_t n = product_n(item, item_n);
	size_t i = n == 0 ? v->n : count_before(v, item, n, 0);

	return i < v->n && is_kin(&v->at[i], item, n) ? v->at[i].kin_ms
						      : UINT64_MAX;
}
