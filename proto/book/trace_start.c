#include "crypto/err.h"
#include "proto/book/demand.h"
#include "proto/book/reissue.h"
#include "proto/book/trace.h"
#include "proto/grow.h"

/* What is asked about may move nothing itself; then others do for it. */

struct starts {
	struct id **ids;
	size_t *n, *max;
	const struct pubkey *author; /* of a pledge: only what it made */
};

static int add_name(void *arg, const struct id *name, bool is_here)
{
	struct starts *s = arg;
	int err = grow(s->ids, s->max, *s->n, sizeof(**s->ids));

	(void)is_here;
	if (err == 0)
		(*s->ids)[(*s->n)++] = *name;
	return err;
}

static int add_answer(void *arg, const struct book_record *rec)
{
	struct starts *s = arg;

	if (s->author != NULL && !pubkey_eq(s->author, &rec->author))
		return 0;
	return add_name(s, &rec->id, true);
}

/* The record that a correction, or a correction of it, is of. */
static int original(const struct book_view *view, struct book_record *rec)
{
	int err = 0;

	while (err == 0 && rec->rec.kind == KIND_CORRECT) {
		struct id at = record_id(&rec->rec, FACT_TARGET);

		err = view->get(view->cookie, rec, &at);
	}
	return err;
}

int trace_starts(const struct book_view *view, const struct book_record *rec,
		 struct id **ids, size_t *n, size_t *max)
{
	struct starts s = { ids, n, max, NULL };
	struct book_record of = *rec;
	struct pubkey author = rec->author;
	struct id request;
	int err = original(view, &of);

	if (err == 0 && of.rec.kind == KIND_PLEDGE) {
		s.author = &author;
		request = record_id(&of.rec, FACT_REQUEST);
		err = view->get(view->cookie, &of, &request);
		if (err == 0)
			err = original(view, &of);
	}
	if (err == 0 && of.rec.kind == KIND_REQUEST)
		err = demand_answers(view, &of, add_answer, &s);
	else if (err == 0)
		err = reissue_names(view, &of, add_name, &s);
	return err == ERR_NOT_FOUND ? 0 : err;
}
