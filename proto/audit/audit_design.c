#include "proto/audit/audit_rules.h"
#include "proto/book/closing.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/*
 * What may be made: verdicts on revisions, and what was made in spite of them;
 * items and designs that are told in two ways.
 */

enum { VERDICT_APPROVED, VERDICT_REJECTED, VERDICT_WITHDRAWN };

/* One member's word on what an item is, or which file its design is. */
struct told {
	const char *item;
	size_t item_n;
	uint32_t kind;
	struct pubkey author;
	struct id hash; /* of what must agree */
	uint32_t feed, at;
};

struct telling {
	struct told *at; /* owned */
	size_t n, max;
	struct cases *cases;
};

static int text_cmp(const char *a, size_t a_n, const char *b, size_t b_n)
{
	int c = memcmp(a, b, a_n < b_n ? a_n : b_n);

	return c != 0 ? c : (a_n > b_n) - (a_n < b_n);
}

static int place_cmp(uint32_t a_feed, uint32_t a, uint32_t b_feed, uint32_t b)
{
	int c = (a_feed > b_feed) - (a_feed < b_feed);

	return c != 0 ? c : (a > b) - (a < b);
}

static int verdict_cmp(const void *a, const void *b)
{
	const struct verdict *x = a, *y = b;
	int c = text_cmp(x->item, x->item_n, y->item, y->item_n);

	if (c == 0)
		c = (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
	return c != 0 ? c : place_cmp(x->feed, x->at, y->feed, y->at);
}

static int take_verdict(struct fold *f, const struct look *l, void *arg)
{
	const struct member *m = roster_member(l->roster, &l->rec->author);
	const struct value *item = &l->rec->rec.v[FACT_ITEM];
	struct rules *r = f->rules;
	struct look here = *l;
	int err;

	here.cases = arg;
	if (m->role != ROLE_ASSOCIATION && m->role != ROLE_RECIPIENT)
		return look_case(&here, AUT_01, NULL, 1);
	err = grow(&r->verdicts, &r->verdicts_max, r->verdicts_n,
		   sizeof(*r->verdicts));
	if (err == 0)
		r->verdicts[r->verdicts_n++] = (struct verdict){
			.item = (const char *)item->p,
			.item_n = item->n,
			.time_ms = record_date(l->rec),
			.word = record_uint(&l->rec->rec, FACT_VERDICT),
			.feed = (uint32_t)l->feed,
			.at = (uint32_t)l->at,
		};
	return err;
}

/* PROTOCOL: An approval makes a revision good and a withdrawal makes it bad,
 * whoever says so; a rejection makes bad what is not good. */
static void settle_verdicts(struct rules *r)
{
	bool is_good = false;

	qsort(r->verdicts, r->verdicts_n, sizeof(*r->verdicts), verdict_cmp);
	for (size_t i = 0; i < r->verdicts_n; i++) {
		struct verdict *v = &r->verdicts[i];

		if (i == 0 ||
		    text_cmp(v->item, v->item_n, v[-1].item, v[-1].item_n) != 0)
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
static void settle_kin(struct rules *r)
{
	size_t end;

	for (size_t i = 0; i < r->verdicts_n; i = end) {
		const struct verdict *v = &r->verdicts[i];
		size_t n = product_n(v->item, v->item_n);
		uint64_t first = UINT64_MAX;

		for (end = i; end < r->verdicts_n; end++) {
			const struct verdict *at = &r->verdicts[end];

			if (end > i && !is_kin(at, v->item, n))
				break;
			if (at->word == VERDICT_APPROVED && at->time_ms < first)
				first = at->time_ms;
		}
		for (size_t k = i; k < end; k++)
			r->verdicts[k].kin_ms = first;
	}
}

/* The last verdict on an item more than a day before a time; *is_known: is
 * there any, at any time? */
static const struct verdict *verdict_at(const struct rules *r, bool *is_known,
					const struct line *line,
					uint64_t time_ms)
{
	size_t low = 0, high = r->verdicts_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct verdict *v = &r->verdicts[mid];
		int c = text_cmp(v->item, v->item_n, line->item, line->item_n);

		if (c < 0 || (c == 0 && v->time_ms + DAY_MS < time_ms))
			low = mid + 1;
		else
			high = mid;
	}
	*is_known = low < r->verdicts_n &&
		    text_cmp(r->verdicts[low].item, r->verdicts[low].item_n,
			     line->item, line->item_n) == 0;
	if (low == 0 ||
	    text_cmp(r->verdicts[low - 1].item, r->verdicts[low - 1].item_n,
		     line->item, line->item_n) != 0)
		return NULL;
	*is_known = true;
	return &r->verdicts[low - 1];
}

/* Had another revision of the product been approved by then? */
static bool kin_approved(const struct rules *r, const struct line *line,
			 uint64_t time_ms)
{
	size_t n = product_n(line->item, line->item_n);
	size_t low = 0, high = n == 0 ? 0 : r->verdicts_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct verdict *v = &r->verdicts[mid];

		if (text_cmp(v->item, v->item_n, line->item, n) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->verdicts_n &&
	       is_kin(&r->verdicts[low], line->item, n) &&
	       r->verdicts[low].kin_ms < UINT64_MAX - DAY_MS &&
	       r->verdicts[low].kin_ms + DAY_MS < time_ms;
}

static int look_line(const struct look *l, const struct line *line)
{
	const struct rules *r = l->f->rules;
	bool is_made = l->rec->rec.kind == KIND_PRODUCE, is_known;
	uint64_t time_ms = record_date(l->rec);
	const struct verdict *v = verdict_at(r, &is_known, line, time_ms);

	if (v != NULL && v->is_bad)
		return look_case(l, is_made ? DES_01 : DES_03, line, line->qty);
	if (is_made && !is_known && kin_approved(r, line, time_ms))
		return look_case(l, DES_02, line, line->qty);
	return 0;
}

int design_look(const struct look *l)
{
	const struct record *rec = &l->rec->rec;
	struct line lines[LIMIT_LINES];
	size_t n;
	int err = 0;

	if (l->f->rules->verdicts_n == 0 ||
	    (rec->kind != KIND_PRODUCE &&
	     (rec->kind != KIND_DELIVER || record_uint(rec, FACT_FINAL) == 0)))
		return 0;
	n = record_lines(rec, FACT_LINES, lines);
	for (size_t i = 0; i < n && err == 0; i++)
		err = look_line(l, &lines[i]);
	return err;
}

/* What must agree: of an item what it is counted in and made of, of a design
 * its file. */
static struct id gist(const struct record *rec)
{
	static const enum fact facts[] = { FACT_UNIT, FACT_GRAMS, FACT_CLASS,
					   FACT_BOM, FACT_FILE };
	struct hasher h;

	hasher_init(&h);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		const struct value *v = &rec->v[facts[i]];
		bool has = record_has(rec, facts[i]);
		uint64_t head[2] = { facts[i], v->u };

		if (!has || (facts[i] == FACT_GRAMS && rec->kind != KIND_ITEM))
			continue;
		hasher_add(&h, head, sizeof(head));
		hasher_add(&h, v->p, v->n);
	}
	return hasher_id(&h);
}

static int take_told(struct fold *f, const struct look *l, void *arg)
{
	const struct value *item = &l->rec->rec.v[FACT_ITEM];
	struct telling *t = arg;
	int err = grow(&t->at, &t->max, t->n, sizeof(*t->at));

	(void)f;
	if (err == 0)
		t->at[t->n++] = (struct told){
			(const char *)item->p, item->n,
			l->rec->rec.kind,      l->rec->author,
			gist(&l->rec->rec),    (uint32_t)l->feed,
			(uint32_t)l->at,
		};
	return err;
}

static int told_cmp(const void *a, const void *b)
{
	const struct told *x = a, *y = b;
	int c = (x->kind > y->kind) - (x->kind < y->kind);

	if (c == 0)
		c = text_cmp(x->item, x->item_n, y->item, y->item_n);
	if (c == 0)
		c = pubkey_cmp(&x->author, &y->author);
	return c != 0 ? c : place_cmp(x->feed, x->at, y->feed, y->at);
}

static bool is_same_item(const struct told *a, const struct told *b)
{
	return a->kind == b->kind &&
	       text_cmp(a->item, a->item_n, b->item, b->item_n) == 0;
}

/* Of each author the last word: who says it anew has not contradicted. */
static int compare_told(struct telling *t, size_t i, size_t end)
{
	enum finding_code code = t->at[i].kind == KIND_ITEM ? ITM_01 : DES_04;
	size_t n = 0;
	bool differs = false;
	int err = 0;

	for (size_t k = i; k < end; k++)
		if (k + 1 == end ||
		    !pubkey_eq(&t->at[k].author, &t->at[k + 1].author))
			t->at[i + n++] = t->at[k];
	for (size_t k = 1; k < n; k++)
		differs = differs || !id_eq(&t->at[i].hash, &t->at[i + k].hash);
	for (size_t k = 0; k < n && differs && err == 0; k++) {
		const struct told *x = &t->at[i + k];
		const struct audit_case c = { code,    x->feed,   x->at, NULL,
					      x->item, x->item_n, 1 };

		err = cases_add(t->cases, &c);
	}
	return err;
}

int design_prepare(struct fold *f, struct cases *cases)
{
	struct telling t = { .cases = cases };
	size_t end;
	int err =
		rules_each(f, KIND_APPROVE, KIND_APPROVE, take_verdict, cases);

	if (err == 0 && f->rules->verdicts_n > 0) {
		settle_verdicts(f->rules);
		settle_kin(f->rules);
	}
	if (err == 0)
		err = rules_each(f, KIND_ITEM, KIND_DESIGN, take_told, &t);
	if (t.n > 0)
		qsort(t.at, t.n, sizeof(*t.at), told_cmp);
	for (size_t i = 0; i < t.n && err == 0; i = end) {
		for (end = i + 1; end < t.n; end++)
			if (!is_same_item(&t.at[i], &t.at[end]))
				break;
		err = compare_told(&t, i, end);
	}
	free(t.at);
	return err;
}
