#include "node/report/source.h"

#include "crypto/err.h"
#include "node/cmd/withdrawn.h"
#include "node/text/i18n.h"
#include "store/book.h"

#include <string.h>

/* What was said of revisions and lots, and who still has what is bad. */

struct judging {
	struct source *s;
	struct report *r;
};

static const char *const verdict_words[] = { N_("approved"), N_("rejected"),
					     N_("withdrawn") };

/* An item, or what one record brought of it. */
static void put_subject(const struct judging *k, const struct record *rec)
{
	const struct value *item = &rec->v[FACT_ITEM];
	struct id target = record_id(rec, FACT_TARGET);
	char text[LIMIT_ITEM + REF_TEXT + 8], ref[REF_TEXT] = "?";
	struct book_record of;

	if (!record_has(rec, FACT_TARGET)) {
		put_fact_text(k->r, rec, FACT_ITEM);
		return;
	}
	if (k->s->view.get(k->s->view.cookie, &of, &target) == 0)
		labels_ref(&k->s->labels, ref, &of.feed, of.seq);
	snprintf(text, sizeof(text), "%.*s (%s)", (int)item->n,
		 (const char *)item->p, ref);
	put_text(k->r, text);
}

static int take_verdict(void *arg, const struct book_record *rec)
{
	const struct judging *k = arg;
	struct book_record newest;
	bool is_any;
	int err = book_acting(&k->s->view, rec, &newest, &is_any);

	if (err != 0 || !is_any)
		return err;
	put_subject(k, &newest.rec);
	put_word(k->r,
		 verdict_words[record_uint(&newest.rec, FACT_VERDICT) % 3]);
	put_member(k->r, k->s, &rec->author);
	put_time(k->r, record_date(&newest));
	put_fact_text(k->r, &newest.rec, FACT_REASON);
	return 0;
}

static int part_revisions(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "item", N_("item"), 'l', false },
		{ "verdict", N_("verdict"), 'l', false },
		{ "by", N_("who"), 'l', false },
		{ "date", N_("date"), 'l', false },
		{ "reason", N_("reason"), 'l', false },
		{ NULL, NULL, 0, false },
	};
	struct judging k = { s, r };

	report_section(r, "revisions", N_("Verdicts on revisions"), columns,
		       N_("none recorded"));
	return store_kind(s->store, KIND_APPROVE, take_verdict, &k);
}

/* What somebody still has, or has sent, of what is bad now. */
struct bad_stock {
	struct judging k;
	struct withdrawn withdrawn;
};

static int put_bad(void *arg, const struct holder *holder, const char *item,
		   size_t item_n, const int64_t col[static COL_COUNT])
{
	struct bad_stock *b = arg;
	const struct verdict *v = withdrawn_find(&b->withdrawn, item, item_n);
	char code[LIMIT_ITEM + 1] = "";

	if (v == NULL || !narrow_member(b->k.s->narrow, &holder->member) ||
	    (col[COL_ON_HAND] <= 0 && col[COL_IN_TRANSIT] <= 0))
		return 0;
	memcpy(code, item, item_n < LIMIT_ITEM ? item_n : LIMIT_ITEM);
	put_holder(b->k.r, b->k.s, holder);
	put_text(b->k.r, code);
	put_count(b->k.r, col[COL_ON_HAND]);
	put_count(b->k.r, col[COL_IN_TRANSIT]);
	put_word(b->k.r, verdict_words[v->word % 3]);
	put_member(b->k.r, b->k.s, &v->author);
	return 0;
}

static int part_bad(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "holder", N_("who"), 'l', false },
		{ "item", N_("item"), 'l', false },
		{ "on_hand", N_("on hand"), 'r', false },
		{ "in_transit", N_("in transit"), 'r', false },
		{ "verdict", N_("verdict"), 'l', false },
		{ "by", N_("by"), 'l', false },
		{ NULL, NULL, 0, false },
	};
	struct bad_stock b = { .k = { s, r } };
	int err = withdrawn_open(&b.withdrawn, s->desk);

	report_section(r, "recalled",
		       N_("Withdrawn or rejected, and still there"), columns,
		       N_("none"))
		->note = N_("'maillon recall --item ITEM' lists what was "
			    "delivered, and what was made of it, too.");
	if (err == 0)
		err = store_balances(s->store, put_bad, &b);
	withdrawn_close(&b.withdrawn);
	return err;
}

int part_verdicts(struct report *r, struct source *s)
{
	int err = part_revisions(r, s);

	return err == 0 ? part_bad(r, s) : err;
}
