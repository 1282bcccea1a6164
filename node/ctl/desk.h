#ifndef NODE_CTL_DESK_H
#define NODE_CTL_DESK_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "node/cmd/cmd.h"
#include "node/ctl/ctl.h"
#include "node/keeper.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * desk -- where a command reads the ledger and hands in what it records.
 *
 * desk_open picks the way: with no daemon running, a keeper of our own under
 * the lock; else the daemon's control socket for writing, and the store opened
 * for reading beside it.  Every function here says on stderr what went wrong,
 * once, and returns an exit code: a command passes it on.
 *
 * The control verbs, which the daemon answers with desk_serve:
 *   record   [[kind, time_ms, facts(bin)]...]
 *            -> [0, 0, [[feed, seq, id, was_there 0|1]...]]
 *            or [-err, index of the draft at fault, []]
 *   remember [[key(bin), value(bin)]...] -> number of them
 *   forget   the same
 */

struct party;
struct store;

struct desk {
	struct ctx *ctx;
	struct store *store;    /* for reading; the keeper's, or our own */
	struct keeper *keeper;  /* NULL when a daemon writes */
	struct ctl ctl;         /* closed when there is no daemon */
	struct pubkey identity; /* the member's */
	struct pubkey feed;     /* this node's */
	struct secret member;   /* keys handles and idempotency tags */
	struct party *kept;     /* outsiders to be made known: party_keep */
	size_t kept_n;
};

/* desk_roster: who is in the network, as committed when the desk was opened
 * and after each desk_record.  Pointers into it end with the next one. */
const struct roster *desk_roster(const struct desk *d);

/* desk_open: for commands that record.  EXIT_CONFIG: no keys here, or no
 * network joined yet; EXIT_AGAIN: another process holds the lock and does not
 * listen; or the exit code of what failed. */
int desk_open(struct desk *d, struct ctx *ctx);

/* desk_read: for commands that only show: the same without lock and daemon;
 * keeper is NULL and ctl closed.  Nothing can be recorded through it. */
int desk_read(struct desk *d, struct ctx *ctx);

/* desk_glance: the same without a roster: desk_roster is NULL until
 * store_refresh has loaded one. */
int desk_glance(struct desk *d, struct ctx *ctx);

/* desk_close: may be called after a failed open, and repeated. */
void desk_close(struct desk *d);

/* desk_record: hand in any number of drafts in order, in durable batches of at
 * most KEEPER_DRAFTS and KEEPER_BYTES, and the names of party_keep before
 * them.  out has a row for each, or is NULL.
 * *done (may be NULL) counts those that are safe, whatever is returned; the
 * batch after them left nothing behind.  EXIT_DATA: a draft is refused, or its
 * key was used before for other facts; *bad says which, and then nothing is
 * printed, unless bad is NULL. */
int desk_record(struct desk *d, struct recorded *out,
		const struct draft *drafts, size_t n, size_t *done,
		size_t *bad);

/* desk_one: a single draft. */
int desk_one(struct desk *d, struct recorded *out, const struct draft *draft);

/* desk_remember: keep rows in the private table, KEEPER_DRAFTS at most, in one
 * durable batch. */
int desk_remember(struct desk *d, const struct keepsake *rows, size_t n);

/* desk_forget: the same, and what these rows held before is gone for good. */
int desk_forget(struct desk *d, const struct keepsake *rows, size_t n);

/* desk_tag: the idempotency tag of a --key text.  Cannot fail. */
struct tag desk_tag(const struct desk *d, const char *text, size_t n);

/* desk_serve: the daemon's side of the verbs above, a part of its ctl_handler:
 * ERR_NOT_FOUND for a verb that is not one of them. */
int desk_serve(struct keeper *k, struct ctl_request *req,
	       struct ctl_reply *reply);

#endif
