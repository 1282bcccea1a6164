#include "node/cmd/closings.h"
#include "node/report/source.h"
#include "node/text/i18n.h"
#include "proto/grow.h"
#include "store/book.h"

#include <string.h>

/*
 * Sections about money that several reports have.
 */

/* Money before the period and in it; and by category. */
struct purse {
	struct source *s;
	struct funds before, within, spending;
};

static const char *const categories[] = { N_("mission"), N_("fundraising"),
					  N_("running") };

static int add_part(struct funds *f, const struct fund *one)
{
	int err = grow(&f->at, &f->max, f->n, sizeof(*f->at));

	if (err == 0)
		f->at[f->n++] = *one;
	return err;
}

/* A spending, under its category in place of its fund. */
static int add_spending(struct purse *m, const struct book_record *rec,
			struct fund one)
{
	const char *name = N_("not said");

	if (rec->rec.kind != KIND_SPEND)
		return 0;
	if (record_has(&rec->rec, FACT_CATEGORY))
		name = categories[record_uint(&rec->rec, FACT_CATEGORY) % 3];
	memset(&one.party, 0, sizeof(one.party));
	memcpy(one.label, name, strlen(name) + 1);
	return add_part(&m->spending, &one);
}

static int take_money(void *arg, const struct book_record *rec)
{
	struct purse *m = arg;
	struct book_record newest;
	struct fund one;
	bool is_any;
	int err;

	if (!narrow_member(m->s->narrow, &rec->author))
		return 0;
	err = fund_of(&m->s->view, rec, &one, &is_any);
	if (err == 0 && is_any)
		err = book_acting(&m->s->view, rec, &newest, &is_any);
	if (err != 0 || !is_any)
		return err;
	if (!source_has(m->s, record_date(&newest)))
		return record_date(&newest) < m->s->period.from_ms
			       ? add_part(&m->before, &one)
			       : 0;
	err = add_part(&m->within, &one);
	return err == 0 ? add_spending(m, &newest, one) : err;
}

static int money_read(struct purse *m, struct source *s)
{
	int err;

	*m = (struct purse){ .s = s };
	err = store_kind(s->store, KIND_DONATE, take_money, m);
	if (err == 0)
		err = store_kind(s->store, KIND_SPEND, take_money, m);
	funds_sort(&m->before);
	funds_merge(&m->before);
	funds_sort(&m->within);
	funds_merge(&m->within);
	funds_sort(&m->spending);
	funds_merge(&m->spending);
	return err;
}

static void money_release(struct purse *m)
{
	funds_release(&m->before);
	funds_release(&m->within);
	funds_release(&m->spending);
}

static void put_fund(struct report *r, const struct source *s,
		     const struct fund *f, int64_t opening)
{
	put_member(r, s, &f->party);
	put_text(r, f->label);
	put_text(r, f->currency);
	put_money(r, opening, f->currency);
	put_money(r, f->donated, f->currency);
	put_money(r, f->spent, f->currency);
	put_money(r, opening + fund_balance(f), f->currency);
}

static int fund_order(const struct fund *a, const struct fund *b)
{
	int c = pubkey_cmp(&a->party, &b->party);

	if (c == 0)
		c = strcmp(a->label, b->label);
	return c != 0 ? c : strcmp(a->currency, b->currency);
}

int part_funds(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "association", N_("association"), 'l', false },
		{ "fund", N_("fund"), 'l', false },
		{ "currency", N_("currency"), 'l', false },
		{ "opening", N_("before"), 'r', false },
		{ "donated", N_("donated"), 'r', false },
		{ "spent", N_("spent"), 'r', false },
		{ "balance", N_("balance"), 'r', true },
		{ NULL, NULL, 0, false },
	};
	struct purse m;
	size_t i = 0, k = 0;
	int err = money_read(&m, s);

	report_section(r, "funds", N_("Money"), columns, N_("none recorded"))
		->note = N_("In a row without a fund is what was given for no "
			    "purpose of its own, and spent from that.");
	while (err == 0 && (i < m.before.n || k < m.within.n)) {
		const struct fund *old = &m.before.at[i], *now;
		int c = i == m.before.n   ? 1
			: k == m.within.n ? -1
					  : fund_order(old, &m.within.at[k]);
		struct fund none;

		if (c < 0) {
			none = *old;
			none.donated = none.spent = 0;
			now = &none;
		} else {
			now = &m.within.at[k++];
		}
		put_fund(r, s, now, c <= 0 ? fund_balance(old) : 0);
		i += c <= 0;
	}
	report_sort(r);
	money_release(&m);
	return err;
}

int part_spending(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "category", N_("category"), 'l', false },
		{ "currency", N_("currency"), 'l', false },
		{ "spent", N_("spent"), 'r', true },
		{ NULL, NULL, 0, false },
	};
	struct purse m;
	int err = money_read(&m, s);

	report_section(r, "spending", N_("Spending by category"), columns,
		       N_("none recorded"));
	for (size_t i = 0; i < m.spending.n && err == 0; i++) {
		const struct fund *f = &m.spending.at[i];
		const char *word = N_("not said");

		for (size_t c = 0; c < 3; c++)
			if (strcmp(categories[c], f->label) == 0)
				word = categories[c];
		put_word(r, word);
		put_text(r, f->currency);
		put_money(r, f->spent, f->currency);
	}
	money_release(&m);
	return err;
}

/* What came too late for a closing. */
struct lateness {
	struct source *s;
	const struct closing *c;
	int64_t n;
};

static int count_late(void *arg, const struct book_record *rec)
{
	struct lateness *l = arg;
	bool is_late;
	int err = closing_is_late(l->c, &l->s->view, rec, &is_late);

	l->n += err == 0 && is_late;
	return err;
}

static int put_closing(struct report *r, struct source *s,
		       const struct closing *c)
{
	static const uint32_t kinds[] = { KIND_DONATE, KIND_SPEND, KIND_BANK };
	struct lateness l = { s, c, 0 };
	struct funds f = { NULL, 0, 0 };
	struct sha hash = { { 0 } };
	int err = closings_sum(&f, &hash, c, s->store);

	for (size_t i = 0; i < 3 && err == 0; i++)
		err = store_kind(s->store, kinds[i], count_late, &l);
	funds_release(&f);
	put_member(r, s, &c->party);
	put_text(r, c->period.text);
	put_ref(r, s, &c->at.feed, c->at.seq);
	put_word(r, sha_eq(&hash, &c->balances)
			    ? N_("the same when made again")
			    : N_("different when made again"));
	put_count(r, l.n);
	put_hex(r, c->balances.b, sizeof(c->balances.b));
	return err;
}

int part_closings(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "association", N_("association"), 'l', false },
		{ "period", N_("period"), 'l', false },
		{ "ref", N_("record"), 'l', false },
		{ "check", N_("check"), 'l', false },
		{ "late", N_("dated inside, recorded later"), 'r', false },
		{ "balances", N_("hash of the balances"), 'l', false },
		{ NULL, NULL, 0, false },
	};
	struct closings all;
	int err = closings_load(&all, s->store);

	report_section(r, "periods", N_("Periods that are closed"), columns,
		       N_("none"));
	for (size_t i = 0; i < all.n && err == 0; i++)
		if (narrow_member(s->narrow, &all.at[i].party))
			err = put_closing(r, s, &all.at[i]);
	closings_release(&all);
	return err;
}
