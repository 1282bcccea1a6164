#include "node/report/source.h"

#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/* One bank statement, and what the books say of the same time. */
struct statement {
	struct pubkey party;
	struct period period;
	char currency[4];
	int64_t opening, closing;
	int64_t donated, spent;
	struct position at;
};

struct statements {
	struct source *s;
	struct report *r;
	struct statement *at; /* owned */
	size_t n, max;
};

static int take_statement(void *arg, const struct book_record *rec)
{
	struct statements *all = arg;
	const struct member *m = fund_keeper(all->s->roster, &rec->author);
	struct statement x = { .at = { rec->feed, rec->seq, rec->id } };
	struct book_record newest;
	uint64_t opening = 0, closing = 0;
	char other[4];
	bool is_any;
	int err;

	if (m == NULL || !narrow_member(all->s->narrow, &rec->author))
		return 0;
	err = book_acting(&all->s->view, rec, &newest, &is_any);
	if (err != 0 || !is_any ||
	    period_read(&x.period, (const char *)newest.rec.v[FACT_PERIOD].p,
			newest.rec.v[FACT_PERIOD].n) != 0 ||
	    !source_has(all->s, x.period.to_ms - 1))
		return err;
	x.party = m->association;
	record_money(&newest.rec, FACT_OPENING, &opening, x.currency);
	record_money(&newest.rec, FACT_CLOSING, &closing, other);
	x.opening = (int64_t)opening;
	x.closing = (int64_t)closing;
	err = grow(&all->at, &all->max, all->n, sizeof(*all->at));
	if (err == 0)
		all->at[all->n++] = x;
	return err;
}

/* Add a gift or a spending to the statements of its time; was there one? */
static bool match(struct statements *all, const struct fund *f, uint64_t date)
{
	bool is_matched = false;

	for (size_t i = 0; i < all->n; i++) {
		struct statement *x = &all->at[i];

		if (!pubkey_eq(&x->party, &f->party) ||
		    strcmp(x->currency, f->currency) != 0 ||
		    !period_has(&x->period, date))
			continue;
		x->donated += f->donated;
		x->spent += f->spent;
		is_matched = true;
	}
	return is_matched;
}

static void put_unmatched(struct statements *all, const struct book_record *rec,
			  const struct fund *f, uint64_t date, const char *why)
{
	struct report *r = all->r;

	put_ref(r, all->s, &rec->feed, rec->seq);
	put_day(r, date);
	put_word(r, rec->rec.kind == KIND_DONATE ? N_("gift") : N_("spending"));
	put_text(r, f->currency);
	put_money(r, f->donated + f->spent, f->currency);
	put_word(r, why);
}

static int take_money(void *arg, const struct book_record *rec)
{
	struct statements *all = arg;
	struct book_record newest;
	struct fund f;
	uint64_t date;
	bool is_any;
	int err;

	if (!narrow_member(all->s->narrow, &rec->author))
		return 0;
	err = fund_of(&all->s->view, rec, &f, &is_any);
	if (err == 0 && is_any)
		err = book_acting(&all->s->view, rec, &newest, &is_any);
	if (err != 0 || !is_any)
		return err;
	date = record_date(&newest);
	if (!source_has(all->s, date))
		return 0;
	if (!match(all, &f, date))
		put_unmatched(all, &newest, &f, date,
			      N_("no bank statement of that time"));
	if (newest.rec.kind == KIND_DONATE &&
	    !record_has(&newest.rec, FACT_SOURCE_REF))
		put_unmatched(all, &newest, &f, date,
			      N_("not said where it was collected"));
	if (newest.rec.kind == KIND_SPEND && !record_has(&newest.rec, FACT_DOC))
		put_unmatched(all, &newest, &f, date, N_("no invoice"));
	return 0;
}

static void put_statement(struct report *r, struct source *s,
			  const struct statement *x)
{
	int64_t bank = x->closing - x->opening;
	int64_t books = x->donated - x->spent;

	put_member(r, s, &x->party);
	put_text(r, x->period.text);
	put_text(r, x->currency);
	put_money(r, x->opening, x->currency);
	put_money(r, x->closing, x->currency);
	put_money(r, bank, x->currency);
	put_money(r, x->donated, x->currency);
	put_money(r, x->spent, x->currency);
	put_money(r, bank - books, x->currency);
}

static int part_bank(struct report *r, struct source *s)
{
	static const struct heading unmatched[] = {
		{ "ref", N_("record"), 'l', false },
		{ "date", N_("date"), 'l', false },
		{ "what", N_("what"), 'l', false },
		{ "currency", N_("currency"), 'l', false },
		{ "amount", N_("amount"), 'r', false },
		{ "why", N_("why"), 'l', false },
		{ NULL, NULL, 0, false },
	};
	static const struct heading columns[] = {
		{ "association", N_("association"), 'l', false },
		{ "period", N_("period"), 'l', false },
		{ "currency", N_("currency"), 'l', false },
		{ "opening", N_("opening"), 'r', false },
		{ "closing", N_("closing"), 'r', false },
		{ "bank", N_("bank moved"), 'r', false },
		{ "donated", N_("donated"), 'r', false },
		{ "spent", N_("spent"), 'r', false },
		{ "difference", N_("difference"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	struct statements all = { .s = s, .r = r };
	struct section swap;
	int err = store_kind(s->store, KIND_BANK, take_statement, &all);

	report_section(r, "unmatched", N_("What matches nothing"), unmatched,
		       N_("none found"));
	if (err == 0)
		err = store_kind(s->store, KIND_DONATE, take_money, &all);
	if (err == 0)
		err = store_kind(s->store, KIND_SPEND, take_money, &all);
	report_section(r, "bank", N_("The books against the bank"), columns,
		       N_("no bank statement is recorded"));
	for (size_t i = 0; i < all.n && err == 0; i++)
		put_statement(r, s, &all.at[i]);
	free(all.at);
	/* Matching fills the statements in, so they were made second. */
	swap = r->section[r->n - 1];
	r->section[r->n - 1] = r->section[r->n - 2];
	r->section[r->n - 2] = swap;
	return err;
}

/* Gifts that never were in the bank. */
struct in_kind {
	struct source *s;
	struct funds worth; /* by sort, in place of the fund */
	int64_t hours, km;
};

static const char *const sorts[] = { N_("goods"), N_("waived expenses"),
				     N_("hours"), N_("kilometres") };

static size_t sort_of(const struct record *rec)
{
	if (record_has(rec, FACT_IN_KIND))
		return 0;
	if (record_uint(rec, FACT_WAIVED) != 0)
		return 1;
	if (record_has(rec, FACT_HOURS))
		return 2;
	return record_has(rec, FACT_KM) ? 3 : 4;
}

static int take_in_kind(void *arg, const struct book_record *rec)
{
	struct in_kind *k = arg;
	const struct member *m = fund_keeper(k->s->roster, &rec->author);
	struct fund one = { .donated = 0 };
	struct book_record newest;
	uint64_t minor = 0;
	size_t sort;
	bool is_any;
	int err;

	if (m == NULL || !narrow_member(k->s->narrow, &rec->author))
		return 0;
	err = book_acting(&k->s->view, rec, &newest, &is_any);
	if (err != 0 || !is_any || !source_has(k->s, record_date(&newest)))
		return err;
	sort = sort_of(&newest.rec);
	if (sort == 4 ||
	    !record_money(&newest.rec, FACT_AMOUNT, &minor, one.currency))
		return 0;
	k->hours += (int64_t)record_uint(&newest.rec, FACT_HOURS);
	k->km += (int64_t)record_uint(&newest.rec, FACT_KM);
	memcpy(one.label, sorts[sort], strlen(sorts[sort]) + 1);
	one.donated = (int64_t)minor;
	err = grow(&k->worth.at, &k->worth.max, k->worth.n,
		   sizeof(*k->worth.at));
	if (err == 0)
		k->worth.at[k->worth.n++] = one;
	return err;
}

static int part_in_kind(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "sort", N_("sort"), 'l', false },
		{ "quantity", N_("how many"), 'r', false },
		{ "currency", N_("currency"), 'l', false },
		{ "worth", N_("worth"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	struct in_kind k = { .s = s };
	int err = store_kind(s->store, KIND_DONATE, take_in_kind, &k);

	funds_sort(&k.worth);
	funds_merge(&k.worth);
	report_section(r, "in_kind", N_("Voluntary contributions in kind"),
		       columns, N_("none recorded"))
		->note = N_("These never were in the bank: class 8 of the "
			    "French plan of accounts.");
	for (size_t i = 0; i < k.worth.n && err == 0; i++) {
		const struct fund *f = &k.worth.at[i];
		size_t sort = 0;

		while (sort < 3 && strcmp(sorts[sort], f->label) != 0)
			sort++;
		put_word(r, sorts[sort]);
		if (sort < 2)
			put_none(r);
		else
			put_count(r, sort == 2 ? k.hours : k.km);
		put_text(r, f->currency);
		put_money(r, f->donated, f->currency);
	}
	funds_release(&k.worth);
	return err;
}

int report_treasurer(struct report *r, struct source *s)
{
	static report_part *const parts[] = {
		part_funds, part_spending, part_campaigns,
		part_bank,  part_in_kind,  part_closings,
		NULL
	};

	report_init(r, "treasurer", N_("Treasurer's report"));
	return report_parts(r, s, parts);
}
