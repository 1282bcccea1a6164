#include "node/cmd/withdrawn.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

enum { NOTES = 20 };

static int take(void *arg, const struct book_record *rec)
{
	struct withdrawn *w = arg;
	struct book_record newest;
	bool is_any;
	int err = book_acting(&w->view, rec, &newest, &is_any);

	if (err == 0 && is_any)
		err = verdicts_add(&w->all, &w->view, &newest);
	return err == ERR_DENIED ? 0 : err;
}

int withdrawn_open(struct withdrawn *w, const struct desk *d)
{
	int err;

	*w = (struct withdrawn){ .store = d->store, .roster = desk_roster(d) };
	err = store_view_open(w->store, &w->view);
	w->has_view = err == 0;
	if (err == 0)
		err = store_kind(w->store, KIND_APPROVE, take, w);
	if (err != 0)
		return err;
	verdicts_settle(&w->all);
	w->is_met = calloc(w->all.n + w->all.lots + 1, sizeof(*w->is_met));
	return w->is_met == NULL ? ERR_NOMEM : 0;
}

void withdrawn_close(struct withdrawn *w)
{
	verdicts_release(&w->all);
	free(w->is_met);
	if (w->has_view)
		store_view_close(w->store);
	*w = (struct withdrawn){ .store = NULL };
}

const struct verdict *withdrawn_find(struct withdrawn *w, const char *item,
				     size_t item_n)
{
	const struct verdict *v = verdicts_last(&w->all, item, item_n);

	for (size_t i = 0; i < w->all.lots; i++)
		if (w->all.lot[i].item_n == item_n &&
		    memcmp(w->all.lot[i].item, item, item_n) == 0)
			w->is_met[w->all.n + i] = true;
	if (v == NULL || !v->is_bad)
		return NULL;
	w->is_met[v - w->all.at] = true;
	return v;
}

const char *withdrawn_word(const struct verdict *v)
{
	return v == NULL ? NULL : fact_rule(FACT_VERDICT)->word[v->word];
}

void withdrawn_text(char out[static WITHDRAWN_TEXT], const struct withdrawn *w,
		    const struct verdict *v)
{
	char who[PARTY_TEXT], date[TIME_SIZE];

	member_text(who, w->roster, &v->author);
	time_text(date, v->time_ms);
	date[strcspn(date, "T")] = '\0';
	snprintf(out, WITHDRAWN_TEXT,
		 v->word == VERDICT_WITHDRAWN ? _("withdrawn by %s on %s")
					      : _("rejected by %s on %s"),
		 who, date);
	if (v->reason.n > 0)
		snprintf(out + strlen(out), WITHDRAWN_TEXT - strlen(out),
			 ": %.*s", (int)v->reason.n, (const char *)v->reason.p);
}

void withdrawn_ref(char out[static REF_TEXT], const struct withdrawn *w,
		   const struct verdict *v)
{
	ref_text(out, w->roster, &v->feed, v->seq);
}

/* What a verdict is of; ERR_NOT_FOUND: it is not here, or did not occur. */
static int look_up(struct book_record *of, const struct withdrawn *w,
		   const struct verdict *v)
{
	bool occurred = false;
	int err = w->view.get(w->view.cookie, of, &v->target);

	if (err == 0)
		err = book_newest(&w->view, of, &occurred);
	return err == 0 && !occurred ? ERR_NOT_FOUND : err;
}

/* How many of what, of which lot, and which record says so. */
static int name_goods(char out[static WITHDRAWN_TEXT], struct withdrawn *w,
		      const struct verdict *v)
{
	struct line lines[LIMIT_LINES];
	struct book_record of;
	char ref[REF_TEXT];
	uint64_t qty = 0;
	const struct value *lot = &of.rec.v[FACT_LOT];
	size_t n;
	int err = look_up(&of, w, v);

	if (err != 0)
		return err;
	n = record_lines(&of.rec, FACT_LINES, lines);
	for (size_t i = 0; i < n; i++)
		if (lines[i].item_n == v->item_n &&
		    memcmp(lines[i].item, v->item, v->item_n) == 0)
			qty = lines[i].qty;
	ref_text(ref, w->roster, &of.feed, of.seq);
	snprintf(out, WITHDRAWN_TEXT,
		 record_has(&of.rec, FACT_LOT) ? _("%llu %.*s of lot %.*s (%s)")
					       : "%llu %.*s%.*s (%s)",
		 (unsigned long long)qty, (int)v->item_n, v->item,
		 record_has(&of.rec, FACT_LOT) ? (int)lot->n : 0,
		 record_has(&of.rec, FACT_LOT) ? (const char *)lot->p : "",
		 ref);
	return 0;
}

int withdrawn_lots(struct withdrawn *w, const struct id *target,
		   withdrawn_visit *visit, void *arg)
{
	char goods[WITHDRAWN_TEXT];
	int err = 0;

	for (size_t i = 0; i < w->all.lots && err == 0; i++) {
		const struct verdict *v = &w->all.lot[i];

		if (!v->is_bad || !verdicts_is_last(&w->all, i) ||
		    (target != NULL && !id_eq(target, &v->target)))
			continue;
		err = name_goods(goods, w, v);
		/* What did not occur, or is not here, is nowhere. */
		if (err == 0)
			err = visit(arg, v, goods);
		else if (err == ERR_NOT_FOUND)
			err = 0;
	}
	return err;
}

/* What was found, and said of it; n counts all that could be. */
struct noting {
	struct withdrawn *w;
	size_t n;
};

static int note_lot(void *arg, const struct verdict *v, const char *goods)
{
	struct noting *t = arg;
	size_t i = t->w->all.n + (size_t)(v - t->w->all.lot);
	char text[WITHDRAWN_TEXT], ref[REF_TEXT];

	if (!t->w->is_met[i] || t->n++ >= NOTES)
		return 0;
	withdrawn_text(text, t->w, v);
	withdrawn_ref(ref, t->w, v);
	say_warn(_("%s: %s; 'maillon recall %s' lists who may have some"),
		 goods, text, ref);
	return 0;
}

void withdrawn_note(struct withdrawn *w)
{
	struct noting t = { w, 0 };
	char text[WITHDRAWN_TEXT];

	for (size_t i = 0; i < w->all.n; i++) {
		const struct verdict *v = &w->all.at[i];

		if (!w->is_met[i] || t.n++ >= NOTES)
			continue;
		withdrawn_text(text, w, v);
		say_warn(_("%.*s was %s; 'maillon recall --item %.*s' lists "
			   "who has it"),
			 (int)v->item_n, v->item, text, (int)v->item_n,
			 v->item);
	}
	withdrawn_lots(w, NULL, note_lot, &t);
	if (t.n > NOTES)
		say_warn(_("and %zu more that were withdrawn or rejected"),
			 t.n - NOTES);
}

struct lot_look {
	struct remarks *out;
	const struct withdrawn *w;
	const struct record *rec;
};

static void look_at_lines(struct remarks *out, const struct withdrawn *w,
			  const struct record *rec, uint64_t date)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(rec, FACT_LINES, lines);
	char text[WITHDRAWN_TEXT];

	for (size_t i = 0; i < n; i++) {
		bool is_known;
		const struct verdict *v =
			verdicts_before(&w->all, &is_known, lines[i].item,
					lines[i].item_n, date + 1);

		if (v == NULL || !v->is_bad)
			continue;
		withdrawn_text(text, w, v);
		remark(out,
		       _("%.*s was %s; the audit will show that it is made "
			 "or delivered for all that"),
		       (int)lines[i].item_n, lines[i].item, text);
	}
}

/* A lot that the record names, and others use the name of, maybe. */
static int look_at_lot(void *arg, const struct verdict *v, const char *goods)
{
	const struct lot_look *l = arg;
	struct line lines[LIMIT_LINES];
	const struct value *lot = &l->rec->v[FACT_LOT], *bad;
	struct book_record of;
	char text[WITHDRAWN_TEXT];
	size_t n = record_lines(l->rec, FACT_LINES, lines);
	int err = look_up(&of, l->w, v);

	bad = &of.rec.v[FACT_LOT];
	if (err != 0 || !record_has(&of.rec, FACT_LOT) || bad->n != lot->n ||
	    memcmp(bad->p, lot->p, lot->n) != 0)
		return err;
	for (size_t i = 0; i < n; i++) {
		if (lines[i].item_n != v->item_n ||
		    memcmp(lines[i].item, v->item, v->item_n) != 0)
			continue;
		withdrawn_text(text, l->w, v);
		remark(l->out, _("%s: %s; is this of that lot?"), goods, text);
	}
	return 0;
}

void withdrawn_remark(struct remarks *out, const struct desk *d,
		      const struct record *rec, uint64_t date)
{
	struct withdrawn w;
	struct lot_look lot = { out, &w, rec };

	if (desk_roster(d) == NULL ||
	    (rec->kind != KIND_PRODUCE &&
	     (rec->kind != KIND_DELIVER || record_uint(rec, FACT_FINAL) == 0)))
		return;
	if (withdrawn_open(&w, d) == 0) {
		look_at_lines(out, &w, rec, date);
		if (rec->kind == KIND_DELIVER && record_has(rec, FACT_LOT))
			withdrawn_lots(&w, NULL, look_at_lot, &lot);
	}
	withdrawn_close(&w);
}
