#include "node/report/source.h"
#include "node/text/i18n.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/*
 * What was given to campaigns, beside what they asked for.
 */

/* A goal, or a gift; sums of both by campaign, and by currency or item. */
struct asked {
	struct pubkey party; /* the association */
	char campaign[LIMIT_LABEL + 1];
	bool is_goods;
	char of[LIMIT_ITEM + 1]; /* a currency, or an item */
	int64_t goal, given, gifts;
};

struct asking {
	struct source *s;
	struct asked *at; /* owned */
	size_t n, max;
};

static int add(struct asking *all, const struct asked *one, int64_t amount,
	       bool is_goal)
{
	int err = grow(&all->at, &all->max, all->n, sizeof(*all->at));
	struct asked *at;

	if (err != 0)
		return err;
	at = &all->at[all->n++];
	*at = *one;
	at->goal = is_goal ? amount : 0;
	at->given = is_goal ? 0 : amount;
	at->gifts = is_goal ? 0 : 1;
	return 0;
}

/* What a record says of a campaign: an amount of money, and lines. */
static int take(struct asking *all, const struct book_record *rec,
		const struct member *m, enum fact amount, enum fact goods)
{
	const struct value *label = &rec->rec.v[FACT_CAMPAIGN];
	bool is_goal = rec->rec.kind == KIND_CAMPAIGN;
	struct asked one = { .party = m->association };
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&rec->rec, goods, lines);
	char currency[4];
	uint64_t minor = 0;
	int err = 0;

	if (!record_has(&rec->rec, FACT_CAMPAIGN) || label->n > LIMIT_LABEL)
		return 0;
	memcpy(one.campaign, label->p, label->n);
	if (amount != 0 && record_money(&rec->rec, amount, &minor, currency)) {
		memcpy(one.of, currency, sizeof(currency));
		err = add(all, &one, (int64_t)minor, is_goal);
	}
	one.is_goods = true;
	for (size_t i = 0; i < n && err == 0; i++) {
		memcpy(one.of, lines[i].item, lines[i].item_n);
		one.of[lines[i].item_n] = '\0';
		err = add(all, &one, (int64_t)lines[i].qty, is_goal);
	}
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
	return err == 0 && is_any
		       ? take(all, &newest, m, FACT_GOAL, FACT_GOAL_LINES)
		       : err;
}

/* Money, or goods; hours and journeys are neither. */
static int take_gift(void *arg, const struct book_record *rec)
{
	struct asking *all = arg;
	const struct member *m = fund_keeper(all->s->roster, &rec->author);
	struct book_record newest;
	struct fund f;
	bool is_any, is_money;
	int err;

	if (m == NULL || !narrow_member(all->s->narrow, &rec->author))
		return 0;
	err = fund_of(&all->s->view, rec, &f, &is_money);
	if (err == 0)
		err = book_acting(&all->s->view, rec, &newest, &is_any);
	if (err != 0 || !is_any || !source_has(all->s, record_date(&newest)))
		return err;
	return take(all, &newest, m, is_money ? FACT_AMOUNT : 0, FACT_IN_KIND);
}

static int asked_cmp(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;
	int c = (int)x->is_goods - (int)y->is_goods;

	if (c == 0)
		c = pubkey_cmp(&x->party, &y->party);
	if (c == 0)
		c = strcmp(x->campaign, y->campaign);
	return c != 0 ? c : strcmp(x->of, y->of);
}

/* Rows [*i, ...) of one kind, which are sorted. */
static void put_all(struct report *r, const struct asking *all, size_t *i,
		    bool is_goods)
{
	while (*i < all->n && all->at[*i].is_goods == is_goods) {
		struct asked sum = all->at[*i];

		while (++*i < all->n && asked_cmp(&sum, &all->at[*i]) == 0) {
			sum.goal += all->at[*i].goal;
			sum.given += all->at[*i].given;
			sum.gifts += all->at[*i].gifts;
		}
		put_member(r, all->s, &sum.party);
		put_text(r, sum.campaign);
		put_text(r, sum.of);
		put_count(r, sum.gifts);
		if (is_goods) {
			put_count(r, sum.given);
			put_count(r, sum.goal);
		} else {
			put_money(r, sum.given, sum.of);
			put_money(r, sum.goal, sum.of);
		}
	}
}

int part_campaigns(struct report *r, struct source *s)
{
	static const struct heading money[] = {
		{ "association", N_("association"), 'l', false },
		{ "campaign", N_("campaign"), 'l', false },
		{ "currency", N_("currency"), 'l', false },
		{ "gifts", N_("gifts"), 'r', false },
		{ "given", N_("given"), 'r', false },
		{ "goal", N_("goal"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	static const struct heading goods[] = {
		{ "association", N_("association"), 'l', false },
		{ "campaign", N_("campaign"), 'l', false },
		{ "item", N_("item"), 'l', false },
		{ "gifts", N_("gifts"), 'r', false },
		{ "given", N_("given"), 'r', false },
		{ "goal", N_("goal"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	struct asking all = { .s = s };
	size_t i = 0;
	int err = store_kind(s->store, KIND_CAMPAIGN, take_goal, &all);

	if (err == 0)
		err = store_kind(s->store, KIND_DONATE, take_gift, &all);
	if (all.n > 0)
		qsort(all.at, all.n, sizeof(*all.at), asked_cmp);
	report_section(r, "campaigns", N_("Campaigns"), money,
		       N_("none recorded"));
	if (err == 0)
		put_all(r, &all, &i, false);
	report_section(r, "campaign_goods", N_("Goods for campaigns"), goods,
		       N_("none recorded"));
	if (err == 0)
		put_all(r, &all, &i, true);
	free(all.at);
	return err;
}
