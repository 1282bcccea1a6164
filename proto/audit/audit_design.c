#include "crypto/err.h"
#include "proto/audit/audit_rules.h"
#include "proto/book/closing.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/*
 * What may be made: verdicts on revisions, and what was made in spite of them;
 * items and designs that are told in two ways.
 */

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

static int take_verdict(struct fold *f, const struct look *l, void *arg)
{
	struct look here = *l;
	int err;

	/* PROTOCOL: No finding follows from a verdict with a `target` */
	if (record_has(&l->rec->rec, FACT_TARGET))
		return 0;
	err = verdicts_add(&f->rules->verdicts, l->view, l->rec);

	here.cases = arg;
	return err == ERR_DENIED ? look_case(&here, AUT_01, NULL, 1) : err;
}

static int look_line(const struct look *l, const struct line *line)
{
	const struct verdicts *all = &l->f->rules->verdicts;
	bool is_made = l->rec->rec.kind == KIND_PRODUCE, is_known;
	uint64_t date = record_date(l->rec);
	/* Word of it takes a day to go round. */
	uint64_t heard_ms = date < DAY_MS ? 0 : date - DAY_MS;
	const struct verdict *v = verdicts_before(all, &is_known, line->item,
						  line->item_n, heard_ms);

	if (v != NULL && v->is_bad)
		return look_case(l, is_made ? DES_01 : DES_03, line, line->qty);
	if (is_made && !is_known &&
	    verdicts_kin(all, line->item, line->item_n) < heard_ms)
		return look_case(l, DES_02, line, line->qty);
	return 0;
}

int design_look(const struct look *l)
{
	const struct record *rec = &l->rec->rec;
	struct line lines[LIMIT_LINES];
	size_t n;
	int err = 0;

	if (l->f->rules->verdicts.n == 0 ||
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

	verdicts_settle(&f->rules->verdicts);
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
