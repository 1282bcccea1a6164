#ifndef PROTO_SESSION_WANT_H
#define PROTO_SESSION_WANT_H

#include "crypto/hash.h"
#include "crypto/sign.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * want -- the feeds of which a peer says it holds more than we do.
 *
 * A table of feeds, each in one of a few lists that keep their order: the
 * queues of what is to be asked for, what has been asked for in the order in
 * which it will come, and what was set aside.  A row costs 80 bytes and a slot
 * of 4; the table doubles as rows come and is freed when the last one goes.
 * Its caller names the ceiling.  Slots are found by a keyed hash, so nobody
 * can choose feeds that collide.
 */

enum want_list {
	WANT_FIRST,    /* of members who may admit: these make the roster */
	WANT_RECENT,   /* the newest entries are to come before the others */
	WANT_KNOWN,    /* of members we know */
	WANT_REST,     /* of who knows: to be asked when the first are here */
	WANT_LONG,     /* of many entries to come: when these were asked */
	WANT_LONGEST,  /* of very many: last of all */
	WANT_ALONE,    /* did not verify in company: asked one at a time */
	WANT_ASKED,    /* under way, in the order of the rows of FETCH */
	WANT_ASIDE,    /* not taken for now: see err */
	WANT_LISTS,    /* how many lists; rows in none are free */
	WANT_TRIES = 8 /* a row is given up after so many */
};

struct want {
	struct pubkey feed;
	uint64_t target;     /* the seq that the peer says it holds */
	uint64_t back;       /* so many entries before the head are asked for
	                        once more, to see where the peer's part */
	uint64_t to;         /* under way up to there; 0: to its end */
	uint32_t span;       /* entries that this is still to bring */
	uint32_t next, prev; /* in its list */
	uint32_t chain;      /* in its slot */
	uint8_t list;
	uint8_t tries;       /* that ended without reaching the target */
	int8_t err;          /* why the rest of this answer is not taken */
	bool is_again : 1;   /* ask for the rest once more */
	bool is_alone : 1;   /* asked for alone */
	bool is_first : 1;   /* of a member who may admit */
	bool is_short : 1;   /* asked for by the beginning of its name */
	bool is_met : 1;     /* and something came */
	bool is_long : 1;    /* asked for from WANT_LONG */
	bool is_longest : 1; /* from WANT_LONGEST */
	bool is_recent : 1;  /* under way are the newest entries only */
	bool is_seen : 1;    /* these were asked for */
};

struct wants {
	struct secret salt;
	struct want *row; /* owned */
	uint32_t *slot;   /* owned, as many as rows */
	uint32_t max;     /* rows there is memory for: 0 or a power of 2 */
	uint32_t used;    /* rows ever used of these */
	uint32_t free;    /* a row to use again */
	uint32_t told;    /* changes with what the peer says it holds */
	uint32_t head[WANT_LISTS], tail[WANT_LISTS], count[WANT_LISTS];
};

/* wants_init: empty; salt is random and secret. */
void wants_init(struct wants *w, const struct secret *salt);

/* wants_release: free it; it is then empty. */
void wants_release(struct wants *w);

/* wants_total: rows in all lists. */
uint32_t wants_total(const struct wants *w);

/* wants_find: the row of a feed, or NULL.  Rows move: a pointer is valid until
 * the next wants_add or wants_drop. */
struct want *wants_find(const struct wants *w, const struct pubkey *feed);

/* wants_add: a new row for a feed that has none, at the end of a list.
 * ERR_LIMIT when there are ceiling rows already, ERR_NOMEM. */
int wants_add(struct wants *w, const struct pubkey *feed, uint64_t target,
	      enum want_list list, uint32_t ceiling);

/* wants_move: to the end of a list; wants_move_first: to its beginning. */
void wants_move(struct wants *w, struct want *row, enum want_list list);
void wants_move_first(struct wants *w, struct want *row, enum want_list list);

/* wants_head, wants_next: walk a list; NULL at its end. */
struct want *wants_head(const struct wants *w, enum want_list list);
struct want *wants_next(const struct wants *w, const struct want *row);

/* wants_drop: the feed is not wanted any more. */
void wants_drop(struct wants *w, struct want *row);

#endif
