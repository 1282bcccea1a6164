#ifndef PROTO_SESSION_SESSION_HOST_H
#define PROTO_SESSION_SESSION_HOST_H

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/evidence/evidence.h"
#include "proto/roster/roster.h"
#include "proto/run.h"
#include "proto/session/digest.h"
#include "proto/session/msg.h"
#include "proto/session/session_tell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * session_host -- what a replication session needs of the node it runs in.
 *
 * The functions are called from within the session's own, and must not call
 * back into it.  What they return otherwise than named here is trouble of ours
 * (disk, memory): it ends the session.
 */

/* The newest entry held of a feed that counts for replication: its identity
 * is in the roster.  A feed that forked ends before the fork. */
struct session_head {
	struct pubkey feed;
	uint64_t seq;
	struct id id, element; /* the latter is digest_element's */
	uint64_t arrival; /* when it came here; UINT64_MAX: not durable yet */
	uint32_t no;   /* small, never reused: the host's number of the feed */
	bool is_first; /* of a member who may admit */
};

/* What is kept of a feed's newest entries. */
enum { SESSION_RECENT = 8, SESSION_RECENT_BYTES = 4096 };

/* What the session needs of its node.  No member is NULL. */
struct session_host {
	void *cookie;
	const struct roster *(*roster)(void *cookie);
	/* scope: the peer, whose own feed this is, follows these.  From then on
	 * head, head_at, frontier and digest are of the feeds that both sides
	 * follow; until then, of those that this node follows. */
	int (*scope)(void *cookie, const struct msg_scope *theirs,
		     const struct pubkey *feed);
	/* head: of one feed.  ERR_NOT_FOUND when nothing is held or it does
	 * not count; the node's own feed is always answered. */
	int (*head)(void *cookie, struct session_head *out,
		    const struct pubkey *feed);
	/* head_at: by number, below head_end().  ERR_NOT_FOUND: not counted. */
	int (*head_at)(void *cookie, struct session_head *out, uint32_t no);
	uint32_t (*head_end)(void *cookie);
	/* pay: all heads are looked through that many times because of the
	 * peer; who is NULL when it is not in the roster.  False: too often. */
	bool (*pay)(void *cookie, const struct pubkey *who, uint32_t times);
	/* named: the feed here whose first MSG_SHORT bytes are these.
	 * ERR_NOT_FOUND when there is none, or more than one. */
	int (*named)(void *cookie, struct pubkey *out,
		     const uint8_t beginning[static MSG_SHORT]);
	/* frontier: the digest of all heads that count.  digest: of the roster,
	 * with the limits of these feeds. */
	void (*frontier)(void *cookie, struct digest *out);
	struct id (*digest)(void *cookie);
	/* arrival: of the newest head that is durable. */
	uint64_t (*arrival)(void *cookie);
	/* read: add entries of w->feed from seq `from` to `to`, or the head, or
	 * until one does not fit; *more tells which.  ERR_NOT_FOUND when there
	 * is none, or the feed does not count. */
	int (*read)(void *cookie, struct run_writer *w, uint64_t from,
		    uint64_t to, bool *more);
	/* ahead: these runs are likely to be checked, in this order, after
	 * those told before; each with its own prev, or with none (zero) when
	 * it follows the one before.  They borrow a frame (session_foresee). */
	void (*ahead)(void *cookie, const struct run *runs, size_t n);
	/* check: run_check; the entries at *at stay until the next call. */
	int (*check)(void *cookie, const struct run_entry **at, uint32_t *good,
		     const struct run *run, const struct id *prev);
	/* commit: append the `good` entries at `at`, with which run begins:
	 * they follow the head and are checked; those of the node's own feed
	 * may begin before its head, and what is here already is passed over.
	 * They may wait in an open transaction until flush, but head and
	 * frontier tell of them at once.  ERR_DENIED: not a member's feed
	 * (yet); ERR_CONFLICT: a fork; ERR_EXISTS: no longer needed. */
	int (*commit)(void *cookie, const struct run *run,
		      const struct run_entry *at, uint32_t good);
	/* recent: what is kept of the newest entries of a feed, beyond its
	 * head; *out borrows buf.  ERR_NOT_FOUND. */
	int (*recent)(void *cookie, struct run *out, const struct pubkey *feed,
		      uint8_t buf[static SESSION_RECENT_BYTES]);
	/* keep: these entries, checked by themselves, are the newest of their
	 * feed: keep those that may be (PROTOCOL.md, "Recent entries"); durable
	 * as what commit takes.  ERR_EXISTS: they are no news; ERR_DENIED: not
	 * a member's feed; ERR_CONFLICT: it ends before; ERR_LIMIT: too long;
	 * else trouble of ours. */
	int (*keep)(void *cookie, const struct run *run,
		    const struct run_entry *at, uint32_t n);
	/* drop: what is kept of a feed does not follow what has come. */
	int (*drop)(void *cookie, const struct pubkey *feed);
	/* fork: a run came of a feed that is held otherwise: make the evidence
	 * and take it in.  0: done; ERR_EXISTS: known, and what is held may
	 * have changed; ERR_CHAIN: the two part before the run; ERR_SIGNATURE:
	 * at *split, and nothing in the run signs that; ERR_NOT_FOUND: they do
	 * not part in it; ERR_DENIED: not a member's feed. */
	int (*fork)(void *cookie, const struct run *run, uint64_t *split);
	/* proof: the evidence held, *n bytes.  ERR_NOT_FOUND. */
	int (*proof)(void *cookie, const struct pubkey *feed,
		     enum evidence_type type,
		     uint8_t out[static LIMIT_EVIDENCE], size_t *n);
	/* prove: take evidence in.  ERR_EXISTS: as good is held; ERR_DENIED:
	 * not a member's feed (yet); ERR_FORMAT, ERR_LIMIT, ERR_CHAIN,
	 * ERR_SIGNATURE: it proves nothing. */
	int (*prove)(void *cookie, const void *p, size_t n);
	/* flush: make all that was committed durable.  ERR_BUSY: that is put
	 * off; call session_writable once it is done. */
	int (*flush)(void *cookie);
	/* join: the peer has an invite; entries hold its feed from `open` on */
	int (*join)(void *cookie, enum joined *status,
		    const struct msg_join *join,
		    const struct session_peer *peer);
	/* send: one frame, copied.  ERR_BUSY when the pipe is full: call
	 * session_writable later.  Other errors end the session. */
	int (*send)(void *cookie, const void *frame, size_t n);
	void (*event)(void *cookie, const struct session_note *note);
};

#endif
