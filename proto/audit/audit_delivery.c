#include "proto/audit/audit_rules.h"
#include "proto/book/closing.h"

#include <string.h>

/*
 * What became of deliveries: nothing yet, or only what cannot count.
 */

enum { PENDING_DAYS = 30, EXPIRED_DAYS = 180 };

/* A receipt of grade D, and why it is. */
static int look_receipt(void *arg, const struct book_record *rec)
{
	const struct look *l = arg;
	const struct value *to = &l->rec->rec.v[FACT_TO];
	struct pubkey by = record_key(&l->rec->rec, FACT_BY);
	struct look here = *l;
	struct book_record newest;
	bool is_any;
	int err;

	if (rec->rec.kind != KIND_RECEIVE)
		return 0;
	newest = *rec;
	err = book_newest(l->view, &newest, &is_any);
	if (err != 0 || !is_any ||
	    book_grade(l->roster, l->rec, &newest) != GRADE_D)
		return err;
	here.feed = index_feed(l->f->index, &rec->feed);
	here.at = rec->seq - 1;
	if (to->n == KEY_SIZE && memcmp(to->p, rec->author.b, KEY_SIZE) == 0)
		return look_case(&here, DLV_05, NULL, 1);
	if (record_has(&newest.rec, FACT_PAPER) &&
	    (pubkey_eq(&rec->author, &l->rec->author) ||
	     pubkey_eq(&rec->author, &by)))
		return look_case(&here, DLV_03, NULL, 1);
	return 0;
}

static int look_age(const struct look *l)
{
	const struct rules *r = l->f->rules;
	uint64_t date = record_date(l->rec);

	if (!r->has_as_of || l->in_transit <= 0)
		return 0;
	if (date + EXPIRED_DAYS * DAY_MS < r->as_of_ms)
		return look_case(l, DLV_02, NULL, 1);
	if (date + PENDING_DAYS * DAY_MS < r->as_of_ms)
		return look_case(l, DLV_01, NULL, 1);
	return 0;
}

int delivery_look(const struct look *l)
{
	const struct id *id = &l->f->feeds[l->feed].scan->at[l->at].id;
	struct look here = *l;
	int err = look_age(l);

	if (err != 0 || l->claimed <= 0 ||
	    record_uint(&l->rec->rec, FACT_FINAL) == 0)
		return err;
	return l->view->refs(l->view->cookie, id, REF_DELIVER, look_receipt,
			     &here);
}
