#include "node/report/source.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "proto/book/demand.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/*
 * Sections that several reports have.
 */

static int64_t acknowledged(const int64_t col[static COL_COUNT])
{
	return col[COL_ACK_A] + col[COL_ACK_B] + col[COL_ACK_C];
}

int part_goods(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "item", N_("item"), 'l', false },
		{ "unit", N_("unit"), 'l', false },
		{ "produced", N_("produced"), 'r', false },
		{ "delivered", N_("delivered"), 'r', false },
		{ "A", N_("A"), 'r', false },
		{ "B", N_("B"), 'r', false },
		{ "C", N_("C"), 'r', false },
		{ "acknowledged", N_("acknowledged"), 'r', true },
		{ "claimed", N_("claimed"), 'r', false },
		{ "in_transit", N_("in transit"), 'r', false },
		{ "on_hand", N_("on hand"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	static const enum column shown[] = { COL_PRODUCED, COL_DELIVERED,
					     COL_ACK_A, COL_ACK_B, COL_ACK_C };
	const struct figures *f;
	int err = source_goods(s, &f);

	report_section(r, "items", N_("Goods"), columns, N_("none recorded"))
		->note = N_(
		"Acknowledged, A: by the recipient's own key. B: by a key that "
		"others enrolled for it. C: a signed paper, "
		"entered by a third member. Claimed is the "
		"sender's word, and stays in transit.");
	for (size_t i = 0; i < f->n && err == 0; i++) {
		const int64_t *col = f->at[i].col;

		put_text(r, f->at[i].item);
		put_text(r, catalog_unit(&s->catalog, f->at[i].item));
		for (size_t c = 0; c < sizeof(shown) / sizeof(shown[0]); c++)
			put_count(r, col[shown[c]]);
		put_count(r, acknowledged(col));
		put_count(r, col[COL_CLAIMED]);
		put_count(r, col[COL_IN_TRANSIT]);
		put_count(r, col[COL_ON_HAND]);
	}
	return err;
}

int part_evidence(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "checkpoints", N_("checkpoints"), 'r', false },
		{ "unchecked", N_("of these not checked"), 'r', false },
		{ "cosignatures", N_("cosignatures of witnesses"), 'r', false },
		{ "witnessed", N_("newest time that a quorum said"), 'l',
		  false },
		{ NULL, NULL, 0, false },
	};
	const struct audit_attested *x = &s->audit->attested;

	report_facts(r, "evidence", N_("Checkpoints and witnesses"), columns);
	put_count(r, (int64_t)x->checkpoints);
	put_count(r, (int64_t)x->unchecked);
	put_count(r, (int64_t)x->cosignatures);
	if (x->has_time)
		put_time(r, x->time_ms);
	else
		put_none(r);
	return 0;
}

/* Demand, with what lies ready at the place. */
struct wanted {
	struct demand demand;
	int64_t there;
};

struct wants {
	struct source *s;
	struct demands all;
	struct wanted *at; /* rising item and place */
	size_t n, max;
};

static int take_request(void *arg, const struct book_record *rec)
{
	struct wants *w = arg;

	return narrow_member(w->s->narrow, &rec->author)
		       ? demands_add(&w->all, &w->s->view, rec)
		       : 0;
}

static int wants_read(struct wants *w)
{
	struct demand row;
	size_t at = 0;
	int err = store_kind(w->s->store, KIND_REQUEST, take_request, w);

	demands_settle(&w->all);
	while (err == 0 && demands_next(&w->all, &at, w->s->as_of_ms, &row)) {
		err = grow(&w->at, &w->max, w->n, sizeof(*w->at));
		if (err == 0)
			w->at[w->n++] = (struct wanted){ row, 0 };
	}
	return err;
}

/* Goods of this code lie at this place. */
static void add_code(struct wants *w, const char *item, const char *place,
		     int64_t qty)
{
	size_t lo = 0, hi = w->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(w->at[mid].demand.item, item) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < w->n && strcmp(w->at[lo].demand.item, item) == 0; lo++)
		if (place_is_under(place, w->at[lo].demand.place))
			w->at[lo].there += qty;
}

static int add_there(void *arg, const struct holder *holder, const char *item,
		     size_t item_n, const int64_t col[static COL_COUNT])
{
	struct wants *w = arg;
	const struct member *m = roster_member(w->s->roster, &holder->member);
	char code[LIMIT_ITEM + 1], *slash;

	if (m == NULL || item_n > LIMIT_ITEM || col[COL_ON_HAND] == 0)
		return 0;
	memcpy(code, item, item_n);
	code[item_n] = '\0';
	add_code(w, code, m->place, col[COL_ON_HAND]);
	/* PROTOCOL: `visor/v30` answers a request for `visor`. */
	slash = strchr(code, '/');
	if (slash != NULL) {
		*slash = '\0';
		add_code(w, code, m->place, col[COL_ON_HAND]);
	}
	return 0;
}

int part_demand(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "item", N_("item"), 'l', false },
		{ "place", N_("place"), 'l', false },
		{ "requested", N_("requested"), 'r', false },
		{ "pledged", N_("pledged"), 'r', false },
		{ "acknowledged", N_("acknowledged"), 'r', false },
		{ "open", N_("still needed"), 'r', true },
		{ "on_hand", N_("on hand there"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	struct wants w = { .s = s };
	int err = wants_read(&w);

	if (err == 0)
		err = store_balances(s->store, add_there, &w);
	report_section(r, "demand", N_("Demand"), columns, N_("none recorded"));
	for (size_t i = 0; i < w.n && err == 0; i++) {
		const struct demand *row = &w.at[i].demand;
		int64_t open = row->requested - row->acknowledged;

		put_text(r, row->item);
		put_text(r, row->place);
		put_count(r, row->requested);
		put_count(r, row->pledged);
		put_count(r, row->acknowledged);
		put_count(r, open > 0 ? open : 0);
		put_count(r, w.at[i].there);
	}
	demands_release(&w.all);
	free(w.at);
	return err;
}
