#include "proto/book/closing.h"

#include "crypto/err.h"
#include "proto/book/reissue.h"
#include "proto/wr.h"

#include <stdlib.h>
#include <string.h>

uint64_t record_date(const struct book_record *rec)
{
	return record_has(&rec->rec, FACT_WHEN)
		       ? record_uint(&rec->rec, FACT_WHEN)
		       : rec->time_ms;
}

static bool period_of(struct period *out, const struct book_record *rec)
{
	const struct value *v = &rec->rec.v[FACT_PERIOD];

	return record_has(&rec->rec, FACT_PERIOD) &&
	       period_read(out, (const char *)v->p, v->n) == 0;
}

/* The period that a record closes as it stands. */
static int read_closing(const struct member *m, const struct book_record *rec,
			struct closing *out, bool *is_any)
{
	struct closing c = { .runs = NULL };

	*is_any = period_of(&c.period, rec);
	if (!*is_any)
		return 0;
	c.runs = calloc(LIMIT_PINS, sizeof(*c.runs));
	if (c.runs == NULL)
		return ERR_NOMEM;
	c.runs_n = record_positions(&rec->rec, FACT_RUNS, c.runs, LIMIT_PINS);
	c.party = m->association;
	c.at = (struct position){ rec->feed, rec->seq, rec->id };
	memcpy(c.balances.b, rec->rec.v[FACT_BALANCES].p, sizeof(c.balances.b));
	*out = c;
	return 0;
}

int closing_of(const struct book_view *view, const struct book_record *rec,
	       struct closing *out, bool *is_any)
{
	const struct member *m = fund_keeper(view->roster, &rec->author);
	struct book_record newest;
	int err;

	*is_any = false;
	if (m == NULL || rec->rec.kind != KIND_PERIOD)
		return 0;
	err = book_acting(view, rec, &newest, is_any);
	if (err != 0 || !*is_any)
		return err;
	return read_closing(m, &newest, out, is_any);
}

int closing_ever(const struct book_view *view, const struct book_record *rec,
		 struct closing *out, bool *is_any)
{
	const struct member *m = fund_keeper(view->roster, &rec->author);
	int err;

	*is_any = false;
	if (m == NULL || rec->rec.kind != KIND_PERIOD)
		return 0;
	err = reissue_acts(view, rec, is_any);
	if (err != 0 || !*is_any)
		return err;
	return read_closing(m, rec, out, is_any);
}

void closing_release(struct closing *c)
{
	free(c->runs);
	*c = (struct closing){ .runs = NULL };
}

bool closing_covers(const struct closing *c, const struct pubkey *feed,
		    uint64_t seq)
{
	for (size_t i = 0; i < c->runs_n; i++)
		if (pubkey_eq(&c->runs[i].feed, feed))
			return seq <= c->runs[i].seq;
	return false;
}

/* PROTOCOL: A `bank` record is dated by its own `period`: it is late when that
 * ends in the closed one. */
bool closing_date(uint64_t *out, const struct book_record *rec)
{
	struct period p;

	if (rec->rec.kind != KIND_BANK)
		*out = record_date(rec);
	else if (period_of(&p, rec))
		*out = p.to_ms - 1;
	else
		return false;
	return true;
}

static bool is_inside(const struct closing *c, const struct book_record *rec)
{
	uint64_t date;

	return closing_date(&date, rec) && period_has(&c->period, date);
}

int closing_is_late(const struct closing *c, const struct book_view *view,
		    const struct book_record *rec, bool *out)
{
	const struct member *m = fund_keeper(view->roster, &rec->author);
	struct book_record newest;
	bool is_any;
	int err;

	*out = false;
	if (m == NULL || !pubkey_eq(&m->association, &c->party) ||
	    closing_covers(c, &rec->feed, rec->seq) ||
	    (rec->rec.kind != KIND_DONATE && rec->rec.kind != KIND_SPEND &&
	     rec->rec.kind != KIND_BANK))
		return 0;
	err = book_acting(view, rec, &newest, &is_any);
	if (err == 0)
		*out = is_any && is_inside(c, &newest);
	return err;
}

static int past_get(void *cookie, struct book_record *out, const struct id *id)
{
	const struct closing_past *past = cookie;
	struct book_record rec;
	int err = past->view->get(past->view->cookie, &rec, id);

	if (err != 0)
		return err;
	if (!closing_covers(past->closing, &rec.feed, rec.seq))
		return ERR_NOT_FOUND;
	*out = rec;
	return 0;
}

/* A visit on its way to who asked. */
struct past_visit {
	const struct closing *closing;
	book_visit *visit;
	void *arg;
};

static int past_show(void *arg, const struct book_record *rec)
{
	const struct past_visit *v = arg;

	return closing_covers(v->closing, &rec->feed, rec->seq)
		       ? v->visit(v->arg, rec)
		       : 0;
}

static int past_refs(void *cookie, const struct id *target, enum ref ref,
		     book_visit *visit, void *arg)
{
	const struct closing_past *past = cookie;
	struct past_visit v = { past->closing, visit, arg };

	return past->view->refs(past->view->cookie, target, ref, past_show, &v);
}

struct book_view closing_view(struct closing_past *past)
{
	return (struct book_view){ past, past->view->roster, past_get,
				   past_refs };
}

int closing_add(struct funds *f, struct closing_past *past,
		const struct book_record *rec)
{
	const struct member *m = fund_keeper(past->view->roster, &rec->author);
	struct book_view view = closing_view(past);
	struct book_record newest;
	bool is_any;
	int err;

	if (m == NULL || !pubkey_eq(&m->association, &past->closing->party) ||
	    !closing_covers(past->closing, &rec->feed, rec->seq))
		return 0;
	err = book_acting(&view, rec, &newest, &is_any);
	if (err != 0 || !is_any ||
	    record_date(&newest) >= past->closing->period.to_ms)
		return err;
	return funds_add(f, &view, rec);
}

int closing_hash(struct sha *out, const struct closing *c,
		 const struct id *network, struct funds *f)
{
	enum { HEAD = 128, ROW = LIMIT_LABEL + 32 };
	size_t max = HEAD + ROW * (f->n + 1), n = 0;
	uint8_t *p = malloc(max);
	struct wr w;
	int err;

	if (p == NULL)
		return ERR_NOMEM;
	funds_sort(f);
	funds_merge(f);
	wr_init(&w, p, max);
	wr_array(&w, 5);
	wr_uint(&w, 1);
	wr_bin(&w, network->b, sizeof(network->b));
	wr_bin(&w, c->party.b, sizeof(c->party.b));
	wr_text(&w, c->period.text, strlen(c->period.text));
	wr_array(&w, (uint32_t)f->n);
	for (size_t i = 0; i < f->n; i++) {
		const struct fund *row = &f->at[i];

		wr_array(&w, 4);
		wr_text(&w, row->label, strlen(row->label));
		wr_text(&w, row->currency, strlen(row->currency));
		wr_uint(&w, (uint64_t)row->donated);
		wr_uint(&w, (uint64_t)row->spent);
	}
	err = wr_end(&w, &n);
	if (err == 0)
		*out = hash_sha(p, n);
	free(p);
	return err;
}
