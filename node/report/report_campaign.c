#include "node/report/source.h"
#include "node/text/i18n.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/*
 * What was given to campaigns, beside what they asked for.
 */

/* A goal, or a gift; sums of both by campaign and currency. */
struct asked {
	struct pubkey party; /* the association */
	char campaign[LIMIT_LABEL + 1];
	char currency[4];
	int64_t goal, given, gifts;
};

struct asking {
	struct source *s;
	struct asked *at; /* owned */
	size_t n, max;
};

static int add(struct asking *all, const struct book_record *rec,
	       const struct member *m, enum fact amount, struct asked one)
{
	const struct value *label = &rec->rec.v[FACT_CAMPAIGN];
	uint64_t minor = 0;
	int err;

	if (!record_has(&rec->rec, FACT_CAMPAIGN) || label->n > LIMIT_LABEL ||
	    !record_money(&rec->rec, amount, &minor, one.currency))
		return 0;
	memcpy(one.campaign, label->p, label->n);
	one.party = m->association;
	if (amount == FACT_GOAL)
		one.goal = (int64_t)minor;
	else
		one.given = (int64_t)minor;
	err = grow(&all->at, &all->max, all->n, sizeof(*all->at));
	if (err == 0)
		all->at[all->n++] = one;
	return err;
}

static int take_goal(void *arg, const struct book_record *rec)
{
	struct asking *all = arg;
	const struct member *m = roster_member(all->s->roster, &rec->author);
	struct book_record newest;
	bool is_any;
	int err;

	if (m == NULL || !narrow_member(all->s->narrow, &rec->author))
		return 0;
	err = book_acting(&all->s->view, rec, &newest, &is_any);
	return err == 0 && is_any ? add(all, &newest, m, FACT_GOAL,
					(struct asked){ .goal = 0 })
				  : err;
}

static int take_gift(void *arg, const struct book_record *rec)
{
	struct asking *all = arg;
	const struct member *m = roster_member(all->s->roster, &rec->author);
	struct book_record newest;
	struct fund f;
	bool is_any;
	int err;

	if (m == NULL || !narrow_member(all->s->narrow, &rec->author))
		return 0;
	err = fund_of(&all->s->view, rec, &f, &is_any);
	if (err == 0 && is_any)
		err = book_acting(&all->s->view, rec, &newest, &is_any);
	if (err != 0 || !is_any || !source_has(all->s, record_date(&newest)))
		return err;
	return add(all, &newest, m, FACT_AMOUNT, (struct asked){ .gifts = 1 });
}

static int asked_cmp(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;
	int c = pubkey_cmp(&x->party, &y->party);

	if (c == 0)
		c = strcmp(x->campaign, y->campaign);
	return c != 0 ? c : strcmp(x->currency, y->currency);
}

int part_campaigns(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "association", N_("association"), 'l', false },
		{ "campaign", N_("campaign"), 'l', false },
		{ "currency", N_("currency"), 'l', false },
		{ "gifts", N_("gifts"), 'r', false },
		{ "given", N_("given"), 'r', false },
		{ "goal", N_("goal"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	struct asking all = { .s = s };
	int err = store_kind(s->store, KIND_CAMPAIGN, take_goal, &all);

	if (err == 0)
		err = store_kind(s->store, KIND_DONATE, take_gift, &all);
	if (all.n > 0)
		qsort(all.at, all.n, sizeof(*all.at), asked_cmp);
	report_section(r, "campaigns", N_("Campaigns"), columns,
		       N_("none recorded"));
	for (size_t i = 0; i < all.n && err == 0;) {
		struct asked sum = all.at[i];

		while (++i < all.n && asked_cmp(&sum, &all.at[i]) == 0) {
			sum.goal += all.at[i].goal;
			sum.given += all.at[i].given;
			sum.gifts += all.at[i].gifts;
		}
		put_member(r, s, &sum.party);
		put_text(r, sum.campaign);
		put_text(r, sum.currency);
		put_count(r, sum.gifts);
		put_money(r, sum.given, sum.currency);
		put_money(r, sum.goal, sum.currency);
	}
	free(all.at);
	return err;
}
