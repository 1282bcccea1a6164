#include "node/report/source.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

struct stocking {
	struct source *s;
	struct report *r;
};

static int put_stock(void *arg, const struct holder *holder, const char *item,
		     size_t item_n, const int64_t col[static COL_COUNT])
{
	const struct stocking *k = arg;
	char code[LIMIT_ITEM + 1] = "";

	if (!narrow_member(k->s->narrow, &holder->member) ||
	    (col[COL_ON_HAND] == 0 && col[COL_IN_TRANSIT] == 0))
		return 0;
	memcpy(code, item, item_n < LIMIT_ITEM ? item_n : LIMIT_ITEM);
	put_holder(k->r, k->s, holder);
	put_text(k->r, code);
	put_text(k->r, catalog_unit(&k->s->catalog, code));
	put_count(k->r, col[COL_ON_HAND]);
	put_count(k->r, col[COL_IN_TRANSIT]);
	return 0;
}

static int part_stock(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "holder", N_("who"), 'l', false },
		{ "item", N_("item"), 'l', false },
		{ "unit", N_("unit"), 'l', false },
		{ "on_hand", N_("on hand"), 'r', true },
		{ "in_transit", N_("in transit"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	struct stocking k = { s, r };
	int err;

	report_section(r, "stock", N_("Stock by holder"), columns, N_("none"));
	err = store_balances(s->store, put_stock, &k);
	if (err == 0)
		report_sort(r);
	return err;
}

/* What a printer made, of one item. */
struct printed {
	struct pubkey author;
	char printer[32 + 1];
	char item[LIMIT_ITEM + 1];
	int64_t made, rejected, seconds, grams;
};

/* A delivery of which something is open. */
struct pending {
	struct position at;
	struct pubkey from;
	struct holder to; /* outsider: member is the sender */
	bool is_member;
	char item[LIMIT_ITEM + 1];
	int64_t open, claimed, age_days;
};

enum { AGES = 4 };

struct looking {
	struct source *s;
	struct printed *printed;
	size_t printed_n, printed_max;
	struct pending *pending;
	size_t pending_n, pending_max;
	int64_t deliveries[AGES], pieces[AGES];
};

static void copy_text(char *out, size_t size, const void *p, size_t n)
{
	if (n >= size)
		n = size - 1;
	memcpy(out, p, n);
	out[n] = '\0';
}

static int take_produce(struct looking *l, const struct book_record *rec)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&rec->rec, FACT_LINES, lines);
	const struct value *printer = &rec->rec.v[FACT_PRINTER];

	for (size_t i = 0; i < n; i++) {
		struct printed *p;
		int err = grow(&l->printed, &l->printed_max, l->printed_n,
			       sizeof(*l->printed));

		if (err != 0)
			return err;
		p = &l->printed[l->printed_n++];
		*p = (struct printed){ .author = rec->author,
				       .made = (int64_t)lines[i].qty };
		if (record_has(&rec->rec, FACT_PRINTER))
			copy_text(p->printer, sizeof(p->printer), printer->p,
				  printer->n);
		copy_text(p->item, sizeof(p->item), lines[i].item,
			  lines[i].item_n);
		/* What was said of the whole stands with the first line. */
		if (i > 0)
			continue;
		p->rejected = (int64_t)record_uint(&rec->rec, FACT_REJECTED);
		p->seconds = (int64_t)record_uint(&rec->rec, FACT_SECONDS);
		p->grams = (int64_t)record_uint(&rec->rec, FACT_GRAMS);
	}
	return 0;
}

static int printed_cmp(const void *a, const void *b)
{
	const struct printed *x = a, *y = b;
	int c = pubkey_cmp(&x->author, &y->author);

	if (c == 0)
		c = strcmp(x->printer, y->printer);
	return c != 0 ? c : strcmp(x->item, y->item);
}

static int part_printers(struct report *r, struct looking *l)
{
	static const struct heading columns[] = {
		{ "maker", N_("who"), 'l', false },
		{ "printer", N_("printer"), 'l', false },
		{ "item", N_("item"), 'l', false },
		{ "produced", N_("produced"), 'r', true },
		{ "rejected", N_("rejected"), 'r', false },
		{ "seconds", N_("seconds"), 'r', false },
		{ "grams", N_("grams"), 'r', false },
		{ NULL, NULL, 0, false },
	};

	if (l->printed_n > 0)
		qsort(l->printed, l->printed_n, sizeof(*l->printed),
		      printed_cmp);
	report_section(r, "printers", N_("Made, by maker, printer and item"),
		       columns, N_("none recorded"));
	for (size_t i = 0; i < l->printed_n;) {
		struct printed sum = l->printed[i];

		while (++i < l->printed_n &&
		       printed_cmp(&sum, &l->printed[i]) == 0) {
			sum.made += l->printed[i].made;
			sum.rejected += l->printed[i].rejected;
			sum.seconds += l->printed[i].seconds;
			sum.grams += l->printed[i].grams;
		}
		put_member(r, l->s, &sum.author);
		put_text(r, sum.printer);
		put_text(r, sum.item);
		put_count(r, sum.made);
		put_count(r, sum.rejected);
		put_count(r, sum.seconds);
		put_count(r, sum.grams);
	}
	report_sort(r);
	return 0;
}

static size_t age_of(int64_t days)
{
	return days < 3 ? 0 : days < 8 ? 1 : days < 31 ? 2 : 3;
}

static int take_line(struct looking *l, const struct book_record *rec,
		     const struct delivery *d, size_t i)
{
	uint64_t gone = d->accepted[i] + d->refused[i] + d->lost[i];
	uint64_t date = record_date(rec);
	const struct value *to = &rec->rec.v[FACT_TO];
	struct pending *p;
	int err;

	if (gone >= d->line[i].qty)
		return 0;
	err = grow(&l->pending, &l->pending_max, l->pending_n,
		   sizeof(*l->pending));
	if (err != 0)
		return err;
	p = &l->pending[l->pending_n++];
	*p = (struct pending){ .at = { rec->feed, rec->seq, rec->id },
			       .from = rec->author,
			       .open = (int64_t)(d->line[i].qty - gone),
			       .claimed = (int64_t)d->graded[GRADE_D][i] };
	if (l->s->as_of_ms > date)
		p->age_days = (int64_t)((l->s->as_of_ms - date) / DAY_MS);
	p->is_member = to->n == KEY_SIZE;
	if (p->is_member) {
		p->to.member = record_key(&rec->rec, FACT_TO);
	} else {
		p->to.member = rec->author;
		p->to.outsider = record_tag(&rec->rec, FACT_TO);
	}
	copy_text(p->item, sizeof(p->item), d->line[i].item, d->line[i].item_n);
	l->pieces[age_of(p->age_days)] += p->open;
	return 0;
}

static int take_deliver(struct looking *l, const struct book_record *rec)
{
	struct delivery *d = calloc(1, sizeof(*d));
	size_t before = l->pending_n;
	int err =
		d == NULL ? ERR_NOMEM : book_delivery(&l->s->view, d, &rec->id);

	for (size_t i = 0; err == 0 && i < d->n; i++)
		err = take_line(l, rec, d, i);
	if (l->pending_n > before)
		l->deliveries[age_of(l->pending[before].age_days)]++;
	free(d);
	return err == ERR_NOT_FOUND || err == ERR_STATE ? 0 : err;
}

static int take(void *arg, const struct book_record *rec)
{
	return rec->rec.kind == KIND_PRODUCE ? take_produce(arg, rec)
					     : take_deliver(arg, rec);
}

static int pending_cmp(const void *a, const void *b)
{
	const struct pending *x = a, *y = b;
	int c;

	if (x->age_days != y->age_days)
		return x->age_days > y->age_days ? -1 : 1;
	c = pubkey_cmp(&x->at.feed, &y->at.feed);
	if (c == 0 && x->at.seq != y->at.seq)
		c = x->at.seq < y->at.seq ? -1 : 1;
	return c != 0 ? c : strcmp(x->item, y->item);
}

static void part_ages(struct report *r, const struct looking *l)
{
	static const struct heading columns[] = {
		{ "age", N_("under way for"), 'l', false },
		{ "deliveries", N_("deliveries"), 'r', false },
		{ "open", N_("not yet acknowledged"), 'r', true },
		{ NULL, NULL, 0, false },
	};
	static const char *const words[AGES] = { N_("0 to 2 days"),
						 N_("3 to 7 days"),
						 N_("8 to 30 days"),
						 N_("more than 30 days") };

	report_section(r, "ages", N_("Under way, by age"), columns, N_("none"));
	for (size_t i = 0; i < AGES; i++) {
		if (l->deliveries[i] == 0)
			continue;
		put_word(r, words[i]);
		put_count(r, l->deliveries[i]);
		put_count(r, l->pieces[i]);
	}
}

static void part_pending(struct report *r, struct looking *l)
{
	static const struct heading columns[] = {
		{ "ref", N_("delivery"), 'l', false },
		{ "from", N_("from"), 'l', false },
		{ "to", N_("to"), 'l', false },
		{ "item", N_("item"), 'l', false },
		{ "open", N_("open"), 'r', false },
		{ "claimed", N_("claimed"), 'r', false },
		{ "days", N_("days"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	char name[PARTY_TEXT];

	if (l->pending_n > 0)
		qsort(l->pending, l->pending_n, sizeof(*l->pending),
		      pending_cmp);
	report_section(r, "pending", N_("Under way, oldest first"), columns,
		       N_("none"));
	for (size_t i = 0; i < l->pending_n; i++) {
		const struct pending *p = &l->pending[i];

		put_ref(r, l->s, &p->at.feed, p->at.seq);
		put_member(r, l->s, &p->from);
		if (p->is_member)
			labels_member(&l->s->labels, name, &p->to.member);
		else
			outsider_text(name, l->s->desk, &p->to.member,
				      &p->to.outsider);
		put_text(r, name);
		put_text(r, p->item);
		put_count(r, p->open);
		put_count(r, p->claimed);
		put_count(r, p->age_days);
	}
}

int report_coordinator(struct report *r, struct source *s)
{
	struct looking l = { .s = s };
	int err;

	report_init(r, "coordinator", N_("Coordinator's report"));
	source_about(s, r);
	err = part_goods(r, s);
	if (err == 0)
		err = part_stock(r, s);
	if (err == 0)
		err = source_each(s,
				  SOURCE_KIND(KIND_PRODUCE) |
					  SOURCE_KIND(KIND_DELIVER),
				  take, &l);
	if (err == 0)
		err = part_printers(r, &l);
	if (err == 0)
		err = part_verdicts(r, s);
	if (err == 0) {
		part_ages(r, &l);
		part_pending(r, &l);
		err = part_demand(r, s);
	}
	free(l.printed);
	free(l.pending);
	return err;
}
