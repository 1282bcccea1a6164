#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "proto/entry.h"
#include "proto/limit.h"
#include "proto/value.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/*
 * log -- entries and heads of feeds; store_append is the only writer.
 *
 * Entries are kept as the exact bytes that were signed, by feed and seq,
 * dense from 1.  Feeds are numbered from 1 as they come; numbers are local
 * and never change.  The arrival order has one row a feed, which moves to the
 * end with each append: what came since some arrival number is a set of heads.
 *
 * Bytes and records handed to a visitor are valid during that call.  A visitor
 * that returns other than 0 ends the visit, which returns that.
 */

/* The newest entry of a feed. */
struct head {
	struct pubkey feed;
	uint32_t no; /* local number, from 1 */
	uint64_t seq;
	struct id id;
	uint64_t arrival; /* when it last moved, in arrival numbers */
	uint64_t counted; /* entries up to this seq are in the book */
};

typedef int head_visit(void *arg, const struct head *head);
typedef int entry_visit(void *arg, const uint8_t *raw, size_t n);
typedef int position_visit(void *arg, const struct position *at);

/* store_append: take in an entry whose signature or run the caller has
 * checked, with its id.  In a batch, after store_init.
 *   ERR_CHAIN: does not follow the newest entry of its feed
 *   ERR_EXISTS: held already, byte for byte
 *   ERR_CONFLICT: another entry holds its place; nothing is changed
 *   ERR_DENIED: begins a feed that is neither the home's own nor opened by
 *     an identity of the roster (wait in TABLE_PENDING, private.h)
 * These leave the batch usable; any other error ends in store_abort. */
int store_append(struct store *s, const struct entry *e, const struct id *id);

/* store_certified: the certificate of the `open` with this id, which is about
 * to be appended, was found to be its identity's (roster_certified), and is not
 * verified again.  Of one `open` at a time. */
void store_certified(struct store *s, const struct id *id);

/* store_head: the newest entry of a feed.  ERR_NOT_FOUND. */
int store_head(struct store *s, const struct pubkey *feed, struct head *out);

/* store_head_at: the same by local number.  ERR_NOT_FOUND. */
int store_head_at(struct store *s, uint32_t no, struct head *out);

/* store_feed_named: the feed that begins with these n bytes; one that a batch
 * has begun may not be found yet.  ERR_NOT_FOUND: none, ERR_CONFLICT: more than
 * one. */
int store_feed_named(struct store *s, struct pubkey *out, const void *beginning,
		     size_t n);

/* store_heads: all feeds in rising order of feed. */
int store_heads(struct store *s, head_visit *visit, void *arg);

/* store_heads_since: the feeds that moved after arrival number `since` (0:
 * all), in order of arrival.  Inside a batch not from within a visitor:
 * ERR_STATE. */
int store_heads_since(struct store *s, uint64_t since, head_visit *visit,
		      void *arg);

/* store_arrival: the newest arrival number, 0 when nothing came yet. */
int store_arrival(struct store *s, uint64_t *out);

/* store_entry: copy one entry out.  ERR_NOT_FOUND. */
int store_entry(struct store *s, const struct pubkey *feed, uint64_t seq,
		uint8_t out[static LIMIT_ENTRY], size_t *n);

/* store_entries: the entries of a feed from seq `from` on, in order.
 * ERR_NOT_FOUND for an unknown feed; nothing to visit is 0. */
int store_entries(struct store *s, const struct pubkey *feed, uint64_t from,
		  entry_visit *visit, void *arg);

/* store_find: where the entry with this id stands.  Entries of the kinds
 * attest, checkpoint and cosign are not found by id.  ERR_NOT_FOUND. */
int store_find(struct store *s, const struct id *id, struct position *out);

/* store_find_prefix: all entries whose id begins with the first `nibbles` hex
 * digits of prefix, in rising order of id.  ERR_LIMIT above 64 digits. */
int store_find_prefix(struct store *s, const uint8_t *prefix, size_t nibbles,
		      position_visit *visit, void *arg);

/* store_entry_count, store_feed_count: how many are held. */
int store_entry_count(struct store *s, uint64_t *out);
int store_feed_count(struct store *s, uint64_t *out);

#endif
