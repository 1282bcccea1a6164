#ifndef NODE_JOIN_WAITING_H
#define NODE_JOIN_WAITING_H

#include "crypto/curve.h"
#include "crypto/sign.h"
#include "node/text/say.h"
#include "proto/fact.h"
#include "proto/invite.h"
#include "proto/limit.h"
#include "proto/session/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * waiting -- who asked to join and waits for a person to accept.
 *
 * A row of TABLE_PENDING by identity, with the entries that the joiner has
 * made so far; they stay outside roster, digest and book until it is admitted.
 * There are no more rows than invites allow.
 */
struct waiting {
	struct pubkey identity;
	struct pubkey feed;
	struct curvekey transport;
	uint8_t invite[INVITE_ID];
	enum role role; /* of the invite */
	bool is_refused;
	uint64_t asked_ms; /* our clock, since 1970 UTC */
	char label[LIMIT_LABEL + 1];
	char place[LIMIT_PLACE + 1];
	char name[LIMIT_NAME + 1]; /* "" when none is given */
	struct msg_list entries;   /* borrowed: raw entries from seq 1 */
};

struct store;

/* waiting_put: keep it, in place of an earlier row of the same identity.
 * Errors of store_put. */
int waiting_put(const struct waiting *w, struct store *s);

/* waiting_del: forget it; nobody there is fine.  Errors of store_del. */
int waiting_del(const struct pubkey *identity, struct store *s);

/* waiting_each: all rows in order of identity; what is shown is valid during
 * the call.  Rows that are damaged are passed over.  Other than 0 ends the
 * visit and is returned. */
typedef int waiting_visit(void *arg, const struct waiting *w);
int waiting_each(struct store *s, waiting_visit *visit, void *arg);

/* waiting_load: the row of one identity; it borrows *room, which the caller
 * frees.  ERR_NOT_FOUND, ERR_NOMEM; ERR_FORMAT, ERR_VERSION: damaged; the
 * errors of store_get. */
int waiting_load(struct waiting *out, void **room,
		 const struct pubkey *identity, struct store *s);

/* waiting_find: whom text means among those who wait: a label, a fingerprint
 * (with or without its dashes, in either case) or 8 or more digits of a key.
 * ERR_NOT_FOUND; ERR_EXISTS: more than one. */
int waiting_find(struct pubkey *out, struct store *s, const char *text);

#endif
