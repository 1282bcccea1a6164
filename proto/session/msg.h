#ifndef PROTO_SESSION_MSG_H
#define PROTO_SESSION_MSG_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/limit.h"
#include "proto/session/msg_list.h"
#include "proto/session/reason.h"
#include "proto/session/scope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * msg -- the frames that two nodes exchange (PROTOCOL.md, "Frames").
 *
 * A frame is one canonical msgpack array [1, type, ...] of at most LIMIT_FRAME
 * bytes.  msg_decode checks all of it, so the readers of lists (msg_list.h)
 * cannot fail on what it accepted; a decoded message borrows the frame.  When a
 * frame may be sent is session.h's.
 */

enum {
	MSG_VERSION = 1,
	MSG_NONCE = 16,
	MSG_INSTANCE = 8,
	MSG_ROWS_MAX = 2 * LIMIT_HEADS /* rows of FETCH under way */
};

/* Numbers of PROTOCOL.md, "Frames". */
enum msg_type {
	MSG_HELLO = 1,   /* who I am and where I stand */
	MSG_OPEN = 2,    /* the first entry of my feed, or: send me yours */
	MSG_HEADS = 3,   /* how far I hold these feeds */
	MSG_FETCH = 4,   /* send me these feeds from there on */
	MSG_RUN = 5,     /* entries that were asked for */
	MSG_PUSH = 6,    /* entries that you should just have missed */
	MSG_CREDIT = 7,  /* so many more bytes of RUN and PUSH */
	MSG_DIGEST = 8,  /* where I stand, all of yours being done */
	MSG_JOIN = 9,    /* I have an invite */
	MSG_JOINED = 10, /* how you stand with me */
	MSG_BYE = 11,    /* why I close; the same in every version */
	MSG_WALK = 12,   /* fingerprints of my heads, in parts */
	MSG_LIMITS = 13, /* of which feeds I have evidence that they end */
	MSG_PROOF = 14   /* such evidence, or a part of it */
};

/* A place in the order in which heads came to a node: that of the copy of its
 * ledger with this name.  All zero: none. */
struct msg_cursor {
	uint8_t instance[MSG_INSTANCE];
	uint64_t arrival;
};

/* Flags of HELLO. */
enum {
	HELLO_FINDS = 1, /* the sender knows WALK and compares cursors */
	HELLO_PARTS = 2  /* and rows of FETCH that say where to end */
};

struct msg_hello {
	struct id network;
	struct pubkey feed; /* the sender's own */
	uint64_t feeds;     /* heads in the frontier */
	struct id frontier;
	struct id roster;
	struct msg_cursor here;  /* where the sender stands itself */
	struct msg_cursor there; /* up to where it has all of the receiver */
	uint64_t credit;         /* window in bytes, LIMIT_CREDIT_MIN .. _MAX */
	uint32_t flags;          /* capabilities; unknown ones are ignored */
	uint8_t nonce[MSG_NONCE];
	struct msg_scope scope;
};

struct msg_open {
	const uint8_t *raw; /* the entry; NULL asks for the receiver's */
	size_t raw_n;
};

/* How a HEADS frame stands in a listing. */
enum {
	HEADS_START = 1, /* the first frame of a listing */
	HEADS_END = 2,   /* the last one */
	HEADS_FIRST = 4, /* all rows are feeds of members who may admit */
	HEADS_SOME = 8,  /* it begins a listing of some heads, not of all */
	HEADS_FLAGS = 15
};

struct msg_heads {
	unsigned flags;
	struct msg_list rows;
};

struct msg_run {
	uint32_t done; /* rows of FETCH, in order, that end with this */
	struct msg_list runs;
};

struct msg_digest {
	bool ask; /* answer when you have all that I told you */
	uint64_t feeds;
	struct id frontier;
	struct id roster;
	uint64_t arrival; /* where the sender stands in its own order */
};

struct msg_join {
	uint8_t invite[MSG_SHORT];
	struct id proof;
	char label[LIMIT_LABEL + 1];
	char place[LIMIT_PLACE + 1];
	char name[LIMIT_NAME + 1]; /* "" when none is given */
	struct msg_list entries;   /* own feed from seq 1, at least `open` */
};

struct msg_bye {
	unsigned reason;          /* enum bye, or one not known here */
	char text[LIMIT_BYE + 1]; /* plain, for a person; may be "" */
};

struct msg {
	enum msg_type type;
	union {
		struct msg_hello hello;
		struct msg_open open;
		struct msg_heads heads;
		struct msg_list fetch;
		struct msg_run run;
		struct msg_run push; /* one run, done 0 */
		uint64_t credit;     /* at least 1 */
		struct msg_digest digest;
		struct msg_join join;
		enum joined joined;
		struct msg_bye bye;
		struct msg_list walk;
		struct msg_limits limits;
		struct msg_proof proof;
	} u;
};

/* msg_decode: read a whole frame.  ERR_FORMAT, ERR_LIMIT; ERR_VERSION for a
 * frame of another version (BYE excepted) or of a type not known here. */
int msg_decode(struct msg *out, const void *p, size_t n);

/* msg_encode: write m into [out, out + max), its size in *n: a message decoded
 * encodes to the same bytes.  ERR_LIMIT when it does not fit. */
int msg_encode(const struct msg *m, void *out, size_t max, size_t *n);

#endif
