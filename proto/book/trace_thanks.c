#include "crypto/err.h"
#include "proto/book/reissue.h"
#include "proto/book/trace_inside.h"
#include "proto/grow.h"

#include <stdlib.h>

/* Gifts on delivery. */

int trace_note_thanks(struct trace *t, const struct book_view *view,
		      const struct book_record *rec, uint32_t gift)
{
	struct trace_inside *in = t->inside;
	struct book_record deliver;
	struct id id;
	int err;

	if (rec->rec.kind != KIND_DONATE ||
	    !record_has(&rec->rec, FACT_DELIVER))
		return 0;
	id = record_id(&rec->rec, FACT_DELIVER);
	err = reissue_acting(view, &deliver, &id, KIND_DELIVER);
	if (err == 0)
		err = grow(&in->thanks, &in->max_thanks, in->n_thanks,
			   sizeof(*in->thanks));
	if (err == 0)
		in->thanks[in->n_thanks++] =
			(struct trace_thanks){ deliver.id, gift };
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int thanks_cmp(const void *a, const void *b)
{
	const struct trace_thanks *x = a, *y = b;
	int c = id_cmp(&x->deliver, &y->deliver);

	return c != 0 ? c : (x->gift > y->gift) - (x->gift < y->gift);
}

/* The first that names this delivery, or where it would stand. */
static size_t thanks_from(const struct trace_inside *in, const struct id *id)
{
	size_t lo = 0, hi = in->n_thanks;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (id_cmp(&in->thanks[mid].deliver, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* PROTOCOL: A gift that names a delivery (`deliver`) was given for it */
int trace_lay_thanks(struct trace *t)
{
	struct trace_inside *in = t->inside;
	int err = 0;

	if (in->n_thanks == 0)
		return 0;
	qsort(in->thanks, in->n_thanks, sizeof(*in->thanks), thanks_cmp);
	for (uint32_t i = 0; i < t->nodes && err == 0; i++) {
		const struct trace_node *n = &t->node[i];
		size_t k;

		if (n->type != TRACE_LINE || n->kind != KIND_DELIVER)
			continue;
		for (k = thanks_from(in, &n->at.id);
		     k < in->n_thanks && err == 0 &&
		     id_eq(&in->thanks[k].deliver, &n->at.id);
		     k++) {
			err = grow(&in->event, &in->events_max, in->events,
				   sizeof(*in->event));
			if (err == 0)
				in->event[in->events++] = (struct trace_event){
					.stage = STAGE_GOODS,
					.act = ACT_THANK,
					.date = n->date,
					.node = in->thanks[k].gift,
					.other = i,
					.line = i,
				};
		}
	}
	return err;
}
