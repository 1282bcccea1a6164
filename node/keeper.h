#ifndef NODE_KEEPER_H
#define NODE_KEEPER_H

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "node/home.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * keeper -- the only thing that signs and appends.
 *
 * A keeper holds the home's lock, the store open for writing, and the keys.
 * There is at most one per home: in the daemon, or for a moment in a command
 * when no daemon runs.  Commands do not use it directly, desk.h chooses.
 * Membership (found, invite, join, accept) is membership.h's, on top of this.
 *
 * Whatever keeper_record returns is on the disk, synced, and the mark beside
 * the home knows of it.  A home that this mark shows to be an old copy goes on
 * under a new node key (renewal.h).  One thread.
 */

struct lock;
struct mark;
struct store;

struct keeper {
	struct home home;
	struct lock *lock;
	struct store *store;    /* open for writing */
	struct seckey *node;    /* this machine's key */
	struct pubkey feed;     /* its public half */
	struct pubkey identity; /* the member's */
	struct curvepair transport;
	struct secret member;
	struct mark *mark; /* NULL when it cannot be kept */
};

/* An entry to be made: what happened, before it has a place. */
struct draft {
	uint32_t kind;
	uint64_t time_ms;     /* now, as the author's clock has it */
	const uint8_t *facts; /* a canonical map, as record_encode makes it */
	size_t facts_n;
};

/* Where it went. */
struct recorded {
	struct pubkey feed;
	uint64_t seq;
	struct id id;
	bool was_there; /* recorded before under the same key */
};

enum {
	KEEPER_DRAFTS = 256,      /* drafts of one batch */
	KEEPER_BYTES = 256 * 1024 /* and the bytes of their facts */
};

/* keeper_open: take the lock, open the store, load the keys.  ERR_BUSY:
 * another process holds the lock (a daemon, usually); ERR_NOT_FOUND: no keys
 * or no ledger here: no network joined yet; ERR_VERSION, ERR_DENIED, ERR_FULL,
 * ERR_IO, ERR_NOMEM.  The identity key stays sealed: see keeper_unseal.
 * ERR_STATE, ERR_SIGNATURE: this home is an old copy of itself, and the new
 * node key needs a certificate of the sealed identity: home->passphrase is
 * missing or wrong. */
int keeper_open(struct keeper **out, const struct home *home);

/* keeper_create: the same, and makes an empty ledger where there is none yet,
 * for whoever founds or joins a network; the keys must be there. */
int keeper_create(struct keeper **out, const struct home *home);

/* keeper_close: close, wipe, let go of the lock; NULL is fine. */
void keeper_close(struct keeper *k);

/* keeper_mark: after a batch with own entries, before anybody is told: say in
 * the mark how far the own feed was written.  A mark that cannot be written
 * is no reason to stop; it is said once. */
void keeper_mark(struct keeper *k);

/* keeper_mark_open, keeper_unmarked: the inside of renewal.h: find the mark of
 * k->feed and write it; say that there is none. */
void keeper_mark_open(struct keeper *k);
void keeper_unmarked(struct keeper *k);

/* keeper_whose: after the ledger was added to: when the identity of this home
 * has become a later key of a member, it is that member's home. */
void keeper_whose(struct keeper *k);

/* keeper_unseal: the identity key, for what only it may sign (certificates,
 * rotation).  passphrase NULL when none is known; errors of home_seckey.  The
 * caller closes it. */
int keeper_unseal(const struct keeper *k, struct seckey **out,
		  const char *passphrase);

/* keeper_sealed: say what ERR_STATE or ERR_SIGNATURE of keeper_unseal asks for:
 * EXIT_DENIED.  Any other error: nothing is said, EXIT_DONE. */
int keeper_sealed(int err);

/* keeper_record: sign n drafts, 1 to KEEPER_DRAFTS, as the next entries of
 * this node's feed, in order, and append them in one durable batch: all of
 * them or none.
 *
 * A draft whose facts hold a key that this member has used before for the
 * same kind and facts is not recorded again: its row of out says where it is,
 * with was_there; and so is a second draft of the same key in one call.  For
 * another kind or other facts it is ERR_EXISTS: nothing is recorded, and the
 * row says where that is.
 *
 * ERR_DENIED: the member closed this feed (`end`), or it forked;
 * ERR_STATE: this feed has no `open` entry yet; ERR_FORMAT, ERR_LIMIT,
 * ERR_VERSION: a draft that record_decode refuses, or too large a batch;
 * ERR_FULL, ERR_IO, ERR_NOMEM.  *bad (may be NULL) is then the draft that is
 * at fault, or n. */
int keeper_record(struct keeper *k, struct recorded *out,
		  const struct draft *drafts, size_t n, size_t *bad);

/* What is to be in the same batch as a record, or neither: other than 0 ends
 * the batch and is returned. */
struct keeper_also {
	int (*put)(void *arg, struct store *s, const struct recorded *at);
	void *arg;
};

/* keeper_record_also: for one draft; nothing is put when it was there. */
int keeper_record_also(struct keeper *k, struct recorded *out,
		       const struct draft *draft,
		       const struct keeper_also *also);

/* A row for the private table. */
struct keepsake {
	const void *key;
	size_t key_n;
	const void *value;
	size_t value_n;
};

/* keeper_remember: put n rows into the private table, in one durable batch.
 * Errors of store/private.h. */
int keeper_remember(struct keeper *k, const struct keepsake *rows, size_t n);

/* keeper_forget: the same, and what these rows held before is gone for good
 * (store_shred). */
int keeper_forget(struct keeper *k, const struct keepsake *rows, size_t n);

#endif
