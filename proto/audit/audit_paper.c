#include "proto/audit/audit_mark.h"

#include "proto/book/closing.h"

#include <string.h>

/*
 * Signed papers that third members entered, and one of them for several
 * deliveries.
 */

static int see_paper(void *arg, const struct book_record *rec)
{
	const struct look *l = arg;
	struct book_record newest = *rec;
	struct tag tag;
	bool occurred;
	int err;

	if (rec->rec.kind != KIND_RECEIVE)
		return 0;
	err = book_newest(l->view, &newest, &occurred);
	if (err != 0 || !occurred || !record_has(&newest.rec, FACT_PAPER) ||
	    book_grade(l->roster, l->rec, &newest) != GRADE_C)
		return err;
	memcpy(tag.b, newest.rec.v[FACT_PAPER].p, TAG_SIZE);
	return mark_leave(l, MARK_PAPER, tag, NULL);
}

int paper_look(const struct look *l)
{
	const struct id *id = &l->f->feeds[l->feed].scan->at[l->at].id;
	struct look here = *l;

	if (l->papers <= 0)
		return 0;
	return l->view->refs(l->view->cookie, id, REF_DELIVER, see_paper,
			     &here);
}

static int read_delivery(const struct fold *f, struct book_record *out,
			 const struct mark *m)
{
	struct book_view view = index_view(f->index, f->a->roster);
	struct book_record first;
	bool is_any;
	int err = index_record(f->index, &first, m->feed, m->at);

	return err == 0 ? book_acting(&view, &first, out, &is_any) : err;
}

static bool is_same_round(const struct book_record *a,
			  const struct book_record *b)
{
	const struct value *x = &a->rec.v[FACT_TO], *y = &b->rec.v[FACT_TO];

	return pubkey_eq(&a->author, &b->author) && x->n == y->n &&
	       memcmp(x->p, y->p, x->n) == 0 &&
	       record_date(a) / DAY_MS == record_date(b) / DAY_MS;
}

int paper_tell(struct fold *f, struct cases *cases, const struct mark *m,
	       size_t n)
{
	struct book_record first, rec;
	struct line lines[LIMIT_LINES];
	bool differs = false;
	int err = read_delivery(f, &first, m);

	for (size_t i = 1; i < n && err == 0 && !differs; i++) {
		err = read_delivery(f, &rec, &m[i]);
		differs = err == 0 && !is_same_round(&first, &rec);
	}
	for (size_t i = 0; i < n && err == 0 && differs; i++) {
		struct audit_case c = { .code = DUP_07,
					.feed = m[i].feed,
					.at = m[i].at,
					.amount = 1 };

		record_lines(&first.rec, FACT_LINES, lines);
		c.item = lines[0].item;
		c.item_n = lines[0].item_n;
		err = cases_add(cases, &c);
	}
	return err;
}
