#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "proto/book/book.h"
#include "store/byid.h"
#include "store/db.h"
#include "store/deltas.h"
#include "store/feeds.h"
#include "store/ids.h"
#include "store/row.h"
#include "store/store.h"
#include "store/targets.h"
#include "store/vault.h"

/*
 * state -- the inside of a store; only store/ includes this.
 *
 * A batch goes through three stages.  store_append writes the entry and its
 * index rows at once, and counts it when its feed's standing is known.  Roster
 * entries that may change standing wait in `pending` (standing.h).  Roots that
 * something happened to are taken out of the book once and wait in `touched`
 * (count.h).  store_settle works both off.
 */

/* Ids that count_touch goes to from one of them, upwards: their places in
 * `touched`, and whether they came there by it. */
struct step {
	size_t place;
	bool is_new;
};

struct walk {
	struct step *at; /* owned */
	size_t n, max;
};

struct store {
	struct db *db;
	enum store_mode mode;
	bool is_damaged;
	bool has_network;
	struct id network;
	bool has_own;
	struct pubkey own;
	struct vault vault; /* of the private table */

	struct roster *roster;
	uint64_t roster_rows;  /* roster entries that it was made of */
	uint64_t epoch;        /* rises whenever the roster changes */
	uint64_t recent_epoch; /* what it was when recent_settle looked last */
	uint64_t cuts;         /* see store_cuts */

	bool in_batch;
	int failed;          /* the error that spoilt the batch, or 0 */
	uint64_t serial;     /* newest commit that memory reflects */
	bool has_rotate;     /* a rotation of identity keys waits */
	bool limits_moved;   /* a proof came that the roster does not know */
	bool must_rebuild;   /* too much is disturbed to be taken out singly */
	bool roster_moved;   /* the batch has put something into the roster */
	struct id certified; /* see store_certified */
	struct feeds feeds;

	struct place *pending;
	size_t pending_n, pending_max;

	/* How much may wait in memory, and how many deliveries are taken out
	 * one by one when standing changes, before the whole book is made
	 * anew.  Fields, so that tests can make them small. */
	size_t touched_max, deltas_max, regrade_max;

	struct byid byid;
	struct targets targets;
	struct ids touched;
	struct walk walk; /* of count_touch */
	struct books books;
	bool is_moved; /* the batch has moved members who had balances */
	const struct book_record *hot; /* a record that need not be read */
	bool is_refilled; /* entries are appended again (upgrade.h) */
};

/* store_spoil: note an error that only store_abort can mend, and return it;
 * refusals of one entry pass through. */
int store_spoil(struct store *s, int err);

/* private_check: is a row of the private table whole, and its key here?  0,
 * ERR_FORMAT, ERR_NOMEM. */
int private_check(struct store *s, struct span key, struct span row);

/* store_shred_rest: end what a process that died left half done. */
int store_shred_rest(struct store *s);

/* store_may_write: 0, ERR_STATE outside a batch, or what spoilt it. */
int store_may_write(const struct store *s);

#endif
