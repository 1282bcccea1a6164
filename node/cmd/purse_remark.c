#include "node/cmd/purse_remark.h"

#include "node/cmd/closings.h"
#include "node/text/i18n.h"
#include "store/book.h"

#include <string.h>

/* Is what is recorded dated in a period that is closed, or not over? */
static void remark_period(struct recording *r, const struct member *me)
{
	const struct record *rec = &r->form->rec;
	uint64_t date = recording_date(r);
	const struct closing *c;
	struct closings all;
	struct period p;

	if (rec->kind == KIND_BANK &&
	    period_read(&p, (const char *)rec->v[FACT_PERIOD].p,
			rec->v[FACT_PERIOD].n) == 0) {
		if (p.to_ms > date)
			remark(&r->remarks, _("%s is not over yet"), p.text);
		date = p.to_ms - 1;
	}
	if (closings_load(&all, r->desk.store) == 0) {
		c = closings_within(&all, &me->association, date, date + 1);
		if (c != NULL)
			remark(&r->remarks,
			       _("%s is closed: the audit will show that this "
				 "came later"),
			       c->period.text);
	}
	closings_release(&all);
}

static void remark_currency(struct recording *r)
{
	static const enum fact facts[] = { FACT_AMOUNT, FACT_VALUE, FACT_GOAL,
					   FACT_CLOSING };
	const struct charter *c = roster_charter(desk_roster(&r->desk));
	uint64_t minor;
	char currency[4];

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (c != NULL &&
		    record_money(&r->form->rec, facts[i], &minor, currency) &&
		    strcmp(currency, c->currency) != 0)
			remark(&r->remarks,
			       _("%s is not %s, the currency of this network: "
				 "it is kept apart"),
			       currency, c->currency);
}

/* The fund that is spent from. */
struct taking {
	const struct pubkey *party;
	char label[LIMIT_LABEL + 1];
	char currency[4];
	int64_t left;
};

static int take_fund(void *arg, const struct fund *f)
{
	struct taking *t = arg;

	if (pubkey_eq(&f->party, t->party) && strcmp(f->label, t->label) == 0 &&
	    strcmp(f->currency, t->currency) == 0)
		t->left += fund_balance(f);
	return 0;
}

static void remark_fund(struct recording *r, const struct member *me)
{
	const struct record *rec = &r->form->rec;
	const struct value *label = &rec->v[FACT_FUND];
	struct taking t = { .party = &me->association };
	char takes[MONEY_SIZE], left[MONEY_SIZE];
	uint64_t minor;

	if (!record_money(rec, FACT_AMOUNT, &minor, t.currency))
		return;
	if (record_has(rec, FACT_FUND))
		memcpy(t.label, label->p, label->n);
	if (store_funds(r->desk.store, &me->association, take_fund, &t) != 0 ||
	    t.left >= (int64_t)minor)
		return;
	money_plain(takes, (int64_t)minor, t.currency);
	money_plain(left, t.left, t.currency);
	if (t.label[0] != '\0')
		remark(&r->remarks,
		       _("this takes %s %s and the fund '%s' has %s; the audit "
			 "will show it until what is missing is recorded"),
		       takes, t.currency, t.label, left);
	else
		remark(&r->remarks,
		       _("this takes %s %s and outside of all funds there are "
			 "%s; the audit will show it until what is missing is "
			 "recorded"),
		       takes, t.currency, left);
}

/* A record of one's association with the same value of a fact. */
struct match {
	struct recording *r;
	const struct member *me;
	struct book_view view;
	enum fact fact;
	char ref[REF_TEXT]; /* of the first; "" while there is none */
};

static int compare(void *arg, const struct book_record *rec)
{
	struct match *m = arg;
	const struct roster *roster = desk_roster(&m->r->desk);
	const struct member *by = roster_member(roster, &rec->author);
	const struct value *want = &m->r->form->rec.v[m->fact];
	struct book_record newest;
	bool is_any;
	int err;

	if (m->ref[0] != '\0' || by == NULL ||
	    !pubkey_eq(&by->association, &m->me->association))
		return 0;
	err = book_acting(&m->view, rec, &newest, &is_any);
	if (err != 0 || !is_any || !record_has(&newest.rec, m->fact) ||
	    newest.rec.v[m->fact].n != want->n ||
	    memcmp(newest.rec.v[m->fact].p, want->p, want->n) != 0)
		return err;
	ref_text(m->ref, roster, &rec->feed, rec->seq);
	return 0;
}

/* Is there one of this kind?  False, too, when the ledger cannot be read. */
static bool find(struct match *m, enum kind kind)
{
	struct store *s = m->r->desk.store;
	int err;

	m->ref[0] = '\0';
	if (store_view_open(s, &m->view) != 0)
		return false;
	err = store_kind(s, kind, compare, m);
	store_view_close(s);
	return err == 0 && m->ref[0] != '\0';
}

/* Accounts keep goods, hours and journeys apart; a journey whose refund was
 * given up is one of them. */
static void remark_sorts(struct recording *r)
{
	const struct record *rec = &r->form->rec;
	int sorts = record_has(rec, FACT_IN_KIND) + record_has(rec, FACT_HOURS);

	if (record_has(rec, FACT_KM) || record_uint(rec, FACT_WAIVED) != 0)
		sorts++;
	if (sorts > 1)
		remark(&r->remarks,
		       _("goods, hours, journeys and expenses given up stand "
			 "in "
			 "different accounts: record each as a gift of its "
			 "own"));
}

static void remark_gift(struct recording *r, struct match *m)
{
	const struct record *rec = &r->form->rec;
	const struct value *ref = &rec->v[FACT_SOURCE_REF];

	m->fact = FACT_SOURCE_REF;
	/* PROTOCOL: A reference that ends with `:` says where a gift was
	 * collected and not which one it is. */
	if (record_has(rec, FACT_SOURCE_REF) && ref->p[ref->n - 1] != ':' &&
	    find(m, KIND_DONATE))
		remark(&r->remarks,
		       _("%s is a gift with this reference already: the audit "
			 "will ask whether it is one gift"),
		       m->ref);
	m->fact = FACT_CAMPAIGN;
	if (record_has(rec, FACT_CAMPAIGN) && !find(m, KIND_CAMPAIGN))
		remark(&r->remarks,
		       _("nobody here announced the campaign '%.*s'"),
		       (int)rec->v[FACT_CAMPAIGN].n,
		       (const char *)rec->v[FACT_CAMPAIGN].p);
}

void purse_remark(struct recording *r)
{
	const struct roster *roster = desk_roster(&r->desk);
	const struct member *me =
		roster == NULL ? NULL
			       : roster_member(roster, &r->desk.identity);
	struct match m = { .r = r, .me = me, .fact = FACT_CAMPAIGN };
	uint32_t kind = r->form->rec.kind;

	if (me == NULL)
		return;
	remark_currency(r);
	if (kind == KIND_DONATE || kind == KIND_SPEND || kind == KIND_BANK)
		remark_period(r, me);
	if (kind == KIND_DONATE) {
		remark_sorts(r);
		remark_gift(r, &m);
	}
	if (kind == KIND_SPEND)
		remark_fund(r, me);
	if (kind == KIND_CAMPAIGN && find(&m, KIND_CAMPAIGN))
		remark(&r->remarks,
		       _("%s announced this campaign already, and goals add "
			 "up: "
			 "what changed is corrected with 'correct'"),
		       m.ref);
}
