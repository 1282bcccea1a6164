#include "proto/audit/audit_rules.h"

#include "crypto/err.h"
#include "proto/book/book_tally.h"
#include "proto/book/closing.h"

#include <string.h>

/*
 * What became of deliveries: nothing yet, or only what cannot count.
 */

enum { PENDING_DAYS = 30, EXPIRED_DAYS = 180 };

/* What a receipt is worth, a paper of who is a party in any way included. */
static int grade_of(const struct look *l, const struct book_record *receive,
		    enum grade *out)
{
	struct book_record first;
	int err;

	*out = book_grade(l->roster, l->rec, receive);
	if (*out != GRADE_C)
		return 0;
	err = index_record(l->f->index, &first, l->feed, l->at);
	if (err == 0 && tally_is_party(l->roster, &first, &receive->author))
		*out = GRADE_D;
	return err;
}

/* A receipt of grade D, and why it is. */
static int look_receipt(void *arg, const struct book_record *rec)
{
	const struct look *l = arg;
	const struct value *to = &l->rec->rec.v[FACT_TO];
	bool is_sender = pubkey_eq(&rec->author, &l->rec->author);
	struct look here = *l;
	struct book_record newest;
	enum grade grade = GRADE_D;
	bool is_any;
	int err;

	if (rec->rec.kind != KIND_RECEIVE)
		return 0;
	newest = *rec;
	err = book_newest(l->view, &newest, &is_any);
	if (err == 0 && is_any)
		err = grade_of(l, &newest, &grade);
	if (err != 0 || !is_any || grade != GRADE_D)
		return err;
	here.feed = index_feed(l->f->index, &rec->feed);
	here.at = rec->seq - 1;
	if (!is_sender && to->n == KEY_SIZE &&
	    memcmp(to->p, rec->author.b, KEY_SIZE) == 0)
		return look_case(&here, DLV_05, NULL, 1);
	if (record_has(&newest.rec, FACT_PAPER))
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

/* Somebody else's word about a delivery, or a document of a loss.  1: there
 * is. */
static int see_other(void *arg, const struct book_record *rec)
{
	const struct look *l = arg;

	return !pubkey_eq(&rec->author, &l->rec->author);
}

static int see_paper(void *arg, const struct book_record *rec)
{
	(void)arg;
	return rec->rec.kind == KIND_ATTACH;
}

/* PROTOCOL: Neither a document of the loss is named, nor did anybody else
 * record anything about the delivery. */
static int take_loss(struct fold *f, const struct look *l, void *arg)
{
	const struct record *rec = &l->rec->rec;
	struct look here = *l;
	struct id id;
	struct book_record sent;
	int err;

	(void)f;
	if (!record_has(rec, FACT_DELIVER) || record_has(rec, FACT_DOC))
		return 0;
	here.cases = arg;
	id = record_id(rec, FACT_DELIVER);
	err = l->view->get(l->view->cookie, &sent, &id);
	if (err == ERR_NOT_FOUND)
		return 0;
	if (err != 0 || !pubkey_eq(&sent.author, &l->rec->author))
		return err;
	err = l->view->refs(l->view->cookie, &id, REF_DELIVER, see_other,
			    &here);
	if (err == 0)
		err = l->view->refs(l->view->cookie, &l->rec->id, REF_CORRECT,
				    see_paper, &here);
	if (err != 0)
		return err < 0 ? err : 0;
	return look_case(&here, DLV_04, NULL, 1);
}

int delivery_tell(struct fold *f, struct cases *cases)
{
	return rules_each(f, KIND_LOSE, KIND_LOSE, take_loss, cases);
}

/* PROTOCOL: What is delivered as a service was never on a shelf and never
 * made: the governing declaration of each item of it says so, too. */
static int look_service(const struct look *l)
{
	struct line lines[LIMIT_LINES];
	size_t n;
	int err = 0;

	if (record_uint(&l->rec->rec, FACT_SERVICE) == 0)
		return 0;
	n = record_lines(&l->rec->rec, FACT_LINES, lines);
	for (size_t i = 0; i < n && err == 0; i++) {
		const struct catalog_row *row = look_declaration(l, &lines[i]);

		if (row == NULL || row->class != CLASS_SERVICE)
			err = look_case(l, ITM_02, &lines[i], lines[i].qty);
	}
	return err;
}

/* PROTOCOL: Who keeps what it gets is a recipient; makers and couriers hand
 * goods on. */
static int look_addressee(const struct look *l)
{
	const struct record *rec = &l->rec->rec;
	struct pubkey to = record_key(rec, FACT_TO);
	const struct member *m;
	int err;

	if (l->signed_for <= 0 || record_uint(rec, FACT_SERVICE) != 0)
		return 0;
	m = roster_member(l->roster, &to);
	if (m == NULL || (m->role != ROLE_MAKER && m->role != ROLE_COURIER))
		return 0;
	err = look_case(l, DLV_06, NULL, 1);
	if (err == 0)
		l->cases->at[l->cases->n - 1].who =
			roster_member(l->f->a->roster, &to);
	return err;
}

int delivery_look(const struct look *l)
{
	const struct id *id = &l->f->feeds[l->feed].scan->at[l->at].id;
	struct look here = *l;
	int err = look_age(l);

	if (err == 0)
		err = look_service(l);
	if (err == 0)
		err = look_addressee(l);
	if (err == 0)
		err = paper_look(l);
	if (err != 0 || l->claimed <= 0 ||
	    record_uint(&l->rec->rec, FACT_FINAL) == 0)
		return err;
	return l->view->refs(l->view->cookie, id, REF_DELIVER, look_receipt,
			     &here);
}
