#include "node/cmd/closings.h"
#include "node/cmd/purse.h"
#include "node/report/source.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "proto/book/demand.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/*
 * Sections that several reports have.
 */

static int64_t acknowledged(const int64_t col[static COL_COUNT])
{
	return col[COL_ACK_A] + col[COL_ACK_B] + col[COL_ACK_C];
}

int part_goods(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "item", N_("item"), 'l', false },
		{ "unit", N_("unit"), 'l', false },
		{ "produced", N_("produced"), 'r', false },
		{ "delivered", N_("delivered"), 'r', false },
		{ "A", N_("ack. A"), 'r', false },
		{ "B", N_("ack. B"), 'r', false },
		{ "C", N_("ack. C"), 'r', false },
		{ "acknowledged", N_("acknowledged"), 'r', true },
		{ "claimed", N_("claimed"), 'r', false },
		{ "in_transit", N_("in transit"), 'r', false },
		{ "on_hand", N_("on hand"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	static const enum column shown[] = { COL_PRODUCED, COL_DELIVERED,
					     COL_ACK_A, COL_ACK_B, COL_ACK_C };
	struct figures f = { NULL, 0, 0 };
	int err = source_goods(s, &f);

	report_section(r, "items", N_("Goods"), columns, N_("none recorded"))
		->note = N_("A: by the recipient's own key. B: by a key that "
			    "others enrolled for it. C: a signed paper, "
			    "entered by a third member. Claimed is the "
			    "sender's word, and stays in transit.");
	for (size_t i = 0; i < f.n && err == 0; i++) {
		const int64_t *col = f.at[i].col;

		put_text(r, f.at[i].item);
		put_text(r, catalog_unit(&s->catalog, f.at[i].item));
		for (size_t c = 0; c < sizeof(shown) / sizeof(shown[0]); c++)
			put_count(r, col[shown[c]]);
		put_count(r, acknowledged(col));
		put_count(r, col[COL_CLAIMED]);
		put_count(r, col[COL_IN_TRANSIT]);
		put_count(r, col[COL_ON_HAND]);
	}
	figures_release(&f);
	return err;
}

int part_evidence(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "checkpoints", N_("checkpoints"), 'r', false },
		{ "unchecked", N_("of these not checked"), 'r', false },
		{ "cosignatures", N_("cosignatures of witnesses"), 'r', false },
		{ "witnessed", N_("newest time that a quorum said"), 'l',
		  false },
		{ NULL, NULL, 0, false },
	};
	const struct audit_attested *x = &s->audit->attested;

	report_facts(r, "evidence", N_("Checkpoints and witnesses"), columns);
	put_count(r, (int64_t)x->checkpoints);
	put_count(r, (int64_t)x->unchecked);
	put_count(r, (int64_t)x->cosignatures);
	if (x->has_time)
		put_time(r, x->time_ms);
	else
		put_none(r);
	return 0;
}

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

	report_section(r, "funds", N_("Money"), columns, N_("none recorded"));
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

/* Demand, with what lies ready at the place. */
struct wanted {
	struct demand demand;
	int64_t there;
};

struct wants {
	struct source *s;
	struct demands all;
	struct wanted *at; /* rising item and place */
	size_t n, max;
};

static int take_request(void *arg, const struct book_record *rec)
{
	struct wants *w = arg;

	return narrow_member(w->s->narrow, &rec->author)
		       ? demands_add(&w->all, &w->s->view, rec)
		       : 0;
}

static int wants_read(struct wants *w)
{
	struct demand row;
	size_t at = 0;
	int err = store_kind(w->s->store, KIND_REQUEST, take_request, w);

	demands_settle(&w->all);
	while (err == 0 && demands_next(&w->all, &at, w->s->as_of_ms, &row)) {
		err = grow(&w->at, &w->max, w->n, sizeof(*w->at));
		if (err == 0)
			w->at[w->n++] = (struct wanted){ row, 0 };
	}
	return err;
}

/* Goods of this code lie at this place. */
static void add_code(struct wants *w, const char *item, const char *place,
		     int64_t qty)
{
	size_t lo = 0, hi = w->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(w->at[mid].demand.item, item) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < w->n && strcmp(w->at[lo].demand.item, item) == 0; lo++)
		if (place_is_under(place, w->at[lo].demand.place))
			w->at[lo].there += qty;
}

static int add_there(void *arg, const struct holder *holder, const char *item,
		     size_t item_n, const int64_t col[static COL_COUNT])
{
	struct wants *w = arg;
	const struct member *m = roster_member(w->s->roster, &holder->member);
	char code[LIMIT_ITEM + 1], *slash;

	if (m == NULL || item_n > LIMIT_ITEM || col[COL_ON_HAND] == 0)
		return 0;
	memcpy(code, item, item_n);
	code[item_n] = '\0';
	add_code(w, code, m->place, col[COL_ON_HAND]);
	/* PROTOCOL: `visor/v30` answers a request for `visor`. */
	slash = strchr(code, '/');
	if (slash != NULL) {
		*slash = '\0';
		add_code(w, code, m->place, col[COL_ON_HAND]);
	}
	return 0;
}

int part_demand(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "item", N_("item"), 'l', false },
		{ "place", N_("place"), 'l', false },
		{ "requested", N_("requested"), 'r', false },
		{ "pledged", N_("pledged"), 'r', false },
		{ "acknowledged", N_("acknowledged"), 'r', false },
		{ "open", N_("still needed"), 'r', true },
		{ "on_hand", N_("on hand there"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	struct wants w = { .s = s };
	int err = wants_read(&w);

	if (err == 0)
		err = store_balances(s->store, add_there, &w);
	report_section(r, "demand", N_("Demand"), columns, N_("none recorded"));
	for (size_t i = 0; i < w.n && err == 0; i++) {
		const struct demand *row = &w.at[i].demand;
		int64_t open = row->requested - row->acknowledged;

		put_text(r, row->item);
		put_text(r, row->place);
		put_count(r, row->requested);
		put_count(r, row->pledged);
		put_count(r, row->acknowledged);
		put_count(r, open > 0 ? open : 0);
		put_count(r, w.at[i].there);
	}
	demands_release(&w.all);
	free(w.at);
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
	put_hex(r, c->balances.b, sizeof(c->balances.b));
	put_word(r, sha_eq(&hash, &c->balances)
			    ? N_("the same when made again")
			    : N_("different when made again"));
	put_count(r, l.n);
	return err;
}

int part_closings(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "association", N_("association"), 'l', false },
		{ "period", N_("period"), 'l', false },
		{ "ref", N_("record"), 'l', false },
		{ "balances", N_("hash of the balances"), 'l', false },
		{ "check", N_("check"), 'l', false },
		{ "late", N_("dated inside, recorded later"), 'r', false },
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
