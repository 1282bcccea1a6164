#ifndef PROTO_SESSION_SESSION_TELL_H
#define PROTO_SESSION_SESSION_TELL_H

#include "crypto/curve.h"
#include "crypto/sign.h"
#include "proto/session/msg.h"
#include "proto/session/reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * session_tell -- what a session tells the node that it runs in, of itself or
 * when it is asked.
 */

enum session_event {
	SESSION_MET,     /* the peer proved who it is: feed */
	SESSION_ANSWER,  /* what it says of us: joined */
	SESSION_IN_STEP, /* both hold the same */
	SESSION_ASIDE,   /* feed not taken from this peer for now: err */
	SESSION_FORK,    /* the peer holds another entry: feed, seq */
	SESSION_STUCK,   /* unequal, with nothing left to exchange: differs */
	SESSION_BYE      /* closed: bye, text, is_ours */
};

/* Where both sides were in step: what each moved since is what they lack. */
struct session_cursor {
	struct msg_cursor peer; /* in the peer's order of arrival */
	uint32_t end;           /* our feeds numbered below are there too */
};

/* A feed that stays unequal. */
struct session_differ {
	struct pubkey feed;
	bool is_evidence;     /* not its head, but evidence that it ends */
	uint64_t here, there; /* seqs; 0: there is none */
};
enum { SESSION_DIFFERS = 4 }; /* that are named */

/* What happened; pointers are valid during the call. */
struct session_note {
	enum session_event event;
	const struct pubkey *feed; /* NULL when it is about no feed */
	uint64_t seq;
	int err;            /* ASIDE: ERR_DENIED, _CONFLICT, _SIGNATURE, or
	                       _NOT_FOUND (announced and never sent) */
	enum joined joined; /* ANSWER */
	unsigned bye;       /* BYE: enum bye or unknown */
	const char *text;   /* BYE */
	bool is_ours;       /* BYE: we closed */
	const struct session_cursor *cursor;  /* IN_STEP: to be kept */
	const struct session_differ *differs; /* STUCK: see session_differs */
	size_t differs_n;
};

/* Who the peer turned out to be. */
struct session_peer {
	struct pubkey feed;
	struct pubkey identity;
	struct curvekey transport;
};

struct session_stats {
	uint64_t bytes_in, bytes_out; /* frames */
	uint64_t entries_in, entries_out;
	uint32_t wanted; /* feeds still to come */
	uint32_t aside;  /* feeds set aside */
};

/* What the peer has told of and that is to come. */
struct session_missing {
	uint64_t entries;
	uint32_t feeds; /* that they are of */
	uint32_t begun; /* of these, feeds of which the beginning is here */
	uint32_t told;  /* changes when the peer tells of more, or of less */
};

/* The peer holds a feed up to seq. */
typedef void session_told_visit(void *arg, const struct pubkey *feed,
				uint64_t seq);

struct session;

/* session_missing: what the peer has told of and that is to come.
 * session_told: the same feed by feed, and some that have come by now. */
struct session_missing session_missing(const struct session *s);
void session_told(const struct session *s, session_told_visit *visit,
		  void *arg);

/* session_is_stuck: unequal, and only a change can help (PROTOCOL.md, "In
 * step").  session_differs: on which feeds first, as far as the peer's listings
 * show; how many; *roster: the rosters differ.  session_aside: a feed that is
 * set aside, the reason for most of that; false when there is none. */
bool session_is_stuck(const struct session *s);
size_t session_differs(const struct session *s, bool *roster,
		       struct session_differ out[static SESSION_DIFFERS]);
bool session_aside(const struct session *s, struct pubkey *feed);

#endif
