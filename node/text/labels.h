#ifndef NODE_TEXT_LABELS_H
#define NODE_TEXT_LABELS_H

#include "node/text/party.h"
#include "proto/roster/roster.h"

#include <stddef.h>
#include <stdint.h>

/*
 * labels -- member_text and ref_text for those who name thousands.
 *
 * Which labels are one member's alone, and who has one feed, is looked up and
 * not searched for.  The texts are the same.  Borrows the roster.
 */

struct labels {
	const struct roster *roster;
	const struct member **member; /* by rising label; owned */
	size_t members;
	struct pubkey *owner; /* of each feed, rising; owned */
	size_t feeds;
};

/* labels_open: ERR_NOMEM.  labels_close: a zeroed one is fine. */
int labels_open(struct labels *l, const struct roster *roster);
void labels_close(struct labels *l);

/* labels_member, labels_feed, labels_ref: as member_text, feed_text and
 * ref_text. */
void labels_member(const struct labels *l, char out[static PARTY_TEXT],
		   const struct pubkey *member);
void labels_feed(const struct labels *l, char out[static REF_TEXT],
		 const struct pubkey *feed);
void labels_ref(const struct labels *l, char out[static REF_TEXT],
		const struct pubkey *feed, uint64_t seq);

#endif
