#include "node/cmd/recount.h"

#include "crypto/err.h"
#include "proto/value.h"

#include <string.h>

/* What a list of a record says of an item. */
static int64_t qty_of(bool *is_there, const struct record *rec, enum fact fact,
		      const struct line *item)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(rec, fact, lines);

	*is_there = false;
	for (size_t i = 0; i < n; i++)
		if (lines[i].item_n == item->item_n &&
		    memcmp(lines[i].item, item->item, item->item_n) == 0) {
			*is_there = true;
			return (int64_t)lines[i].qty;
		}
	return 0;
}

static void put(struct goods *out, size_t *n, const struct line *item,
		int64_t qty)
{
	struct goods *g = &out[(*n)++];

	memcpy(g->item, item->item, item->item_n);
	g->item[item->item_n] = '\0';
	g->qty = (uint64_t)qty;
}

int recount(struct form *f, const struct record *before)
{
	struct goods found[LIMIT_LINES], missing[LIMIT_LINES];
	struct line now[LIMIT_LINES];
	size_t n = record_lines(&f->rec, FACT_COUNTED, now);
	size_t found_n = 0, missing_n = 0;
	int err;

	for (size_t i = 0; i < n; i++) {
		bool was_counted, is_there;
		int64_t more = (int64_t)now[i].qty;

		more -= qty_of(&was_counted, before, FACT_COUNTED, &now[i]);
		more += qty_of(&is_there, before, FACT_FOUND, &now[i]);
		more -= qty_of(&is_there, before, FACT_MISSING, &now[i]);
		if (!was_counted)
			return ERR_NOT_FOUND;
		if (more > 0)
			put(found, &found_n, &now[i], more);
		if (more < 0)
			put(missing, &missing_n, &now[i], -more);
	}
	err = form_lines(f, FACT_FOUND, found, found_n);
	return err == 0 ? form_lines(f, FACT_MISSING, missing, missing_n) : err;
}
