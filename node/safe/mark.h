#ifndef NODE_SAFE_MARK_H
#define NODE_SAFE_MARK_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "node/home.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * mark -- how far a feed was written, kept outside its home.
 *
 * A home that was put back from a copy does not know what it has lost; this
 * file does, unless it was put back too.  It stands in $MAILLON_STATE, else
 * $XDG_STATE_HOME/maillon, else ~/.local/state/maillon; for a home below
 * /var/lib in /var/lib/maillon-state.  Its name is made of the network and the
 * feed, so a home may be moved, and two copies of one home on a machine know
 * of each other.
 *
 *   maillon-mark/1 live|ended SEQ ID CHECK\n
 *
 * stands in it twice, 4096 bytes apart, and is written in turn, so a power cut
 * spoils the older one at most.
 */

struct mark; /* opaque */

struct mark_place {
	uint64_t seq; /* of the newest entry */
	struct id id;
	bool is_ended; /* the feed's key must not sign again */
};

/* mark_open: the file of a feed in a network, made with its folder if missing.
 * ERR_NOT_FOUND: no HOME in the environment; ERR_LIMIT: too long a path;
 * ERR_DENIED, ERR_FULL, ERR_IO, ERR_NOMEM. */
int mark_open(struct mark **out, const struct home *home,
	      const struct id *network, const struct pubkey *feed);

/* mark_close: NULL is fine. */
void mark_close(struct mark *m);

/* mark_get: what was written last.  ERR_NOT_FOUND: nothing yet, or nothing
 * that can be read. */
int mark_get(const struct mark *m, struct mark_place *out);

/* mark_put: write and sync.  ERR_FULL, ERR_IO. */
int mark_put(struct mark *m, const struct mark_place *place);

#endif
