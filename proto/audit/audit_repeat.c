#include "proto/audit/audit_mark.h"
#include "proto/book/closing.h"

/*
 * Records that say what another one says.
 */

/* PROTOCOL: Repeats have a moment, which midnight is not, or a number, a
 * document, a serial number or a reference of their own. */
static bool has_moment(const struct record *rec)
{
	return record_has(rec, FACT_WHEN) &&
	       (record_uint(rec, FACT_WHEN) % DAY_MS != 0 ||
		record_has(rec, FACT_NUMBER) || record_has(rec, FACT_DOC) ||
		record_has(rec, FACT_SERIAL) ||
		record_has(rec, FACT_SOURCE_REF));
}

/* PROTOCOL: Of two deliveries with a number, a document or a serial number the
 * day is enough. */
static bool has_paper(const struct record *rec)
{
	return rec->kind == KIND_DELIVER &&
	       (record_has(rec, FACT_NUMBER) || record_has(rec, FACT_DOC) ||
		record_has(rec, FACT_SERIAL));
}

static struct tag hash_facts(const struct book_record *rec)
{
	uint64_t kind = rec->rec.kind, day = record_date(rec) / DAY_MS;
	bool is_paper = has_paper(&rec->rec);
	struct hasher h;

	hasher_init(&h);
	mark_add(&h, &kind, sizeof(kind));
	mark_add(&h, rec->author.b, KEY_SIZE);
	for (unsigned f = 1; f < FACT_LIMIT; f++)
		if (f != FACT_KEY && !(is_paper && f == FACT_WHEN))
			mark_fact(&h, &rec->rec, (enum fact)f);
	if (is_paper)
		mark_add(&h, &day, sizeof(day));
	return mark_end(&h);
}

/* Something of a delivery went back, or was lost: 1. */
static int see_return(void *arg, const struct book_record *rec)
{
	const struct look *l = arg;
	struct book_record newest = *rec;
	bool is_any;
	int err = book_newest(l->view, &newest, &is_any);

	if (err != 0 || !is_any)
		return err;
	return newest.rec.kind == KIND_LOSE ||
	       record_has(&newest.rec, FACT_REFUSED);
}

/* PROTOCOL: A delivery that somebody answered is none, and one of which
 * something was refused or lost may be made again. */
int repeat_look(const struct look *l)
{
	const struct record *rec = &l->rec->rec;
	struct line lines[LIMIT_LINES];
	struct look here = *l;
	int64_t sent = 0;
	bool is_answered;
	size_t n;
	int err = 0;

	if (!has_moment(rec) && !has_paper(rec))
		return 0;
	n = record_lines(rec, FACT_LINES, lines);
	for (size_t i = 0; i < n; i++)
		sent += (int64_t)lines[i].qty;
	is_answered = rec->kind == KIND_DELIVER && l->in_transit < sent;
	if (is_answered)
		err = l->view->refs(l->view->cookie,
				    &l->f->feeds[l->feed].scan->at[l->at].id,
				    REF_DELIVER, see_return, &here);
	if (err != 0)
		return err < 0 ? err : 0;
	err = mark_leave(l, MARK_REPEAT, hash_facts(l->rec), NULL);
	if (err == 0)
		l->marks->at[l->marks->n - 1].is_answered = is_answered;
	return err;
}
