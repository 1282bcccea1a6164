#ifndef NODE_CMD_WITHDRAWN_H
#define NODE_CMD_WITHDRAWN_H

#include "node/cmd/remark.h"
#include "node/ctl/desk.h"
#include "node/text/party.h"
#include "proto/book/verdict.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * withdrawn -- revisions that may not be made any more, or never might.
 *
 * The verdicts of the ledger, for those who still have such goods, make or send
 * them.  What it lends is valid until withdrawn_close.
 */

struct withdrawn {
	struct store *store;
	const struct roster *roster; /* borrowed of the desk */
	struct book_view view;
	bool has_view;
	struct verdicts all;
	bool *is_met; /* which of them were found, lots after the items; owned
			 */
};

/* withdrawn_open: errors of the store, ERR_NOMEM.  withdrawn_close in any case.
 */
int withdrawn_open(struct withdrawn *w, const struct desk *d);
void withdrawn_close(struct withdrawn *w);

/* withdrawn_find: the verdict by which an item is bad now, or NULL.  Lots of
 * the item that are bad are found, too, for withdrawn_note. */
const struct verdict *withdrawn_find(struct withdrawn *w, const char *item,
				     size_t item_n);

/* withdrawn_word: as JSON has it; NULL for NULL. */
const char *withdrawn_word(const struct verdict *v);

/* withdrawn_text: "withdrawn by clinic on 2020-04-12: cracks", as it was
 * written. */
enum { WITHDRAWN_TEXT = 768 };
void withdrawn_text(char out[static WITHDRAWN_TEXT], const struct withdrawn *w,
		    const struct verdict *v);

/* withdrawn_lots: call visit with each verdict by which what one record brought
 * is bad now, of a target (NULL: of all), and with how it is called: "60
 * frame/v2 of lot L1 (lea/12)".  What visit returns other than 0 ends it. */
typedef int withdrawn_visit(void *arg, const struct verdict *v,
			    const char *goods);
int withdrawn_lots(struct withdrawn *w, const struct id *target,
		   withdrawn_visit *visit, void *arg);

/* withdrawn_ref: the record of a verdict, for 'recall'. */
void withdrawn_ref(char out[static REF_TEXT], const struct withdrawn *w,
		   const struct verdict *v);

/* withdrawn_note: a warning for each item that was found so far. */
void withdrawn_note(struct withdrawn *w);

/* withdrawn_remark: remark upon each line of a record that makes such goods, or
 * delivers them for good.  A store that cannot be read gives none. */
void withdrawn_remark(struct remarks *out, const struct desk *d,
		      const struct record *rec, uint64_t date);

#endif
