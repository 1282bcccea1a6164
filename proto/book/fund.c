#include "proto/book/fund.h"

#include "proto/book/reissue.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/* PROTOCOL: A gift with `in_kind`, `waived`, `hours` or `km` never was in the
 * bank, and is in no fund */
static bool is_money(const struct record *rec)
{
	return !record_has(rec, FACT_IN_KIND) &&
	       record_uint(rec, FACT_WAIVED) == 0 &&
	       !record_has(rec, FACT_HOURS) && !record_has(rec, FACT_KM);
}

int fund_emit(const struct book_record *rec, book_emit *emit, void *arg)
{
	const struct value *label = &rec->rec.v[FACT_FUND];
	struct posting p = { .feed = rec->feed, .seq = rec->seq };
	char currency[4];
	uint64_t minor = 0;

	if (!is_money(&rec->rec))
		return 0;
	record_money(&rec->rec, FACT_AMOUNT, &minor, currency);
	p.holder.member = rec->author;
	p.currency = currency;
	if (record_has(&rec->rec, FACT_FUND) && label->n <= LIMIT_LABEL) {
		p.item = (const char *)label->p;
		p.item_n = label->n;
	}
	p.delta[rec->rec.kind == KIND_DONATE ? PURSE_DONATED : PURSE_SPENT] =
		(int64_t)minor;
	return emit(arg, &p);
}

/* PROTOCOL: Only what a member of role association or treasurer records counts
 * as money. */
const struct member *fund_keeper(const struct roster *roster,
				 const struct pubkey *author)
{
	const struct member *m = roster_member(roster, author);

	if (m == NULL ||
	    (m->role != ROLE_ASSOCIATION && m->role != ROLE_TREASURER))
		return NULL;
	return m;
}

static void fill(struct fund *out, const struct member *m,
		 const struct book_record *rec)
{
	const struct value *label = &rec->rec.v[FACT_FUND];
	uint64_t minor = 0;

	memset(out, 0, sizeof(*out));
	out->party = m->association;
	if (record_has(&rec->rec, FACT_FUND) && label->n <= LIMIT_LABEL)
		memcpy(out->label, label->p, label->n);
	record_money(&rec->rec, FACT_AMOUNT, &minor, out->currency);
	if (rec->rec.kind == KIND_DONATE)
		out->donated = (int64_t)minor;
	else
		out->spent = (int64_t)minor;
	out->at = (struct position){ rec->feed, rec->seq, rec->id };
}

int fund_of(const struct book_view *view, const struct book_record *rec,
	    struct fund *out, bool *is_any)
{
	const struct member *m = fund_keeper(view->roster, &rec->author);
	struct book_record newest;
	bool acts, occurred;
	int err;

	*is_any = false;
	if (m == NULL ||
	    (rec->rec.kind != KIND_DONATE && rec->rec.kind != KIND_SPEND))
		return 0;
	err = reissue_acts(view, rec, &acts);
	if (err != 0 || !acts)
		return err;
	newest = *rec;
	err = book_newest(view, &newest, &occurred);
	if (err != 0 || !occurred || !is_money(&newest.rec))
		return err;
	fill(out, m, &newest);
	*is_any = true;
	return 0;
}

int funds_add(struct funds *f, const struct book_view *view,
	      const struct book_record *rec)
{
	struct fund one;
	bool is_any;
	int err = fund_of(view, rec, &one, &is_any);

	if (err != 0 || !is_any)
		return err;
	err = grow(&f->at, &f->max, f->n, sizeof(*f->at));
	if (err == 0)
		f->at[f->n++] = one;
	return err;
}

static int fund_cmp(const struct fund *a, const struct fund *b)
{
	int c = pubkey_cmp(&a->party, &b->party);

	if (c == 0)
		c = strcmp(a->label, b->label);
	return c != 0 ? c : strcmp(a->currency, b->currency);
}

static int part_cmp(const void *a, const void *b)
{
	const struct fund *x = a, *y = b;
	int c = fund_cmp(x, y);

	if (c == 0)
		c = pubkey_cmp(&x->at.feed, &y->at.feed);
	if (c != 0)
		return c;
	return x->at.seq < y->at.seq ? -1 : x->at.seq > y->at.seq;
}

void funds_sort(struct funds *f)
{
	if (f->n > 0)
		qsort(f->at, f->n, sizeof(*f->at), part_cmp);
}

bool fund_is_same(const struct fund *a, const struct fund *b)
{
	return fund_cmp(a, b) == 0;
}

void funds_merge(struct funds *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (n > 0 && fund_is_same(&f->at[n - 1], &f->at[i])) {
			f->at[n - 1].donated += f->at[i].donated;
			f->at[n - 1].spent += f->at[i].spent;
		} else {
			f->at[n++] = f->at[i];
		}
	}
	f->n = n;
}

int64_t fund_balance(const struct fund *f)
{
	return f->donated - f->spent;
}

void funds_release(struct funds *f)
{
	free(f->at);
	*f = (struct funds){ NULL, 0, 0 };
}
