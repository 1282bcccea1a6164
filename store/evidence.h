#ifndef STORE_EVIDENCE_H
#define STORE_EVIDENCE_H

#include "proto/evidence/evidence.h"
#include "proto/run.h"
#include "store/log.h"

/*
 * evidence -- proofs that feeds end, and what is held beyond (PROTOCOL.md,
 * "Forks and ends").
 *
 * Of each feed the pair at the lowest seq is kept, and the end at the lowest;
 * others are not news.  A feed is cut where its limit says as soon as the proof
 * is here: heads, roster and book are then what they were before the entries
 * beyond came.  These go aside, where they are kept and shown as disputed;
 * when a `resolve` names their chain they come back by themselves.
 */

/* store_evidence: take in a proof from anywhere; in a batch, which it brings up
 * to date (as store_settle does) unless nothing of the feed is here.
 *   ERR_EXISTS: one as low is held
 *   ERR_DENIED: the feed is nobody's here (yet)
 *   ERR_FORMAT, ERR_LIMIT, ERR_CHAIN, ERR_SIGNATURE: it proves nothing
 * These leave the batch usable. */
int store_evidence(struct store *s, const void *p, size_t n);

/* store_fork: a valid run of a feed that is held otherwise came; make the proof
 * of it and take it in; in a batch.
 *   ERR_CHAIN: the two part before the run begins
 *   ERR_SIGNATURE: they part at *split, and nothing in the run signs that
 *   ERR_NOT_FOUND: the run is what is held here, or goes on from there
 *   ERR_EXISTS: it is known; when a chain was named that is not held whole,
 *     what is held of another one went aside, and the run may be asked for
 *     again */
int store_fork(struct store *s, const struct run *run, uint64_t *split);

/* store_evidence_get: the proof held of a feed, LIMIT_EVIDENCE bytes at most.
 * ERR_NOT_FOUND. */
int store_evidence_get(struct store *s, const struct pubkey *feed,
		       enum evidence_type type,
		       uint8_t out[static LIMIT_EVIDENCE], size_t *n);

/* store_evidence_each: all proofs, by feed. */
int store_evidence_each(struct store *s, entry_visit *visit, void *arg);

/* store_disputed: the entries of a feed that were put aside, by seq. */
int store_disputed(struct store *s, const struct pubkey *feed,
		   entry_visit *visit, void *arg);

/* store_cuts: rises whenever a feed is cut, or gets entries back, which may be
 * within any call that appends, takes in evidence or settles: then heads have
 * moved of feeds that the call is not about. */
uint64_t store_cuts(const struct store *s);

/* store_take_back: entries of a feed from this seq on were never told to
 * anybody: take them out, as if they had not been appended; in a batch.  The
 * caller has copies.  An error other than ERR_STATE ends the batch. */
int store_take_back(struct store *s, const struct pubkey *feed, uint64_t from);

#endif
