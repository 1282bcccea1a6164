#include "proto/book/outcome.h"

#include "proto/book/reissue.h"

struct going {
	struct tally *tally;
	outcome_visit *visit;
	void *arg;
};

static int go_on(void *arg, const struct book_record *rec)
{
	const struct going *g = arg;
	struct book_record newest = *rec;
	bool silent, occurred;
	int err = reissue_is_silent(g->tally->view, rec, &silent);

	if (err != 0 || silent)
		return err;
	err = book_newest(g->tally->view, &newest, &occurred);
	if (err != 0 || !occurred)
		return err;
	if (newest.rec.kind == KIND_LOSE)
		return g->visit(g->arg, &newest, GRADE_D);
	return newest.rec.kind == KIND_RECEIVE
		       ? g->visit(g->arg, &newest,
				  tally_grade(g->tally, &newest))
		       : 0;
}

static int under_name(void *arg, const struct id *name, bool is_here)
{
	struct going *g = arg;
	const struct book_view *view = g->tally->view;

	g->tally->is_absent = !is_here;
	return view->refs(view->cookie, name, REF_DELIVER, go_on, g);
}

int outcomes_each(struct tally *t, const struct book_record *first,
		  outcome_visit *visit, void *arg)
{
	struct going g = { t, visit, arg };

	t->first = first;
	return reissue_names(t->view, first, under_name, &g);
}

int outcomes_of(const struct book_view *view, const struct id *deliver,
		outcome_visit *visit, void *arg)
{
	struct book_record first, newest;
	struct tally t;
	int err = tally_delivery(&t, view, &first, &newest, deliver);

	return err == 0 ? outcomes_each(&t, &first, visit, arg) : err;
}
