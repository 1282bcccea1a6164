#ifndef PROTO_SESSION_SESSION_H
#define PROTO_SESSION_SESSION_H

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/session/msg.h"
#include "proto/session/reason.h"
#include "proto/session/session_host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * session -- replication with one peer as a state machine (PROTOCOL.md,
 * "Session").
 *
 * Sans-I/O: frames and the time come in by calls, all effects go out through
 * struct session_host; nothing here reads a clock, draws a random number or
 * logs.  The host may be called from within any function that takes now_ms,
 * and must not call back into the session from there.  One thread at a time.
 *
 * Memory: 2 KiB, three bits per local feed, 28 to 56 KiB while the peer waits
 * for many answers, and 84 to 168 bytes per feed that the peer says it has and
 * we have not, at most SESSION_WANTED_MAX of them (SESSION_STRANGER_MAX unless
 * it is in the roster or was dialled).  The peer has to send a row for each; no
 * memory is taken for a number that it names.
 */

enum {
	SESSION_WINDOW = 1 << 20,    /* bytes a peer may have in flight to us */
	SESSION_WANTED_MAX = 200000, /* feeds wanted from one peer */
	SESSION_STRANGER_MAX = 512,  /* the same, peer not in the roster */
	SESSION_AHEAD = 256,         /* runs of a frame told in advance */
	SESSION_PUSH_MAX = 4096,     /* bytes of a run sent unasked */
	SESSION_LONG = 256,        /* entries to come: asked for after others */
	SESSION_LONGEST = 4096,    /* the same: last of all */
	SESSION_RECENT_MS = 2000,  /* taking so long, with still ... */
	SESSION_RECENT_MIN = 1024, /* ... more entries to come: the newest */
	SESSION_QUIET_MS = 200,    /* after the last move, before DIGEST */
	SESSION_SILENCE_MS = 120000, /* owed something, hearing nothing */
	SESSION_STUCK_MS = 300000    /* until what differs is looked at again */
};

enum session_state {
	SESSION_HELLO,   /* until the peer has proved who it is */
	SESSION_JOINING, /* one is not in the other's roster */
	SESSION_SYNC,    /* finding and fetching what differs */
	SESSION_LIVE,    /* nothing is missing; moves are told as they come */
	SESSION_CLOSED   /* after BYE */
};

/* Who we are.  All is borrowed until session_close. */
struct session_self {
	struct id network;
	struct pubkey feed;
	const uint8_t *open; /* the raw first entry of our feed */
	size_t open_n;
	const struct msg_join *join; /* an invite to show; NULL for none */
	/* The name of this copy of the ledger: another one whenever heads may
	 * have come otherwise than by arriving. */
	uint8_t instance[MSG_INSTANCE];
	struct session_cursor cursor; /* kept of this peer; all zero: none */
	struct msg_scope scope;       /* whom this node follows */
};

/* The connection. */
struct session_link {
	struct curvekey peer; /* ZAP's User-Id, or the key dialled */
	bool is_dialled;      /* by us: then we also pull from strangers */
	uint8_t random[32];   /* fresh: half is our nonce, half stays secret */
	uint64_t silence_ms;  /* that is borne; 0: SESSION_SILENCE_MS */
	uint32_t recent_ms;   /* 0: SESSION_RECENT_MS, _MIN; smaller ones */
	uint32_t recent_min;  /* are for tests */
};

struct session; /* opaque */

/* session_open: nothing is sent yet.  ERR_NOMEM. */
int session_open(struct session **out, const struct session_host *host,
		 const struct session_self *self,
		 const struct session_link *link);

/* session_close: free it, saying nothing; NULL is fine. */
void session_close(struct session *s);

/* session_start: once connected.  The dialler sends HELLO; the other side
 * answers the first HELLO. */
void session_start(struct session *s, uint64_t now_ms);

/* session_recv: a frame came, of any size and content.  Once the session is
 * closed frames are dropped. */
void session_recv(struct session *s, const void *frame, size_t n,
		  uint64_t now_ms);

/* session_foresee: this frame waits for session_recv, behind those foreseen
 * before: tells the host which runs will be checked.  Frames need not be
 * foreseen, but when one is, so are all behind it until it was given. */
void session_foresee(struct session *s, const void *frame, size_t n);

/* session_tick: time passed.  Call it at session_due at the latest;
 * UINT64_MAX means that there is nothing to wait for. */
void session_tick(struct session *s, uint64_t now_ms);
uint64_t session_due(const struct session *s);

/* session_writable: the pipe takes frames again after ERR_BUSY. */
void session_writable(struct session *s, uint64_t now_ms);

/* session_moved: the head of feed number no is no longer at `before`, by an own
 * entry or one that another session brought, or because the feed has begun to
 * count (before is 0 then, and every session is told).  Call it once durable,
 * on every session but the one whose session_recv brought the entries. */
void session_moved(struct session *s, uint32_t no, uint64_t before,
		   uint64_t now_ms);

/* session_roster: the roster has changed.  Call it on every session, the one
 * that brought the change included, once outside of session_recv. */
void session_roster(struct session *s, uint64_t now_ms);

/* session_proof: evidence about a feed came from elsewhere; once durable. */
void session_proof(struct session *s, const struct pubkey *feed,
		   enum evidence_type type, uint64_t now_ms);

/* session_bye: say BYE and close.  text is short, plain and in English. */
void session_bye(struct session *s, enum bye reason, const char *text);

enum session_state session_state(const struct session *s);

/* session_in_step: both sides have told the same frontier and roster, ours
 * are still those, and nothing is outstanding either way. */
bool session_in_step(const struct session *s);

/* session_stats, session_peer: the latter NULL until SESSION_MET. */
struct session_stats session_stats(const struct session *s);
const struct session_peer *session_peer(const struct session *s);

#endif
