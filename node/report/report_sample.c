#include "node/report/report_sample.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "proto/audit/sample.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/* Something that may be drawn. */
struct drawn {
	struct id rank;
	struct position at;   /* of a delivery */
	struct holder holder; /* of stock */
};

struct drawing {
	struct source *s;
	const char *seed;
	struct drawn *at; /* owned */
	size_t n, max;
};

static int add(struct drawing *d, const struct drawn *one)
{
	int err = grow(&d->at, &d->max, d->n, sizeof(*d->at));

	if (err == 0)
		d->at[d->n++] = *one;
	return err;
}

static int take_delivery(void *arg, const struct book_record *rec)
{
	struct drawing *d = arg;
	struct drawn one = { .at = { rec->feed, rec->seq, rec->id } };

	one.rank = sample_rank(&d->s->audit->cut, d->seed, rec->id.b, ID_SIZE);
	return add(d, &one);
}

/* Accounts are in order of their holders. */
static int take_holders(struct drawing *d)
{
	const struct audit *a = d->s->audit;
	int err = 0;

	for (size_t i = 0; i < a->accounts_n && err == 0; i++) {
		const struct account *x = &a->accounts[i];
		struct drawn one = { .holder = x->holder };

		if (x->col[COL_ON_HAND] == 0 ||
		    !narrow_member(d->s->narrow, &x->holder.member) ||
		    (d->n > 0 && memcmp(&d->at[d->n - 1].holder, &x->holder,
					sizeof(x->holder)) == 0))
			continue;
		one.rank = sample_rank(&a->cut, d->seed, &x->holder,
				       sizeof(x->holder));
		err = add(d, &one);
	}
	return err;
}

static int by_rank(const void *a, const void *b)
{
	return id_cmp(&((const struct drawn *)a)->rank,
		      &((const struct drawn *)b)->rank);
}

static void put_seed(struct report *r, const struct drawing *d, size_t n)
{
	static const struct heading columns[] = {
		{ "seed", N_("Seed"), 'l', false },
		{ "asked", N_("Asked for"), 'r', false },
		{ "among", N_("Drawn from"), 'r', false },
		{ NULL, NULL, 0, false },
	};

	report_facts(r, "draw", N_("How it was drawn"), columns)->note =
		N_("Whoever has the same cut and the same seed draws the "
		   "same.");
	put_text(r, d->seed);
	put_count(r, (int64_t)n);
	put_count(r, (int64_t)d->n);
}

/* Whom the auditor visits, and what is to be there. */
static int put_delivery(struct report *r, struct source *s,
			const struct drawn *x)
{
	struct delivery *d = calloc(1, sizeof(*d));
	struct book_record first, rec;
	int err = d == NULL ? ERR_NOMEM
			    : s->view.get(s->view.cookie, &first, &x->at.id);
	bool is_any;

	if (err == 0)
		err = book_acting(&s->view, &first, &rec, &is_any);
	if (err == 0)
		err = book_delivery(&s->view, d, &x->at.id);
	for (size_t i = 0; err == 0 && i < d->n; i++) {
		char item[LIMIT_ITEM + 1] = "", name[PARTY_TEXT];
		struct pubkey to = record_key(&rec.rec, FACT_TO);
		struct tag out = record_tag(&rec.rec, FACT_TO);

		memcpy(item, d->line[i].item, d->line[i].item_n);
		if (rec.rec.v[FACT_TO].n == KEY_SIZE)
			labels_member(&s->labels, name, &to);
		else
			outsider_text(name, s->desk, &rec.author, &out);
		put_ref(r, s, &x->at.feed, x->at.seq);
		put_day(r, record_date(&rec));
		put_member(r, s, &rec.author);
		put_text(r, name);
		put_text(r, item);
		put_count(r, (int64_t)d->line[i].qty);
		put_count(r, (int64_t)d->accepted[i]);
		put_count(r, (int64_t)d->graded[GRADE_D][i]);
		put_hex(r, x->at.id.b, ID_SIZE);
	}
	free(d);
	return err;
}

static void put_shelves(struct report *r, struct source *s,
			const struct drawn *x)
{
	const struct audit *a = s->audit;
	static const struct tag own;

	for (size_t i = 0; i < a->accounts_n; i++) {
		const struct account *acc = &a->accounts[i];
		const struct member *m;
		char name[PARTY_TEXT];

		if (memcmp(&acc->holder, &x->holder, sizeof(x->holder)) != 0 ||
		    acc->col[COL_ON_HAND] == 0)
			continue;
		m = roster_member(s->roster, &acc->holder.member);
		put_member(r, s, &acc->holder.member);
		if (memcmp(&acc->holder.outsider, &own, sizeof(own)) == 0) {
			put_none(r);
		} else {
			outsider_text(name, s->desk, &acc->holder.member,
				      &acc->holder.outsider);
			put_text(r, name);
		}
		put_text(r, m == NULL ? "" : m->place);
		put_text(r, acc->item);
		put_count(r, acc->col[COL_ON_HAND]);
	}
}

static const struct heading of_deliveries[] = {
	{ "ref", N_("delivery"), 'l', false },
	{ "date", N_("date"), 'l', false },
	{ "from", N_("from"), 'l', false },
	{ "to", N_("to"), 'l', false },
	{ "item", N_("item"), 'l', false },
	{ "qty", N_("quantity"), 'r', false },
	{ "acknowledged", N_("acknowledged"), 'r', false },
	{ "claimed", N_("claimed"), 'r', false },
	{ "id", N_("id"), 'l', false },
	{ NULL, NULL, 0, false },
};

static const struct heading of_holders[] = {
	{ "holder", N_("who"), 'l', false },
	{ "outsider", N_("for"), 'l', false },
	{ "place", N_("place"), 'l', false },
	{ "item", N_("item"), 'l', false },
	{ "on_hand", N_("on hand"), 'r', false },
	{ NULL, NULL, 0, false },
};

int report_sample(struct report *r, struct source *s,
		  const struct sampling *how)
{
	struct drawing d = { .s = s, .seed = how->seed };
	int err = how->is_holders ? take_holders(&d)
				  : source_each(s, SOURCE_KIND(KIND_DELIVER),
						take_delivery, &d);
	size_t n = how->n < d.n ? how->n : d.n;

	report_init(r, "sample", N_("Sample for an auditor's visits"));
	source_about(s, r);
	put_seed(r, &d, how->n);
	if (d.n > 0)
		qsort(d.at, d.n, sizeof(*d.at), by_rank);
	report_section(r, how->is_holders ? "holders" : "deliveries",
		       how->is_holders ? N_("Holders to visit, and what they "
					    "should have")
				       : N_("Deliveries to ask about"),
		       how->is_holders ? of_holders : of_deliveries,
		       N_("none recorded"));
	for (size_t i = 0; i < n && err == 0; i++) {
		if (how->is_holders)
			put_shelves(r, s, &d.at[i]);
		else
			err = put_delivery(r, s, &d.at[i]);
	}
	free(d.at);
	return err;
}
