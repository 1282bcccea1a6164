#ifndef NODE_NET_HOST_H
#define NODE_NET_HOST_H

#include "crypto/curve.h"
#include "node/keeper.h"
#include "node/net/ahead.h"
#include "proto/session/bits.h"
#include "proto/session/digest.h"
#include "proto/session/session_host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * host -- what replication sessions need of this node: its ledger.
 *
 * One host stands over the keeper's store for all sessions of a process.  It
 * keeps the heads in memory, by the store's numbers, with their digest, and
 * collects what sessions commit into one batch of the store, which host_flush
 * makes durable for all of them at once.  So a session that asks for a flush
 * while the batch is open is told ERR_BUSY; the owner calls host_flush before
 * it waits for anything, and session_writable where is_waiting says so.
 *
 * What moved is put on a list, for the owner to tell the other sessions once
 * it is durable.  When the disk fails, the batch is lost: then host_flush says
 * so, the heads are what they were, and all sessions must end.
 *
 * Whoever else writes to the store calls host_flush before it, host_refresh
 * afterwards.  One thread.
 */

/* A head as the sessions see it. */
struct host_row {
	struct pubkey feed;
	struct id id, element; /* as of struct session_head */
	uint64_t seq;          /* 0: no such number */
	uint64_t arrival;      /* UINT64_MAX: not durable yet */
	struct pubkey who;     /* whose it is, and the sum of all above */
	struct tag above;
	bool may_admit;
	bool counts;
	bool is_first;
};

/* The head of feed number `no` is no longer at `before`. */
struct host_move {
	uint32_t no;
	uint64_t before;
	uint64_t origin; /* serial of the link that brought it; 0: ourselves */
};

/* Evidence that came. */
struct host_proof {
	struct pubkey feed;
	enum evidence_type type;
	uint64_t origin; /* as of host_move */
};

struct host {
	struct keeper *keeper;
	struct ahead *ahead;   /* owned */
	struct host_row *rows; /* by number */
	uint32_t rows_n, rows_max;
	struct digest frontier;
	struct msg_scope scope;    /* whom this node follows */
	struct host_link **scoped; /* whose view is not of all feeds */
	size_t scoped_n;
	struct host_tags *tags;         /* host_view.c's */
	struct id roster;               /* digest, as of the last look */
	uint64_t arrival;               /* of the store, known here so far */
	uint8_t instance[MSG_INSTANCE]; /* of this copy of the ledger */
	struct host_move *moves;
	size_t moves_n, moves_max;
	struct host_proof *proofs;
	size_t proofs_n, proofs_max;
	size_t durable_n;     /* moves before the open batch */
	size_t batch_bytes;   /* of entries */
	uint64_t cuts;        /* of the store, as of the heads */
	bool has_roster_news; /* for every session; the owner clears it */
	bool is_failed;       /* a batch was lost; the owner clears it */
	/* A peer holds entries that our node key has signed and that are not
	 * here, or a feed after them; the first that differs, 0 for none. */
	bool is_old_copy, is_overtaken;
	uint64_t differs;
	bool is_forked, was_ours; /* our own feed was cut; one before it */
};

/* What one session's calls come with; send, event, join and pay are its owner's
 * as in session_host.h; cost_m in thousandths of a time. */
struct host_link {
	struct host *host;
	uint64_t serial; /* not 0, never used twice */
	bool is_waiting; /* a flush was put off */
	/* What both sides follow, when that is not everybody. */
	bool is_scoped;
	struct msg_scope scope; /* the peer's */
	struct pubkey feed;     /* and its own feed */
	struct bits seen;       /* owned; by number */
	struct tag parties;     /* in the roster: who follows, and whom */
	struct digest frontier; /* of these */
	void *arg;              /* of the four below */
	int (*send)(void *arg, const void *frame, size_t n);
	void (*event)(void *arg, const struct session_note *note);
	int (*join)(void *arg, enum joined *status, const struct msg_join *join,
		    const struct session_peer *peer);
	bool (*pay)(void *arg, const struct pubkey *who, uint32_t cost_m);
};

/* host_open: read all heads, and whom this node follows (follow.h).  Errors of
 * the store; ERR_NOMEM. */
int host_open(struct host **out, struct keeper *k);

/* host_close: drop an open batch; NULL is fine. */
void host_close(struct host *h);

/* host_ops: the session's view of link; the link must outlive the session, and
 * is ended by host_leave. */
struct session_host host_ops(struct host_link *link);

/* host_view: what the link's session is to see of the heads; before it begins
 * with theirs NULL, and again when the peer, whose own feed this is, has said
 * whom it follows.  ERR_NOMEM. */
int host_view(struct host_link *link, const struct msg_scope *theirs,
	      const struct pubkey *feed);

/* host_leave: the link's session is over. */
void host_leave(struct host_link *link);

/* host_flush: make what was committed durable; nothing to do is fine.  Errors
 * of store_commit, see above. */
int host_flush(struct host *h);

/* host_refresh: take over what was written beside us. */
int host_refresh(struct host *h);

/* host_reload: all heads anew, after the keeper has another store or feed.
 * host_told: the first n moves have been told. */
int host_reload(struct host *h);
void host_told(struct host *h, size_t n);

/* host_cursor: where this copy of the ledger was in step with a peer last; all
 * zero when that is not known.  host_keep: remember it; no sync of its own in
 * an open batch. */
void host_cursor(struct host *h, struct session_cursor *out,
		 const struct curvekey *peer);
int host_keep(struct host *h, const struct session_cursor *cursor,
	      const struct curvekey *peer);

#endif
