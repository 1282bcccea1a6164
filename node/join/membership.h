#ifndef NODE_JOIN_MEMBERSHIP_H
#define NODE_JOIN_MEMBERSHIP_H

#include "node/keeper.h"
#include "node/text/say.h"
#include "proto/invite.h"
#include "proto/session/msg.h"
#include "proto/session/reason.h"
#include "proto/session/session_host.h"
#include "proto/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * membership -- founding, inviting, asking, accepting: the entries and private
 * rows behind them, on top of the keeper.
 *
 * Everything here is on the disk when a function returns 0.  now_ms is the
 * wall clock (cmd_now), since 1970 UTC.  In a daemon the host's batch is
 * flushed before, and the host refreshed after.
 */

/* How a home's ledger begins. */
struct membership_start {
	struct id network;
	const uint8_t *charter; /* the founder's; NULL when joining */
	size_t charter_n;
	const char *passphrase;       /* of the identity key, NULL for none */
	const struct position *after; /* what was known of a lost feed; NULL */
	uint64_t now_ms;
};

/* membership_begin: make the ledger and this feed's `open`; nothing to do when
 * it has begun in this network.  ERR_EXISTS: the home is in another network;
 * ERR_STATE, ERR_SIGNATURE: the identity is sealed, and no or the wrong
 * passphrase was given; the errors of keeper_create and of the store. */
int membership_begin(const struct home *home, const struct membership_start *m);

/* membership_switch: make way for the ledger of this network.  A ledger of
 * another network in which nothing was ever recorded, because its link led
 * nowhere, is put aside as DIR/ledger-XXXXXXXX after its network; one that was
 * put aside comes back, so that no feed ever begins twice.  ERR_EXISTS: the
 * home is in another network; ERR_BUSY; the errors of keeper_open. */
int membership_switch(const struct home *home, const struct id *network);

/* membership_keep_link, membership_link, membership_drop_link: the link that
 * this home waits with, for `up` to ask again.  ERR_NOT_FOUND: none. */
int membership_keep_link(struct keeper *k, const char *link);
int membership_link(struct keeper *k, struct invite *out);
int membership_drop_link(struct keeper *k);

/* What an invite is to be. */
struct invite_wish {
	enum role role;
	uint32_t uses; /* 1 to TICKET_USES */
	uint32_t days; /* 1 to TICKET_DAYS */
	bool is_auto;
	char addresses[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	size_t addresses_n; /* 0: those that this node has published */
};

/* membership_invite: keep a new invite and give its link.  ERR_DENIED: this
 * member may not admit; ERR_NOT_FOUND: no address to put in; ERR_LIMIT: uses
 * or days out of range, or the link too long; the errors of the store. */
int membership_invite(struct keeper *k, char link[static INVITE_SIZE],
		      const struct invite_wish *wish, uint64_t now_ms);

/* membership_ask: somebody shows an invite: answer, and keep or admit.  peer
 * has proved its feed, identity and transport key.  The errors are troubles of
 * ours. */
int membership_ask(struct keeper *k, enum joined *status,
		   const struct msg_join *join, const struct session_peer *peer,
		   uint64_t now_ms);

/* What an admission is to say. */
struct admit_wish {
	struct pubkey who;
	bool has_role; /* else that of the invite, or the one it has */
	enum role role;
	bool may_admit;
	/* A member keeps what it has unless has_role or may_admit says so. */
};

/* What it came to. */
struct admitted {
	struct recorded at;
	char label[LIMIT_LABEL + 1]; /* with a suffix if its own was taken */
	bool is_renamed;
};

/* membership_accept: admit who waits, with its entries, or change the role of
 * a member.  ERR_NOT_FOUND: neither waits nor is a member; ERR_DENIED: this
 * member may not admit that one; ERR_EXISTS: a member, and nothing would
 * change; and those of keeper_record. */
int membership_accept(struct keeper *k, struct admitted *out,
		      const struct admit_wish *wish, uint64_t now_ms);

/* membership_join: what this home shows with an invite: its label, proof and
 * first entries, which are written to entries.  ERR_LIMIT: they do not fit;
 * ERR_STATE: the ledger has not begun; the errors of the store. */
enum { JOIN_ENTRIES = 60000 }; /* bytes: a frame holds them with the rest */
int membership_join(struct keeper *k, struct msg_join *out,
		    uint8_t entries[static JOIN_ENTRIES],
		    const struct invite *invite);

#endif
