#include "proto/audit/audit_money.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/*
 * Closed periods: what came too late for them, and whether what was frozen is
 * what the records say.
 */

struct shut {
	struct closing closing;
	struct value period; /* borrowed of the entry */
};

/* A gift or a spending that counts, whether it acts today or not.  Most are as
 * they ever were: nothing refers to them, and they refer to nothing. */
struct gift {
	const struct member *keeper;
	bool is_plain;     /* else the rest of it follows from who looks */
	const char *label; /* borrowed of the entry */
	size_t label_n;
	char currency[4];
	int64_t donated, spent;
	uint64_t date_ms;
	uint32_t feed, at;
	size_t party, fund; /* numbers that its like have */
};

/* What acts today, and may be late. */
struct dated {
	const struct member *keeper;
	uint64_t date_ms;
	uint32_t feed, at;
	size_t party; /* a number that those of its association have */
};

struct shutting {
	struct shut *at; /* owned */
	size_t n, max;
	struct gift *gifts; /* by association and fund, owned */
	size_t gifts_n, gifts_max;
	struct dated *dated; /* by association and date, owned */
	size_t dated_n, dated_max;
	uint64_t *read; /* of each feed, by the period under way; owned */
	struct cases *cases;
};

/* Periods closed by somebody who may not. */
static int take_stranger(struct fold *f, const struct look *l, void *arg)
{
	struct shutting *s = arg;
	struct look here = *l;

	here.cases = s->cases;
	return fund_keeper(f->a->roster, &l->rec->author) != NULL
		       ? 0
		       : look_case(&here, AUT_01, NULL, 1);
}

/* PROTOCOL: What was closed stays closed: an audit takes each `period` record
 * as it was first written, whatever became of it. */
static int take_closing(struct fold *f, struct shutting *s, size_t feed,
			size_t at)
{
	struct book_view view = index_view(f->index, f->a->roster);
	struct book_record rec;
	struct closing c;
	bool is_any = false;
	int err = grow(&s->at, &s->max, s->n, sizeof(*s->at));

	if (err == 0)
		err = index_record(f->index, &rec, feed, at);
	if (err == 0)
		err = closing_ever(&view, &rec, &c, &is_any);
	if (err == 0 && is_any)
		s->at[s->n++] = (struct shut){ c, rec.rec.v[FACT_PERIOD] };
	return err;
}

static int take_closings(struct fold *f, struct shutting *s)
{
	int err = rules_each(f, KIND_PERIOD, KIND_PERIOD, take_stranger, s);

	for (size_t i = 0; i < f->feeds_n && err == 0; i++) {
		const struct audit_scan *scan = f->feeds[i].scan;

		if (!scan_has(scan, KIND_PERIOD, KIND_PERIOD))
			continue;
		for (size_t k = 0; k < scan->n && err == 0; k++)
			if (scan->at[k].kind == KIND_PERIOD &&
			    index_counts(&f->feeds[i], k))
				err = take_closing(f, s, i, k);
	}
	return err;
}

static int take_dated(struct fold *f, const struct look *l, void *arg)
{
	struct shutting *s = arg;
	struct dated d = { .keeper = fund_keeper(f->a->roster, &l->rec->author),
			   .feed = (uint32_t)l->feed,
			   .at = (uint32_t)l->at };
	int err;

	if (d.keeper == NULL || !closing_date(&d.date_ms, l->rec))
		return 0;
	err = grow(&s->dated, &s->dated_max, s->dated_n, sizeof(d));
	if (err == 0)
		s->dated[s->dated_n++] = d;
	return err;
}

/* What a gift is that nobody changes. */
static int read_gift(struct gift *g, const struct fold *f, bool *is_any)
{
	struct book_view view = index_view(f->index, f->a->roster);
	struct book_record rec;
	struct fund fund;
	int err = index_record(f->index, &rec, g->feed, g->at);

	if (err == 0)
		err = fund_of(&view, &rec, &fund, is_any);
	if (err != 0 || !*is_any)
		return err;
	if (record_has(&rec.rec, FACT_FUND)) {
		g->label = (const char *)rec.rec.v[FACT_FUND].p;
		g->label_n = rec.rec.v[FACT_FUND].n;
	}
	memcpy(g->currency, fund.currency, sizeof(g->currency));
	g->donated = fund.donated;
	g->spent = fund.spent;
	g->date_ms = record_date(&rec);
	return 0;
}

static int take_gift(const struct fold *f, struct shutting *s, size_t feed,
		     size_t at)
{
	const struct audit_feed *from = &f->feeds[feed];
	const struct scanned *e = &from->scan->at[at];
	struct gift g = { .keeper = fund_keeper(f->a->roster, &from->author),
			  .is_plain = !e->is_target && !e->is_part,
			  .feed = (uint32_t)feed,
			  .at = (uint32_t)at };
	bool is_any = true;
	int err = 0;

	if ((e->kind != KIND_DONATE && e->kind != KIND_SPEND) ||
	    !index_counts(from, at) || g.keeper == NULL)
		return 0;
	if (g.is_plain)
		err = read_gift(&g, f, &is_any);
	if (err == 0 && is_any)
		err = grow(&s->gifts, &s->gifts_max, s->gifts_n, sizeof(g));
	if (err == 0 && is_any)
		s->gifts[s->gifts_n++] = g;
	return err;
}

static int keeper_cmp(const struct member *a, const struct member *b)
{
	return pubkey_cmp(&a->association, &b->association);
}

static int by_fund(const void *a, const void *b)
{
	const struct gift *x = a, *y = b;
	size_t n = x->label_n < y->label_n ? x->label_n : y->label_n;
	int c = keeper_cmp(x->keeper, y->keeper);

	if (c == 0 && n > 0)
		c = memcmp(x->label, y->label, n);
	if (c == 0)
		c = (x->label_n > y->label_n) - (x->label_n < y->label_n);
	return c != 0 ? c : strcmp(x->currency, y->currency);
}

static int by_date(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;
	int c = keeper_cmp(x->keeper, y->keeper);

	return c != 0 ? c
		      : (x->date_ms > y->date_ms) - (x->date_ms < y->date_ms);
}

/* So that they are not compared for each period. */
static void number_all(struct shutting *s)
{
	for (size_t i = 1; i < s->dated_n; i++)
		s->dated[i].party = s->dated[i - 1].party +
				    (keeper_cmp(s->dated[i - 1].keeper,
						s->dated[i].keeper) != 0);
	for (size_t i = 1; i < s->gifts_n; i++) {
		const struct gift *last = &s->gifts[i - 1];
		struct gift *g = &s->gifts[i];

		g->party = last->party +
			   (keeper_cmp(last->keeper, g->keeper) != 0);
		g->fund = last->fund + (by_fund(last, g) != 0);
	}
}

/* All money, once. */
static int gather(struct fold *f, struct shutting *s)
{
	int err = rules_each(f, KIND_DONATE, KIND_BANK, take_dated, s);

	for (size_t i = 0; i < f->feeds_n && err == 0; i++) {
		const struct audit_scan *scan = f->feeds[i].scan;

		if (!scan_has(scan, KIND_DONATE, KIND_SPEND))
			continue;
		for (size_t k = 0; k < scan->n && err == 0; k++)
			err = take_gift(f, s, i, k);
	}
	s->read = calloc(f->feeds_n + 1, sizeof(*s->read));
	if (s->read == NULL)
		err = ERR_NOMEM;
	if (err == 0 && s->gifts_n > 0)
		qsort(s->gifts, s->gifts_n, sizeof(*s->gifts), by_fund);
	if (err == 0 && s->dated_n > 0)
		qsort(s->dated, s->dated_n, sizeof(*s->dated), by_date);
	number_all(s);
	return err;
}

/* How far each feed had been read: seq, or 0 to forget it. */
static void set_read(const struct fold *f, struct shutting *s,
		     const struct closing *c, bool is_set)
{
	for (size_t i = 0; i < c->runs_n; i++) {
		size_t feed = index_feed(f->index, &c->runs[i].feed);

		if (feed != SIZE_MAX)
			s->read[feed] = is_set ? c->runs[i].seq : 0;
	}
}

static int tell_late(const struct shutting *s, const struct closing *c)
{
	size_t low = 0, high = s->dated_n;
	int err = 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int k = pubkey_cmp(&s->dated[mid].keeper->association,
				   &c->party);

		if (k < 0 ||
		    (k == 0 && s->dated[mid].date_ms < c->period.from_ms))
			low = mid + 1;
		else
			high = mid;
	}
	if (low < s->dated_n &&
	    !pubkey_eq(&s->dated[low].keeper->association, &c->party))
		return 0;
	for (size_t i = low; i < s->dated_n && err == 0; i++) {
		const struct dated *d = &s->dated[i];
		struct audit_case late = {
			.code = TIM_11,
			.feed = d->feed,
			.at = d->at,
			.who = d->keeper,
			.amount = 1,
		};

		if (d->party != s->dated[low].party ||
		    d->date_ms >= c->period.to_ms)
			break;
		if (d->at >= s->read[d->feed])
			err = cases_add(s->cases, &late);
	}
	return err;
}

/* One plain gift; a fund that was begun is the last one. */
static int add_plain(struct funds *sum, const struct gift *g, bool is_begun)
{
	struct fund *last;
	int err = 0;

	if (!is_begun) {
		err = grow(&sum->at, &sum->max, sum->n, sizeof(*sum->at));
		if (err != 0)
			return err;
		last = &sum->at[sum->n++];
		memset(last, 0, sizeof(*last));
		last->party = g->keeper->association;
		if (g->label_n > 0 && g->label_n <= LIMIT_LABEL)
			memcpy(last->label, g->label, g->label_n);
		memcpy(last->currency, g->currency, sizeof(last->currency));
	}
	last = &sum->at[sum->n - 1];
	last->donated += g->donated;
	last->spent += g->spent;
	return 0;
}

/* The first gift of an association, or where it would be. */
static size_t gifts_of(const struct shutting *s, const struct pubkey *party)
{
	size_t low = 0, high = s->gifts_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&s->gifts[mid].keeper->association, party) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Those of one association stand together, and among them those of a fund. */
static int add_gifts(struct funds *sum, const struct fold *f,
		     const struct shutting *s, const struct closing *c)
{
	struct book_view view = index_view(f->index, f->a->roster);
	struct closing_past past = { c, &view };
	size_t begun = SIZE_MAX, first = gifts_of(s, &c->party);
	int err = 0;

	if (first < s->gifts_n &&
	    !pubkey_eq(&s->gifts[first].keeper->association, &c->party))
		return 0;
	for (size_t i = first; i < s->gifts_n && err == 0; i++) {
		const struct gift *g = &s->gifts[i];
		struct book_record rec;

		if (g->party != s->gifts[first].party)
			break;
		if (g->at >= s->read[g->feed] ||
		    (g->is_plain && g->date_ms >= c->period.to_ms))
			continue;
		if (g->is_plain) {
			err = add_plain(sum, g, g->fund == begun);
			begun = g->fund;
			continue;
		}
		begun = SIZE_MAX;
		err = index_record(f->index, &rec, g->feed, g->at);
		if (err == 0)
			err = closing_add(sum, &past, &rec);
	}
	return err;
}

/* Is all here that was read, of people who keep accounts still?  Roles are as
 * they are now, and whose role was changed has not closed anything wrongly. */
static bool is_whole(const struct fold *f, const struct closing *c)
{
	for (size_t i = 0; i < c->runs_n; i++) {
		const struct position *p = &c->runs[i];
		size_t feed = index_feed(f->index, &p->feed);

		if (feed == SIZE_MAX ||
		    fund_keeper(f->a->roster, &f->feeds[feed].author) == NULL ||
		    p->seq > f->feeds[feed].scan->n ||
		    p->seq > f->feeds[feed].counted_to ||
		    !id_eq(&f->feeds[feed].scan->at[p->seq - 1].id, &p->id))
			return false;
	}
	return true;
}

/* Balances that nobody can make again, for want of what had been read. */
static int tell_unread(struct fold *f, const struct closing *c)
{
	struct finding x = { .code = REF_01 };

	hex_encode(x.subject, c->at.id.b, sizeof(c->at.id.b));
	fold_name(f, x.who, sizeof(x.who), &c->at.feed);
	finding_prove(&x, &c->at);
	return findings_add(&f->a->findings, &x);
}

static int tell_closing(struct fold *f, struct shutting *s,
			const struct shut *shut)
{
	const struct closing *c = &shut->closing;
	size_t feed = index_feed(f->index, &c->at.feed);
	struct audit_case wrong = {
		.code = FIN_07,
		.feed = (uint32_t)feed,
		.at = (uint32_t)(c->at.seq - 1),
		.who = roster_member(f->a->roster, &f->feeds[feed].author),
		.item = (const char *)shut->period.p,
		.item_n = shut->period.n,
		.amount = 1,
	};
	struct funds sum = { NULL, 0, 0 };
	struct sha hash;
	int err;

	set_read(f, s, c, true);
	err = tell_late(s, c);
	if (err == 0)
		err = add_gifts(&sum, f, s, c);
	if (err == 0)
		err = closing_hash(&hash, c, &f->a->network, &sum);
	if (err == 0 && !is_whole(f, c))
		err = tell_unread(f, c);
	else if (err == 0 && !sha_eq(&hash, &c->balances))
		err = cases_add(s->cases, &wrong);
	set_read(f, s, c, false);
	funds_release(&sum);
	return err;
}

int closing_tell(struct fold *f, struct cases *cases)
{
	struct shutting s = { .cases = cases };
	int err = take_closings(f, &s);

	if (err == 0 && s.n > 0)
		err = gather(f, &s);
	for (size_t i = 0; i < s.n && err == 0; i++)
		err = tell_closing(f, &s, &s.at[i]);
	for (size_t i = 0; i < s.n; i++)
		closing_release(&s.at[i].closing);
	free(s.at);
	free(s.gifts);
	free(s.dated);
	free(s.read);
	return err;
}
