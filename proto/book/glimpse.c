#include "proto/book/glimpse.h"

#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/* Where the item stands, or would. */
static size_t place_of(const struct glimpse *g, const char *item)
{
	size_t lo = 0, hi = g->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(g->at[mid].item, item) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The row of an item; NULL when there are too many. */
static int row_of(struct glimpse *g, struct glimpse_row **out, const char *item)
{
	size_t i = place_of(g, item);
	int err = 0;

	*out = NULL;
	if (i == g->n || strcmp(g->at[i].item, item) != 0) {
		if (g->n == GLIMPSE_ITEMS) {
			g->is_cut = true;
			return 0;
		}
		err = grow(&g->at, &g->max, g->n, sizeof(*g->at));
		if (err != 0)
			return err;
		memmove(&g->at[i + 1], &g->at[i], (g->n - i) * sizeof(*g->at));
		memset(&g->at[i], 0, sizeof(g->at[i]));
		memcpy(g->at[i].item, item, strlen(item));
		g->n++;
	}
	*out = &g->at[i];
	return 0;
}

int glimpse_add(struct glimpse *g, const struct record *rec)
{
	bool is_made = rec->kind == KIND_PRODUCE;
	bool is_sent = rec->kind == KIND_DELIVER;
	struct line lines[LIMIT_LINES];
	size_t n;
	int err = 0;

	if ((!is_made && !is_sent && rec->kind != KIND_RECEIVE) ||
	    record_has(rec, FACT_ORPHAN))
		return 0;
	n = record_lines(rec, is_made || is_sent ? FACT_LINES : FACT_ACCEPTED,
			 lines);
	for (size_t i = 0; i < n && err == 0; i++) {
		char item[LIMIT_ITEM + 1] = "";
		struct glimpse_row *row;

		memcpy(item, lines[i].item, lines[i].item_n);
		err = row_of(g, &row, item);
		if (row == NULL)
			continue;
		row->produced += is_made ? lines[i].qty : 0;
		row->delivered += is_sent ? lines[i].qty : 0;
		row->received += is_made || is_sent ? 0 : lines[i].qty;
	}
	return err;
}

void glimpse_release(struct glimpse *g)
{
	free(g->at);
	*g = (struct glimpse){ .at = NULL };
}
