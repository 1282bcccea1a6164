#include "proto/audit/audit_money.h"

#include "proto/grow.h"

#include <stdlib.h>

/*
 * Closed periods: what came too late for them, and whether what was frozen is
 * what the records say.
 */

struct shut {
	struct closing closing;
	struct value period; /* borrowed of the entry */
};

struct shutting {
	struct shut *at; /* owned */
	size_t n, max;
	struct cases *cases;
	/* under way */
	const struct closing *one;
	struct closing_past past;
	struct funds funds;
};

static int take_closing(struct fold *f, const struct look *l, void *arg)
{
	struct shutting *s = arg;
	struct closing c;
	bool is_any;
	int err = grow(&s->at, &s->max, s->n, sizeof(*s->at));

	if (err == 0)
		err = closing_of(l->view, l->rec, &c, &is_any);
	if (err != 0)
		return err;
	if (is_any) {
		s->at[s->n++] = (struct shut){ c, l->rec->rec.v[FACT_PERIOD] };
		return 0;
	}
	if (fund_keeper(f->a->roster, &l->rec->author) == NULL) {
		struct look here = *l;

		here.cases = s->cases;
		return look_case(&here, AUT_01, NULL, 1);
	}
	return 0;
}

/* One money record that acts, against the closing under way. */
static int take_late(struct fold *f, const struct look *l, void *arg)
{
	struct shutting *s = arg;
	struct look here = *l;
	bool is_late;
	int err = closing_is_late(s->one, l->view, l->rec, &is_late);

	(void)f;
	here.cases = s->cases;
	if (err == 0 && is_late)
		return look_case(&here, TIM_11, NULL, 1);
	return err;
}

/* Money as it was, whether it acts today or not. */
static int add_money(struct fold *f, struct shutting *s)
{
	int err = 0;

	for (size_t i = 0; i < f->feeds_n && err == 0; i++) {
		const struct audit_scan *scan = f->feeds[i].scan;

		if (!scan_has(scan, KIND_DONATE, KIND_SPEND))
			continue;
		for (size_t k = 0; k < scan->n && err == 0; k++) {
			struct book_record rec;

			if ((scan->at[k].kind != KIND_DONATE &&
			     scan->at[k].kind != KIND_SPEND) ||
			    !index_counts(&f->feeds[i], k))
				continue;
			err = index_record(f->index, &rec, i, k);
			if (err == 0)
				err = closing_add(&s->funds, &s->past, &rec);
		}
	}
	return err;
}

/* Is all here that was read? */
static bool is_whole(const struct fold *f, const struct closing *c)
{
	for (size_t i = 0; i < c->runs_n; i++) {
		const struct position *p = &c->runs[i];
		size_t feed = index_feed(f->index, &p->feed);

		if (feed == SIZE_MAX || p->seq > f->feeds[feed].scan->n ||
		    p->seq > f->feeds[feed].counted_to ||
		    !id_eq(&f->feeds[feed].scan->at[p->seq - 1].id, &p->id))
			return false;
	}
	return true;
}

static int tell_closing(struct fold *f, struct shutting *s,
			const struct value *period)
{
	struct book_view view = index_view(f->index, f->a->roster);
	size_t feed = index_feed(f->index, &s->one->at.feed);
	struct audit_case c = {
		.code = FIN_07,
		.feed = (uint32_t)feed,
		.at = (uint32_t)(s->one->at.seq - 1),
		.who = roster_member(f->a->roster, &f->feeds[feed].author),
		.item = (const char *)period->p,
		.item_n = period->n,
		.amount = 1,
	};
	struct sha sum;
	int err;

	s->past = (struct closing_past){ s->one, &view };
	err = rules_each(f, KIND_DONATE, KIND_BANK, take_late, s);
	if (err == 0)
		err = add_money(f, s);
	if (err == 0)
		err = closing_hash(&sum, s->one, &f->a->network, &s->funds);
	if (err == 0 && is_whole(f, s->one) && !sha_eq(&sum, &s->one->balances))
		err = cases_add(s->cases, &c);
	funds_release(&s->funds);
	return err;
}

int closing_tell(struct fold *f, struct cases *cases)
{
	struct shutting s = { .cases = cases };
	int err = rules_each(f, KIND_PERIOD, KIND_PERIOD, take_closing, &s);

	for (size_t i = 0; i < s.n && err == 0; i++) {
		s.one = &s.at[i].closing;
		err = tell_closing(f, &s, &s.at[i].period);
	}
	for (size_t i = 0; i < s.n; i++)
		closing_release(&s.at[i].closing);
	free(s.at);
	return err;
}
