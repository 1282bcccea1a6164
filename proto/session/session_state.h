#ifndef PROTO_SESSION_SESSION_STATE_H
#define PROTO_SESSION_SESSION_STATE_H

#include "proto/session/bits.h"
#include "proto/session/pack.h"
#include "proto/session/session_bound.h"
#include "proto/session/session_differ.h"
#include "proto/session/tree.h"
#include "proto/session/want.h"

/*
 * session_state -- what a session knows and owes; only proto/session*.c
 * include it.
 */

/* Evidence that the peer lacks. */
struct owed_proof {
	struct pubkey feed;
	enum evidence_type type;
};

/* Where one side says it stands. */
struct stand {
	uint64_t feeds;
	struct id frontier;
	struct id roster;
	uint64_t arrival; /* not part of what is compared */
};

/* Rows of FETCH that the peer waits for; a ring up to MSG_ROWS_MAX. */
struct served {
	struct msg_want *row; /* owned */
	uint32_t max, at, n;
};

struct session {
	struct session_host host;
	struct session_self self;
	struct session_link link;
	struct session_stats stats;
	uint64_t now_ms;
	uint64_t heard_ms; /* when the last frame came */
	bool is_started;
	bool is_closed;
	bool is_blocked; /* the pipe was full */
	bool is_again;   /* the pumps must go round once more */
	unsigned notes;

	/* meet */
	bool has_said_hello, has_hello, has_begun;
	bool owes_ask, has_asked;  /* OPEN, to be asked for */
	bool owes_open, gave_open; /* OPEN, to be given */
	bool owes_join, has_join;
	int owes_joined; /* enum joined, or -1 */
	int said_joined; /* what we told last, or -1 */
	int heard_joined;
	struct msg_hello hello; /* the peer's */
	uint64_t said_arrival;  /* in ours */
	bool is_met;
	struct session_peer peer;
	bool is_in;  /* the peer is in the roster */
	bool serves; /* we tell and give */
	bool takes;  /* we take all; otherwise what makes the roster */

	/* push */
	uint64_t credit_out; /* bytes we may still send */
	struct bits dirty;   /* feeds of which the peer may not hold our head */
	uint32_t scan_no;
	bool is_scan_rest; /* the feeds of those who may admit are through */
	bool owes_list;    /* a listing is to begin */
	bool is_listing;   /* it has not ended */
	bool is_some;      /* it is of some heads only */
	bool is_since;     /* of those that moved since the cursor */
	bool owes_all;     /* a listing of all heads, after this one */
	struct served served;
	struct {
		uint32_t no;
		uint64_t seq; /* the peer holds this much; 0: nothing known */
		bool is_set;
	} known[KNOWN];
	unsigned known_at;
	struct bits uneven; /* feeds that moved since both held the same */
	bool was_even;      /* both held the same, once */

	/* pull */
	struct wants wants;
	uint64_t credit_in;   /* bytes the peer may still send */
	uint64_t unflushed;   /* bytes taken, not durable yet */
	uint64_t grant;       /* durable, not granted again yet */
	bool is_hearing;      /* the peer's listing has not ended */
	bool has_heard;       /* one has begun */
	bool own_whole;       /* our own feed differs: hear it from its start */
	bool has_dropped;     /* rows were left out that may matter later */
	bool has_news;        /* the roster has changed: try the denied again */
	uint32_t first_asked; /* rows under way that make the roster */
	uint32_t long_asked;  /* weight of the long feeds under way */
	uint64_t asked_n;     /* entries under way, of those the roster's not */
	uint64_t recent_n;    /* entries that came as the newest of feeds */
	bool is_taking;       /* something is wanted, ... */
	uint64_t taking_ms;   /* ... since then, ... */
	uint64_t taking_n;    /* ... when so many entries had come; */
	uint64_t looked_ms;   /* and looked at then */
	bool is_recent;       /* newest entries come before history */
	unsigned lies;
	uint32_t idle_rows;

	uint32_t foreseen; /* RUN frames told of, that are yet to come ... */
	uint64_t foreseen_over;      /* ... and rows that end with them */
	struct pubkey foreseen_feed; /* of the run told last, ... */
	uint64_t foreseen_seq;       /* ... and where it ends */

	/* walk */
	bool owes_top;
	bool is_walking;   /* WALK, or a listing, is to come */
	struct pack *walk; /* owned: the frame that is owed, or NULL */

	/* limits */
	bool owes_limits;        /* a list is to be told, or goes on ... */
	struct pubkey limits_at; /* ... after this feed */
	bool is_limits_begun;
	uint64_t limits_told;       /* moves + 1 when the last was begun */
	bool is_hearing_limits;     /* the peer's list has not ended */
	struct pubkey limits_heard; /* up to this feed */
	struct owed_proof *owed;    /* owned; from owed_at to owed_n */
	size_t owed_at, owed_n, owed_max;
	size_t owed_sent; /* bytes of the first of them */
	uint8_t *piece;   /* of a proof that comes; owned */
	size_t piece_n;

	/* step */
	struct stand told, heard, compared; /* the last: as of listed_at */
	bool is_stale;                      /* told may not be where we stand */
	bool asks;                          /* our DIGEST waits for an answer */
	bool owes_digest;
	bool is_live; /* equal once, or stuck, since the last listing */
	bool is_stuck;
	uint64_t stuck_ms; /* since when */
	bool was_in_step;
	struct session_cursor cursor; /* when both were in step last */
	uint64_t moves;               /* changes on our side */
	uint64_t asked_at;            /* moves when we asked */
	uint64_t listed_at;           /* moves when we last began to compare */
	bool has_listed; /* then, or since, all heads were listed */
	uint64_t moved_ms;
	uint64_t heard_at;      /* moves when the peer last listed all heads */
	bool has_told_stuck;    /* with what that has shown */
	struct differs differs; /* owned */
};

#endif
