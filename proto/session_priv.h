#ifndef PROTO_SESSION_PRIV_H
#define PROTO_SESSION_PRIV_H

#include "proto/bits.h"
#include "proto/session.h"
#include "proto/want.h"

/*
 * session_priv -- the inside of a session; only proto/session*.c include it.
 *
 * A session is what it owes: every frame that is still to be sent is a flag,
 * a count or a row here, and each X_pump sends what its part owes until
 * nothing is left or the pipe is full.  So ERR_BUSY loses nothing, and no
 * queue of frames exists.
 *
 *   session.c       life, dispatch, BYE, silence
 *   session_meet.c  HELLO, OPEN, JOIN: who is it, and what may it do
 *   session_pull.c  HEADS -> FETCH: what is wanted, and when it is asked for
 *   session_take.c  RUN, PUSH -> CREDIT: what comes in
 *   session_push.c  HEADS, PUSH, RUN: what goes out
 *   session_step.c  DIGEST: are we equal, and what if not
 */

enum {
	KNOWN = 16,     /* feeds whose position at the peer is remembered */
	LIES_MAX = 16,  /* claims that came to nothing, before BYE */
	NOTES_MAX = 64, /* events about single feeds, then silence */
	IDLE_ROWS = 1 << 20, /* rows of HEADS that brought no entry */
	GRANT = SESSION_WINDOW /
		4 /* bytes that are flushed and granted at once */
};

/* Where one side says it stands. */
struct stand {
	uint64_t feeds;
	struct id frontier;
	struct id roster;
};

/* Rows of FETCH that the peer waits for; a ring that grows to MSG_ROWS_MAX. */
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
	bool has_dropped;     /* rows were left out that may matter later */
	bool has_news;        /* the roster has changed: try the denied again */
	uint32_t first_asked; /* rows under way that make the roster */
	unsigned lies;
	uint32_t idle_rows;

	/* step */
	struct stand told, heard;
	bool is_stale; /* told may not be where we stand */
	bool asks;     /* our DIGEST waits for an answer */
	bool owes_digest;
	bool is_live; /* equal once, or stuck, since the last listing */
	bool is_stuck;
	uint64_t stuck_ms; /* since when */
	bool was_in_step;
	uint64_t moves;     /* changes on our side */
	uint64_t asked_at;  /* moves when we asked */
	uint64_t listed_at; /* moves when we last began a listing */
	uint64_t moved_ms;
};

/* session.c.  session_send: 0, ERR_BUSY, or ERR_STATE once closed. */
int session_send(struct session *s, const void *frame, size_t n);
int session_send_msg(struct session *s, const struct msg *m);
void session_note(struct session *s, enum session_event event,
		  const struct pubkey *feed, uint64_t seq, int err);
/* Something changed here: what was told is stale. */
void session_touch(struct session *s);
/* A feed is not taken; the peer is sent away when it happens too often. */
void session_lie(struct session *s, const char *text);
/* Trouble of ours: BYE, and closed. */
void session_trouble(struct session *s, int err);

/* Each: 0 when nothing is owed any more, else stop. */
int meet_pump(struct session *s);
int pull_pump(struct session *s);
int take_pump(struct session *s);
int push_pump(struct session *s);
int step_pump(struct session *s);

/* session_meet.c */
void meet_hello(struct session *s, const struct msg_hello *m);
void meet_open(struct session *s, const struct msg_open *m);
void meet_join(struct session *s, const struct msg_join *m);
void meet_joined(struct session *s, enum joined status);
void meet_roster(struct session *s);

/* session_pull.c */
void pull_heads(struct session *s, const struct msg_heads *m);
void pull_want(struct session *s, const struct pubkey *feed, uint64_t seq,
	       bool is_known, bool is_first);
void pull_aside(struct session *s, struct want *row, int err);
void pull_refuse(struct session *s, const struct pubkey *feed, uint64_t seq,
		 int err);
void pull_roster(struct session *s);
bool pull_is_done(const struct session *s);

/* session_take.c */
void take_run(struct session *s, const struct msg_run *m, size_t n);
void take_push(struct session *s, const struct msg_run *m, size_t n);

/* session_push.c */
void push_fetch(struct session *s, const struct msg_list *m);
void push_list(struct session *s);
void push_hear(struct session *s);
void push_covered(struct session *s, const struct session_head *mine,
		  const struct msg_head *row);
bool push_is_known(const struct session *s, uint32_t no, uint64_t *seq);
void push_know(struct session *s, uint32_t no, uint64_t seq);
void push_stop(struct session *s);
bool push_is_done(const struct session *s);

/* session_step.c */
void step_stand(struct session *s, struct stand *out);
void step_digest(struct session *s, const struct msg_digest *m);

#endif
