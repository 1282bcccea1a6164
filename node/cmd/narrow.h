#ifndef NODE_CMD_NARROW_H
#define NODE_CMD_NARROW_H

#include "node/cmd/cmd.h"
#include "node/ctl/desk.h"

#include <stdbool.h>

/*
 * narrow -- --under PARTY and --place PLACE: whose entries and goods to show.
 */

struct narrow {
	const struct roster *roster;
	bool has_under;
	struct pubkey under;
	char place[LIMIT_PLACE + 1]; /* "" for all */
};

/* narrow_open: what the options say; exit code.  Borrows the desk's roster. */
int narrow_open(struct narrow *n, const struct desk *d,
		const struct args *args);

/* narrow_is_on: is anything left out? */
bool narrow_is_on(const struct narrow *n);

/* narrow_member, narrow_feed: are they to be shown?  Who is not in the roster
 * is, when nothing is left out. */
bool narrow_member(const struct narrow *n, const struct pubkey *member);
bool narrow_feed(const struct narrow *n, const struct pubkey *feed);

#endif
