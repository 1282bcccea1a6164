#ifndef NODE_CMD_FIGURES_H
#define NODE_CMD_FIGURES_H

#include "node/cmd/narrow.h"
#include "node/ctl/desk.h"
#include "node/text/json.h"
#include "proto/book/catalog.h"
#include "store/book.h"

#include <stddef.h>

/*
 * figures -- sums of the running book by item, for those who print them.
 */

/* The columns of one item. */
struct figure {
	char item[LIMIT_ITEM + 1];
	int64_t col[COL_COUNT];
};

struct figures {
	struct figure *at; /* rising item; owned */
	size_t n, max;
};

/* figures_add: add columns to an item's row.  ERR_NOMEM. */
int figures_add(struct figures *f, const char *item, size_t item_n,
		const int64_t col[static COL_COUNT]);

/* figures_sum: add up all balances that narrow lets through.  Errors of the
 * store, ERR_NOMEM. */
int figures_sum(struct figures *f, struct store *s,
		const struct narrow *narrow);

/* figures_kept: a sum that the store keeps (store_totals_of). */
int figures_kept(struct figures *f, struct store *s, enum total_scope scope,
		 const struct pubkey *party);

/* figures_by_party: the same in one pass for n associations in rising order:
 * rows[i], empty before, gets what those hold who book to parties[i].  The
 * caller releases all rows, whatever is returned. */
int figures_by_party(struct figures *rows, const struct rank_row *parties,
		     size_t n, struct store *s, const struct narrow *narrow);

/* figures_release: free the rows. */
void figures_release(struct figures *f);

/* figures_catalog: what the items are (catalog_release it).  Errors of the
 * store, ERR_NOMEM. */
int figures_catalog(struct catalog *c, struct store *s);

/* figures_json: the rows as item objects. */
json_t *figures_json(const struct figures *f, const struct catalog *c);

/* figures_table: the rows as a table, columns that are zero throughout left
 * out.  An exit code. */
int figures_table(const struct figures *f, const struct catalog *c);

#endif
