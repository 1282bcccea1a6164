#ifndef NODE_CMD_FOLLOWED_H
#define NODE_CMD_FOLLOWED_H

#include "crypto/sign.h"
#include "node/cmd/cmd.h"
#include "node/keeper.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * followed -- a home that follows some members only says so wherever it shows
 * figures, so that nobody takes them for those of the whole network.
 */

struct store;

/* followed_take: the options --follow of `up`: remember whom this home follows
 * from now on.  An exit code, after saying why not. */
int followed_take(struct keeper *k, const struct args *args);

/* followed_wish: the options --follow of `join`: the same, by names that only
 * the roster will tell, for a home that is nobody's yet.  followed_left: say
 * whom of these the roster does not tell, EXIT_DATA; EXIT_DONE when all is
 * settled. */
int followed_wish(struct keeper *k, const struct args *args);
int followed_left(struct keeper *k);

/* What a home that follows some does not hold. */
struct followed {
	char names[256];         /* of those it follows, safe */
	size_t members, outside; /* in the roster; of these, not followed */
};

/* followed_look: true, and filled in, when the home follows some only.  roster
 * NULL: the store's, which is loaded then. */
bool followed_look(struct followed *out, struct store *s,
		   const struct roster *roster, const struct pubkey *identity);

/* followed_note: the same as a sentence on stderr; nothing when it follows
 * everybody. */
void followed_note(struct store *s, const struct roster *roster,
		   const struct pubkey *identity);

#endif
