#include "proto/audit/audit_money.h"

#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/*
 * Money recorded twice, or by somebody who may not; documents that are not
 * there yet.
 */

/* Is there an `attach` with a document?  1: there is. */
static int see_document(void *arg, const struct book_record *rec)
{
	(void)arg;
	return rec->rec.kind == KIND_ATTACH;
}

static int look_document(const struct look *l)
{
	int found = 0;

	if (!record_has(&l->rec->rec, FACT_DOC))
		found = l->view->refs(l->view->cookie, &l->rec->id, REF_CORRECT,
				      see_document, NULL);
	else
		found = 1;
	if (found != 0)
		return found < 0 ? found : 0;
	return look_case(l, FIN_06, NULL, 1);
}

static struct value value_of(const struct record *rec, enum fact f)
{
	return record_has(rec, f) ? rec->v[f] : (struct value){ .n = 0 };
}

static int take_cash(struct fold *f, const struct look *l, void *arg)
{
	const struct record *rec = &l->rec->rec;
	const struct member *m = fund_keeper(l->roster, &l->rec->author);
	struct purse *p = arg;
	struct look here = *l;
	struct cash c = { .kind = rec->kind,
			  .party = m,
			  .date_ms = record_date(l->rec),
			  .feed = (uint32_t)l->feed,
			  .at = (uint32_t)l->at };
	struct fund fund;
	int err;

	here.cases = p->cases;
	if (m == NULL)
		return look_case(&here, AUT_01, NULL, 1);
	if (rec->kind == KIND_SPEND) {
		err = look_document(&here);
		if (err != 0)
			return err;
	}
	err = fund_of(l->view, l->rec, &fund, &c.is_money);
	if (err != 0)
		return err;
	record_money(rec, FACT_AMOUNT, &c.minor, c.currency);
	c.is_campaign = record_has(rec, FACT_CAMPAIGN);
	c.is_upkeep = rec->kind == KIND_SPEND &&
		      record_uint(rec, FACT_CATEGORY) != 0; /* mission */
	c.doc = value_of(rec, FACT_DOC);
	c.ref = value_of(rec, FACT_SOURCE_REF);
	c.fund = value_of(rec, FACT_FUND);
	if (rec->kind == KIND_BANK) {
		record_money(rec, FACT_OPENING, &c.opening, c.currency);
		record_money(rec, FACT_CLOSING, &c.closing, c.currency);
		c.ref = rec->v[FACT_PERIOD];
		/* Money ends with the three letters of its currency. */
		c.fund.p = rec->v[FACT_CLOSING].p + rec->v[FACT_CLOSING].n - 3;
		c.fund.n = 3;
		err = period_read(&c.period, (const char *)c.ref.p, c.ref.n);
		if (err != 0)
			return 0;
	}
	(void)f;
	err = grow(&p->at, &p->max, p->n, sizeof(*p->at));
	if (err == 0)
		p->at[p->n++] = c;
	return err;
}

static int value_cmp(const struct value *a, const struct value *b)
{
	size_t n = a->n < b->n ? a->n : b->n;
	int c = n == 0 ? 0 : memcmp(a->p, b->p, n);

	return c != 0 ? c : (a->n > b->n) - (a->n < b->n);
}

/* What makes two spendings, or two gifts, look like one. */
static int likeness(const struct cash *x, const struct cash *y)
{
	int c = (x->kind > y->kind) - (x->kind < y->kind);

	if (c == 0)
		c = pubkey_cmp(&x->party->association, &y->party->association);
	if (c == 0 && x->kind == KIND_DONATE)
		return value_cmp(&x->ref, &y->ref);
	if (c == 0)
		c = value_cmp(&x->doc, &y->doc);
	if (c == 0)
		c = value_cmp(&x->fund, &y->fund);
	if (c == 0)
		c = strcmp(x->currency, y->currency);
	return c != 0 ? c : (x->minor > y->minor) - (x->minor < y->minor);
}

static int like_cmp(const void *a, const void *b)
{
	const struct cash *x = a, *y = b;
	int c = likeness(x, y);

	if (c == 0)
		c = (x->feed > y->feed) - (x->feed < y->feed);
	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

int cash_case(struct purse *p, enum finding_code code, const struct cash *at,
	      uint64_t amount)
{
	const struct audit_case c = { .code = code,
				      .feed = at->feed,
				      .at = at->at,
				      .who = at->party,
				      .item = (const char *)at->ref.p,
				      .item_n = at->ref.n,
				      .amount = amount };

	return cases_add(p->cases, &c);
}

/* PROTOCOL: A reference that ends with `:` says where a gift was collected and
 * not which one it is. */
static bool is_told(const struct cash *c)
{
	if (c->kind != KIND_DONATE)
		return c->doc.n > 0;
	return c->ref.n > 0 && c->ref.p[c->ref.n - 1] != ':';
}

/* A reference, or a document, is what tells. */
static int tell_twice(struct purse *p)
{
	int err = 0;

	if (p->n > 0)
		qsort(p->at, p->n, sizeof(*p->at), like_cmp);
	for (size_t i = 1; i < p->n && err == 0; i++) {
		struct cash *a = &p->at[i - 1], *b = &p->at[i];
		bool is_gift = b->kind == KIND_DONATE;

		if (b->kind == KIND_BANK || likeness(a, b) != 0 || !is_told(b))
			continue;
		/* Two people of one association: the finding is about who
		 * was first. */
		b->party = a->party;
		err = cash_case(p, is_gift ? DUP_04 : DUP_03, a, 0);
		if (err == 0)
			err = cash_case(p, is_gift ? DUP_04 : DUP_03, b, 1);
	}
	return err;
}

/* One fund after the other, its gifts to campaigns first. */
static int fund_cmp(const struct cash *x, const struct cash *y)
{
	int c = pubkey_cmp(&x->party->association, &y->party->association);

	if (c == 0)
		c = value_cmp(&x->fund, &y->fund);
	return c != 0 ? c : strcmp(x->currency, y->currency);
}

static int purpose_cmp(const void *a, const void *b)
{
	const struct cash *x = a, *y = b;
	int c = fund_cmp(x, y);

	if (c == 0)
		c = (int)y->is_campaign - (int)x->is_campaign;
	if (c == 0)
		c = (x->feed > y->feed) - (x->feed < y->feed);
	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

/* PROTOCOL: From a fund with a name, to which gifts for a campaign went,
 * something else than the mission was paid. */
static int tell_purpose(struct purse *p)
{
	const struct cash *gift = NULL;
	int err = 0;

	if (p->n > 0)
		qsort(p->at, p->n, sizeof(*p->at), purpose_cmp);
	for (size_t i = 0; i < p->n && err == 0; i++) {
		struct cash c = p->at[i];

		if (c.kind == KIND_BANK || c.fund.n == 0)
			continue;
		if (c.is_campaign && c.is_money)
			gift = &p->at[i];
		if (!c.is_upkeep || gift == NULL || fund_cmp(gift, &c) != 0)
			continue;
		c.ref = c.fund;
		err = cash_case(p, FIN_02, &c, 1);
	}
	return err;
}

int money_tell(struct fold *f, struct cases *cases)
{
	struct purse p = { .cases = cases };
	int err = rules_each(f, KIND_DONATE, KIND_BANK, take_cash, &p);

	if (err == 0)
		err = bank_tell(&p);
	if (err == 0)
		err = tell_purpose(&p);
	if (err == 0)
		err = tell_twice(&p);
	if (err == 0)
		err = closing_tell(f, cases);
	free(p.at);
	return err;
}
