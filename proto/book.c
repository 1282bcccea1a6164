#include "proto/book.h"

#include "crypto/err.h"
#include "proto/book_tally.h"

#include <string.h>

static const char *const names[COL_COUNT] = {
	"produced",   "rejected", "supplied", "found",    "consumed", "moved",
	"delivered",  "A",        "B",        "C",        "claimed",  "refused",
	"in_transit", "on_hand",  "lost",     "received", "handed"
};

const char *column_name(enum column c)
{
	return names[c];
}

bool book_ref(const struct record *rec, enum ref *ref, struct id *target)
{
	enum fact f;

	if (record_has(rec, FACT_ORPHAN)) {
		*ref = REF_ORPHAN;
		f = FACT_ORPHAN;
	} else if (rec->kind == KIND_RECEIVE ||
		   (rec->kind == KIND_LOSE && record_has(rec, FACT_DELIVER))) {
		*ref = REF_DELIVER;
		f = FACT_DELIVER;
	} else if (rec->kind == KIND_CORRECT || rec->kind == KIND_ATTACH) {
		*ref = REF_CORRECT;
		f = FACT_TARGET;
	} else if (rec->kind == KIND_PLEDGE) {
		*ref = REF_REQUEST;
		f = FACT_REQUEST;
	} else {
		return false;
	}
	*target = record_id(rec, f);
	return true;
}

/* References are hashes of what they refer to, so chains cannot be circles. */
int book_root(const struct book_view *view, struct id *root,
	      const struct id *id)
{
	struct book_record rec;
	struct id at = *id;
	enum ref ref;
	int err;

	for (;;) {
		err = view->get(view->cookie, &rec, &at);
		if (err != 0 || !book_ref(&rec.rec, &ref, &at))
			break;
	}
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	*root = at;
	return 0;
}

/* The correction that is chosen of those of one version. */
struct choice {
	const struct book_record *of; /* the record being corrected */
	bool is_made;
	struct id id;
	bool occurred;
	const uint8_t *facts;
	size_t facts_n;
};

static int weigh_correction(void *arg, const struct book_record *c)
{
	struct choice *choice = arg;
	const struct value *facts = &c->rec.v[FACT_FACTS];
	bool occurred = record_has(&c->rec, FACT_FACTS);
	struct record rec;

	if (c->rec.kind != KIND_CORRECT ||
	    !pubkey_eq(&c->author, &choice->of->author))
		return 0;
	/* PROTOCOL: Of several corrections of one version the one with the
	 * smallest id counts. */
	if (choice->is_made && id_cmp(&choice->id, &c->id) < 0)
		return 0;
	/* PROTOCOL: A correction never changes the kind, the key or the orphan
	 * of a record; one that tries is kept and has no effect. */
	if (occurred &&
	    (record_decode(&rec, choice->of->rec.kind, facts->p, facts->n) !=
		     0 ||
	     record_has(&rec, FACT_KEY) || record_has(&rec, FACT_ORPHAN)))
		return 0;
	choice->is_made = true;
	choice->id = c->id;
	choice->occurred = occurred;
	choice->facts = facts->p;
	choice->facts_n = facts->n;
	return 0;
}

int book_newest(const struct book_view *view, struct book_record *rec,
		bool *occurred)
{
	const struct kind_rule *rule = kind_rule(rec->rec.kind);
	struct choice choice = { .of = rec, .occurred = true };
	struct id version = rec->id;
	int err = 0;

	*occurred = true;
	if (rule == NULL || !rule->is_recorded)
		return 0;
	for (;;) {
		choice.is_made = false;
		err = view->refs(view->cookie, &version, REF_CORRECT,
				 weigh_correction, &choice);
		if (err != 0 || !choice.is_made)
			break;
		version = choice.id;
		*occurred = choice.occurred;
		if (choice.occurred)
			err = record_decode(&rec->rec, rule->kind, choice.facts,
					    choice.facts_n);
	}
	return err;
}

enum grade book_grade(const struct roster *roster,
		      const struct book_record *deliver,
		      const struct book_record *receive)
{
	const struct value *to = &deliver->rec.v[FACT_TO];
	struct pubkey by = record_key(&deliver->rec, FACT_BY);
	struct pubkey addressee = record_key(&deliver->rec, FACT_TO);
	bool is_member = to->n == KEY_SIZE;

	if (pubkey_eq(&receive->author, &deliver->author))
		return GRADE_D;
	if (is_member && pubkey_eq(&receive->author, &addressee)) {
		/* PROTOCOL: Goods that move on need no voucher: they only
		 * change shelves inside the ledger. */
		if (record_uint(&deliver->rec, FACT_FINAL) == 0 ||
		    roster_is_vouched(roster, &addressee, &deliver->author))
			return GRADE_A;
		return GRADE_D;
	}
	if (record_has(&receive->rec, FACT_PAPER) &&
	    !pubkey_eq(&receive->author, &by))
		return GRADE_C;
	return GRADE_D;
}

/* What is being evaluated. */
struct eval {
	const struct book_view *view;
	const struct id *root;
	book_emit *emit;
	void *arg;
	bool *over;
	struct pubkey author; /* of the original, when it counts */
	bool has_original;
};

static int emit_lines(struct eval *e, const struct book_record *rec,
		      enum fact f, enum column col, int sign)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&rec->rec, f, lines);

	for (size_t i = 0; i < n; i++) {
		struct posting p = posting_at(rec, &lines[i]);
		int err;

		p.delta[col] = (int64_t)lines[i].qty;
		p.delta[COL_ON_HAND] = sign * (int64_t)lines[i].qty;
		/* PROTOCOL: Rejected pieces are told apart from the good ones
		 * and stand with the first line. */
		if (i == 0 && f == FACT_LINES && col == COL_PRODUCED)
			p.delta[COL_REJECTED] =
				(int64_t)record_uint(&rec->rec, FACT_REJECTED);
		err = e->emit(e->arg, &p);
		if (err != 0)
			return err;
	}
	return 0;
}

static int emit_delivery(struct eval *e, const struct book_record *rec)
{
	struct tally t = {
		.view = e->view, .deliver = rec, .emit = e->emit, .arg = e->arg
	};
	int err = tally_all(&t, e->root);

	if (err == 0)
		err = tally_emit(&t);
	if (err == 0 && e->over != NULL)
		*e->over = *e->over || t.over;
	return err;
}

static int emit_effect(struct eval *e, const struct book_record *rec)
{
	int err;

	switch (rec->rec.kind) {
	case KIND_PRODUCE:
		err = emit_lines(e, rec, FACT_LINES, COL_PRODUCED, 1);
		if (err == 0)
			err = emit_lines(e, rec, FACT_USE, COL_CONSUMED, -1);
		return err;
	case KIND_SUPPLY:
		return emit_lines(e, rec, FACT_LINES, COL_SUPPLIED, 1);
	case KIND_LOSE:
		return emit_lines(e, rec, FACT_LINES, COL_LOST, -1);
	case KIND_COUNT:
		err = emit_lines(e, rec, FACT_FOUND, COL_FOUND, 1);
		if (err == 0)
			err = emit_lines(e, rec, FACT_MISSING, COL_LOST, -1);
		return err;
	case KIND_DELIVER:
		return emit_delivery(e, rec);
	default: /* kinds come from outside: the rest moves no stock */
		return 0;
	}
}

static int eval_newest(struct eval *e, const struct book_record *rec)
{
	struct book_record newest = *rec;
	bool occurred;
	int err = book_newest(e->view, &newest, &occurred);

	if (err != 0 || !occurred)
		return err;
	return emit_effect(e, &newest);
}

/* Has this author a re-issue of the root before (feed, seq)? */
struct earlier {
	const struct book_record *than;
	bool is_there;
};

static int find_earlier(void *arg, const struct book_record *rec)
{
	struct earlier *x = arg;

	if (rec->seq == x->than->seq && pubkey_eq(&rec->feed, &x->than->feed))
		return 1;
	x->is_there = pubkey_eq(&rec->author, &x->than->author);
	return x->is_there;
}

/* PROTOCOL: A record and its re-issues count once: the original if it counts,
 * else the re-issue at the smallest (feed, seq) of its author. */
static int eval_reissue(void *arg, const struct book_record *rec)
{
	struct eval *e = arg;
	struct earlier x = { .than = rec };
	int err;

	if (e->has_original && pubkey_eq(&e->author, &rec->author))
		return 0;
	err = e->view->refs(e->view->cookie, e->root, REF_ORPHAN, find_earlier,
			    &x);
	if (err < 0 || x.is_there)
		return err < 0 ? err : 0;
	return eval_newest(e, rec);
}

int book_eval(const struct book_view *view, const struct id *root,
	      book_emit *emit, void *arg, bool *over)
{
	struct eval e = { .view = view,
			  .root = root,
			  .emit = emit,
			  .arg = arg,
			  .over = over };
	struct book_record rec;
	struct id target;
	enum ref ref;
	int err = view->get(view->cookie, &rec, root);

	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	if (err == 0) {
		if (book_ref(&rec.rec, &ref, &target))
			return 0;
		e.has_original = true;
		e.author = rec.author;
		err = eval_newest(&e, &rec);
		if (err != 0)
			return err;
	}
	return view->refs(view->cookie, root, REF_ORPHAN, eval_reissue, &e);
}

static int no_refs(void *cookie, const struct id *target, enum ref ref,
		   book_visit *visit, void *arg)
{
	(void)cookie, (void)target, (void)ref, (void)visit, (void)arg;
	return 0;
}

int book_alone(const struct book_record *rec, book_emit *emit, void *arg)
{
	static const struct book_view nothing = { .refs = no_refs };
	struct eval e = {
		.view = &nothing, .root = &rec->id, .emit = emit, .arg = arg
	};

	return emit_effect(&e, rec);
}

int book_delivery(const struct book_view *view, struct delivery *out,
		  const struct id *deliver)
{
	struct book_record rec;
	struct tally t = { .view = view, .deliver = &rec };
	bool occurred;
	int err = view->get(view->cookie, &rec, deliver);

	if (err == 0 && rec.rec.kind != KIND_DELIVER)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = book_newest(view, &rec, &occurred);
	if (err == 0 && !occurred)
		err = ERR_STATE;
	if (err == 0)
		err = tally_all(&t, deliver);
	if (err != 0)
		return err;
	out->n = t.n;
	for (size_t i = 0; i < t.n; i++) {
		uint64_t acc[GRADES], ref[GRADES];

		tally_line(&t, i, acc, ref);
		out->line[i] = t.line[i];
		out->accepted[i] = acc[GRADE_A] + acc[GRADE_B] + acc[GRADE_C];
		out->refused[i] = ref[GRADE_A] + ref[GRADE_B] + ref[GRADE_C];
		out->lost[i] = t.lost[i];
		out->claimed[i] = acc[GRADE_D];
	}
	return 0;
}
