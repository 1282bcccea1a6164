#include "proto/book/book.h"

#include "crypto/err.h"
#include "proto/book/book_tally.h"
#include "proto/book/fund.h"
#include "proto/book/reissue.h"

/* What is being evaluated. */
struct eval {
	const struct book_view *view;
	book_emit *emit;
	void *arg;
	bool is_asked; /* is there too much? */
	bool over;
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
		if (i == 0 && col == COL_PRODUCED)
			p.delta[COL_REJECTED] =
				(int64_t)record_uint(&rec->rec, FACT_REJECTED);
		err = e->emit(e->arg, &p);
		if (err != 0)
			return err;
	}
	return 0;
}

static int emit_delivery(struct eval *e, const struct book_record *first,
			 const struct book_record *newest)
{
	struct tally t;
	int err;

	tally_start(&t, e->view, newest);
	t.emit = e->emit;
	t.arg = e->arg;
	err = tally_all(&t, first);
	if (err == 0)
		err = tally_emit(&t);
	e->over = e->over || t.over;
	return err;
}

static int emit_effect(struct eval *e, const struct book_record *first,
		       const struct book_record *rec)
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
		return emit_delivery(e, first, rec);
	case KIND_DONATE:
	case KIND_SPEND:
		return fund_emit(rec, e->emit, e->arg);
	default: /* kinds come from outside: the rest moves no stock */
		return 0;
	}
}

/* What others than the sender said became of a version of a delivery. */
static int others_said(const struct book_view *view, uint64_t *sum,
		       const struct book_record *first,
		       const struct book_record *version)
{
	struct tally t;
	int err;

	tally_start(&t, view, version);
	err = tally_all(&t, first);
	*sum = 0;
	for (size_t i = 0; err == 0 && i < t.n; i++) {
		uint64_t acc[GRADES], ref[GRADES];

		tally_line(&t, i, acc, ref);
		for (size_t g = GRADE_A; g <= GRADE_C; g++)
			*sum += acc[g] + ref[g];
	}
	return err;
}

/* What others said most of any version. */
struct said_most {
	const struct book_view *view;
	const struct book_record *first;
	uint64_t sum;
};

static int weigh_version(void *arg, const struct book_record *rec,
			 const struct book_record *by, bool occurred)
{
	struct said_most *m = arg;
	uint64_t sum;
	int err;

	(void)by;
	if (!occurred)
		return 0;
	err = others_said(m->view, &sum, m->first, rec);
	if (err == 0 && sum > m->sum)
		m->sum = sum;
	return err;
}

/* PROTOCOL: A correction that withdraws a delivery, or sends it to somebody
 * else, takes away what others had said of it: more came of it then than was
 * sent. */
static int judge_correction(struct eval *e, const struct book_record *first,
			    const struct book_record *newest, bool occurred)
{
	struct said_most most = { .view = e->view, .first = first };
	struct book_record rec;
	uint64_t after = 0;
	int err = 0;

	if (!e->is_asked || first->rec.kind != KIND_DELIVER ||
	    (occurred &&
	     newest->rec.v[FACT_LINES].p == first->rec.v[FACT_LINES].p))
		return 0;
	book_copy(&rec, first);
	err = book_versions(e->view, &rec, weigh_version, &most);
	if (err == 0 && occurred)
		err = others_said(e->view, &after, first, newest);
	e->over = e->over || after < most.sum;
	return err;
}

static int eval_newest(struct eval *e, const struct book_record *first)
{
	struct book_record newest;
	bool occurred;
	int err;

	book_copy(&newest, first);
	err = book_newest(e->view, &newest, &occurred);
	if (err == 0)
		err = judge_correction(e, first, &newest, occurred);
	if (err != 0 || !occurred)
		return err;
	return emit_effect(e, first, &newest);
}

/* A re-issue of a root that is not here. */
static int eval_reissue(void *arg, const struct book_record *rec)
{
	struct eval *e = arg;
	struct id target;
	enum ref ref;
	bool silent;
	int err;

	if (reissue_own(&rec->rec, &ref, &target))
		return 0;
	err = reissue_is_silent(e->view, rec, &silent);
	if (err != 0 || silent)
		return err;
	return eval_newest(e, rec);
}

int book_eval_record(const struct book_view *view,
		     const struct book_record *root, book_emit *emit, void *arg,
		     bool *over)
{
	struct eval e = {
		.view = view, .emit = emit, .arg = arg, .is_asked = over != NULL
	};
	struct id target;
	enum ref ref;
	int err = 0;

	if (!book_ref(&root->rec, &ref, &target))
		err = eval_newest(&e, root);
	if (err == 0 && over != NULL && e.over)
		*over = true;
	return err;
}

int book_eval(const struct book_view *view, const struct id *root,
	      book_emit *emit, void *arg, bool *over)
{
	struct eval e = {
		.view = view, .emit = emit, .arg = arg, .is_asked = over != NULL
	};
	struct book_record rec;
	int err = view->get(view->cookie, &rec, root);

	if (err == 0)
		return book_eval_record(view, &rec, emit, arg, over);
	if (err == ERR_NOT_FOUND)
		err = view->refs(view->cookie, root, REF_ORPHAN, eval_reissue,
				 &e);
	if (err == 0 && over != NULL && e.over)
		*over = true;
	return err;
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
	struct eval e = { .view = &nothing, .emit = emit, .arg = arg };

	return emit_effect(&e, rec, rec);
}

int book_delivery(const struct book_view *view, struct delivery *out,
		  const struct id *deliver)
{
	struct book_record first, newest;
	struct tally t;
	int err = tally_delivery(&t, view, &first, &newest, deliver);

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
		for (size_t g = 0; g < GRADES; g++) {
			out->graded[g][i] = acc[g];
			out->said[g][i] = t.accepted[g][i] + t.refused[g][i];
		}
	}
	return 0;
}
