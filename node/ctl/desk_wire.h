#ifndef NODE_CTL_DESK_WIRE_H
#define NODE_CTL_DESK_WIRE_H

#include "node/ctl/ctl.h"
#include "node/keeper.h"

/*
 * desk_wire -- the control verbs of desk.h as msgpack, both ways.
 */

enum { WIRE_ROOM = KEEPER_BYTES + 64 * KEEPER_DRAFTS + LIMIT_ENTRY };

/* wire_put_drafts: what `record` is asked with. */
void wire_put_drafts(struct wr *w, const struct draft *drafts, size_t n);

/* wire_get_drafts: read it back; the drafts borrow from the reader's bytes.
 * ERR_FORMAT, ERR_LIMIT. */
int wire_get_drafts(struct rd *r, struct draft out[static KEEPER_DRAFTS],
		    size_t *n);

/* wire_put_recorded: what `record` is answered with: err and the draft at
 * fault, or n rows. */
void wire_put_recorded(struct wr *w, int err, size_t bad,
		       const struct recorded *rows, size_t n);

/* wire_get_recorded: read it back into n rows.  The error that was put, or
 * ERR_FORMAT. */
int wire_get_recorded(struct rd *r, struct recorded *out, size_t n,
		      size_t *bad);

#endif
