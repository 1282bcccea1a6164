#ifndef NODE_EXPORT_JOURNAL_H
#define NODE_EXPORT_JOURNAL_H

#include "node/export/export.h"

#include <stddef.h>
#include <stdint.h>

/*
 * journal -- the postings of the book as dated moves between accounts.
 *
 * A delivery is two moves: what was sent, when it was; and what became of it,
 * when the last word on it was said.  Every move is balanced by the equation
 * of PROTOCOL.md, "Columns".
 */

enum move_part {
	MOVE_WHOLE,   /* the postings at the place of the record */
	MOVE_SENT,    /* of a delivery: from the shelf onto the way */
	MOVE_OUTCOME, /* of a delivery: from the way to where it went */
	MOVE_THERE    /* what another's entry did to a shelf */
};

/* One move: some of the postings of a root. */
struct move {
	uint64_t date_ms;
	struct pubkey feed; /* the entry that moved it */
	uint64_t seq;
	enum move_part part;
	struct id root;
};

struct moves {
	struct move *at; /* owned; rising date, then place */
	size_t n, max;
};

/* moves_load: those of all roots, of holders that narrow lets through.  *out is
 * zero before; the caller frees out->at, after errors too. */
int moves_load(struct moves *out, const struct exporting *x);

/* moves_each: the postings of one move, each with the deltas of that part
 * alone; nothing for those that come to nothing. */
int moves_each(const struct move *m, const struct exporting *x,
	       book_emit *visit, void *arg);

#endif
