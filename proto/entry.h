#ifndef PROTO_ENTRY_H
#define PROTO_ENTRY_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/limit.h"
#include "proto/rd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * entry -- one signed link of a feed (PROTOCOL.md, "Entry").
 *
 *   entry = body || sig        body = [1, feed, seq, prev, time_ms, kind,
 *                                      facts, seen | nil]
 *   sig = Ed25519(node key, "maillon/1 entry" || 00 || body)
 *   id  = BLAKE2b-256(body || sig)
 *
 * A decoded entry borrows the bytes it was read from.  Decoding checks form
 * only; what the facts mean is record.h's, whether the entry follows is
 * entry_follows, who signed it is entry_verify.
 */
struct entry {
	struct pubkey feed;   /* the node key: which feed, and who signs */
	uint64_t seq;         /* 1, 2, 3 ... dense */
	struct id prev;       /* id of the entry before; network id for seq 1 */
	uint64_t time_ms;     /* the author's claim, since 1970 UTC */
	uint32_t kind;        /* enum kind, or one not known here */
	const uint8_t *facts; /* a canonical map, borrowed */
	size_t facts_n;       /* its bytes */
	bool has_seen;        /* is there a `seen`? */
	struct id seen;       /* newest checkpoint the author knew */
	struct sig sig;
	const uint8_t *raw; /* body || sig, borrowed */
	size_t raw_n;
};

/* entry_decode: read exactly n bytes.  ERR_FORMAT for anything not canonical,
 * ERR_LIMIT for a size, seq, time or kind above its maximum. */
int entry_decode(struct entry *out, const void *p, size_t n);

/* entry_head, entry_rest: entry_decode in two steps, for those who read the
 * facts meanwhile: after the head r stands before the facts, which are a map;
 * the rest is read from behind them.  What comes between takes nothing that
 * rd_skip to LIMIT_DEPTH - 1 would not.  An entry whose rest fails is of no
 * use. */
int entry_head(struct entry *e, struct rd *r, const void *p, size_t n);
int entry_rest(struct entry *e, struct rd *r);

/* entry_time: time_ms out of n bytes that entry_decode took before. */
uint64_t entry_time(const void *p, size_t n);

/* entry_id: the BLAKE2b-256 of the raw bytes.  Cannot fail. */
struct id entry_id(const struct entry *e);

/* entry_verify: 0, or ERR_SIGNATURE when the signature is not the feed's. */
int entry_verify(const struct entry *e);

/* entry_follows: 0 when e is the entry after (seq, id) of its feed; for the
 * first entry give seq 0 and the network id.  ERR_CHAIN otherwise. */
int entry_follows(const struct entry *e, uint64_t seq, const struct id *id);

/* What the author decides about an entry that is to be signed. */
struct entry_plan {
	uint64_t seq;
	struct id prev;
	uint64_t time_ms;
	uint32_t kind;
	const uint8_t *facts; /* a canonical map */
	size_t facts_n;
	const struct id *seen; /* NULL for nil */
};

/* entry_seal: encode and sign plan with the node key.  Writes *n bytes to out
 * (LIMIT_ENTRY of room).  The bytes are decoded again before signing, so
 * nothing is signed that a reader would refuse: ERR_FORMAT, ERR_LIMIT. */
int entry_seal(uint8_t out[static LIMIT_ENTRY], size_t *n,
	       const struct entry_plan *plan, const struct seckey *key);

/* The part of an entry that its position does not imply: what RUN frames
 * carry (PROTOCOL.md, "Run").  Borrows. */
struct entry_tail {
	const uint8_t *p; /* time_ms, kind, facts, seen as they stand in body */
	size_t n;
	struct sig sig;
};

/* entry_tail: the tail of a decoded entry.  Cannot fail. */
struct entry_tail entry_tail(const struct entry *e);

/* entry_rebuild: the raw bytes of the entry with this tail at (feed, seq)
 * after prev.  Does not check them: decode what comes out.  ERR_LIMIT when
 * they are more than LIMIT_ENTRY. */
int entry_rebuild(uint8_t out[static LIMIT_ENTRY], size_t *n,
		  const struct pubkey *feed, uint64_t seq,
		  const struct id *prev, const struct entry_tail *tail);

#endif
