#ifndef PROTO_SESSION_SESSION_PRIV_H
#define PROTO_SESSION_SESSION_PRIV_H

#include "proto/session/session_state.h"

/*
 * session_priv -- the parts of a session; only proto/session*.c include it.
 *
 * A session is what it owes: every frame that is still to be sent is a flag,
 * a count or a row here, and each X_pump sends what its part owes until
 * nothing is left or the pipe is full.  So ERR_BUSY loses nothing, and no
 * queue of frames exists.
 *
 *   session.c       life, dispatch, BYE, silence
 *   session_meet.c  HELLO, OPEN, JOIN: who is it, and what may it do
 *   session_pull.c  HEADS in: what is wanted
 *   session_ask.c   FETCH out: in which order, and how much at once
 *   session_recent.c the newest entries, before history
 *   session_take.c  RUN, PUSH -> CREDIT: what comes in, ...
 *   session_enter.c ... and follows what is held
 *   session_list.c  HEADS out: listings, and the heads that moved
 *   session_push.c  FETCH -> RUN, and PUSH: the entries that go out
 *   session_walk.c  WALK: where do many heads differ
 *   session_tree.c  what WALK says of our heads
 *   session_limits.c LIMITS, PROOF: evidence that feeds end
 *   session_step.c  DIGEST: are we equal, and what if not
 */

/* session.c.  session_send: 0, ERR_BUSY, or ERR_STATE once closed. */
int session_send(struct session *s, const void *frame, size_t n);
int session_send_msg(struct session *s, const struct msg *m);
void session_note(struct session *s, enum session_event event,
		  const struct pubkey *feed, uint64_t seq, int err);
/* What is held of a feed; seq 0 and the network id when nothing is, or it does
 * not count.  ERR_STATE when that ended the session. */
int session_held(struct session *s, struct session_head *out,
		 const struct pubkey *feed);
/* Something changed here: what was told is stale. */
void session_touch(struct session *s);
/* A feed is not taken; the peer is sent away when it happens too often. */
void session_lie(struct session *s, const char *text);
/* The peer makes us look through all heads that many times: may it?  If not it
 * is sent away. */
bool session_pay(struct session *s, uint32_t times);
/* Trouble of ours: BYE, and closed. */
void session_trouble(struct session *s, int err);

/* Each: 0 when nothing is owed any more, else stop. */
int meet_pump(struct session *s);
int pull_pump(struct session *s);
int take_pump(struct session *s);
int push_pump(struct session *s);
int limits_pump(struct session *s);
int walk_pump(struct session *s);
int step_pump(struct session *s);

/* session_meet.c */
void meet_hello(struct session *s, const struct msg_hello *m);
void meet_open(struct session *s, const struct msg_open *m);
void meet_join(struct session *s, const struct msg_join *m);
void meet_joined(struct session *s, enum joined status);
void meet_roster(struct session *s);

/* session_limits.c.  limits_tell: begin a list, unless nothing has changed
 * since the last.  limits_made: evidence was, of what the peer holds, who is to
 * have it.  is_ended: does the feed end at seq or before? */
void limits_tell(struct session *s);
void limits_take(struct session *s, const struct msg_limits *m);
void limits_proof(struct session *s, const struct msg_proof *m);
void limits_made(struct session *s, const struct pubkey *feed);
void limits_stop(struct session *s);
bool limits_are_done(const struct session *s);
bool is_ended(const struct session *s, const struct pubkey *feed, uint64_t seq);

/* session_pull.c.  pull_want: the peer holds a feed up to seq, we up to held.
 * pull_is_peers: is it the feed of the peer itself?  pull_weight: what a row
 * under way adds to long_asked.  pull_back: the peer holds another entry of a
 * feed: ask from before the head on. */
void pull_back(struct session *s, const struct pubkey *feed, uint64_t seq);
void pull_heads(struct session *s, const struct msg_heads *m);
void pull_want(struct session *s, const struct pubkey *feed, uint64_t seq,
	       uint64_t held, bool is_first);
uint32_t pull_weight(const struct want *row);
enum want_list pull_list(struct session *s, const struct want *row,
			 uint64_t held);
void pull_aside(struct session *s, struct want *row, int err);
bool pull_is_peers(const struct session *s, const struct pubkey *feed);
void pull_refuse(struct session *s, const struct pubkey *feed, uint64_t seq,
		 int err);
void pull_roster(struct session *s);
/* pull_id_at: the id of the entry of a feed at seq, which is held and not the
 * newest.  ERR_STATE when that ended the session. */
int pull_id_at(struct session *s, struct id *out, const struct pubkey *feed,
	       uint64_t seq);
bool pull_is_done(const struct session *s);

/* session_enter.c.  Take in what is good of a run; how much in *good.  0 when
 * that is all of it, ERR_NOT_FOUND when entries before it are missing,
 * ERR_CONFLICT, ERR_DENIED; ERR_SIGNATURE, ERR_FORMAT, ERR_LIMIT for what the
 * peer should not have sent; ERR_STATE when the session has ended. */
int take_in(struct session *s, const struct run *run, uint32_t *good);

/* session_take.c */
void take_foresee(struct session *s, const struct msg_run *m);
void take_run(struct session *s, const struct msg_run *m, size_t n);
void take_push(struct session *s, const struct msg_run *m, size_t n);

/* session_list.c.  list_all: of all heads; list_some: of those that are dirty;
 * list_since: of those that came after `arrival`.  list_hear: the peer begins
 * a listing, of all its heads or of some.  list_covered: it
 * holds as much of this feed.  list_dirty: the head of a dirty feed that is to
 * be told; ERR_NOT_FOUND, and it is not dirty any more, when there is none. */
int list_pump(struct session *s);
void list_all(struct session *s);
void list_some(struct session *s);
void list_since(struct session *s, uint64_t arrival);
void list_hear(struct session *s, bool is_some);
void list_covered(struct session *s, const struct session_head *mine,
		  const struct msg_head *row);
int list_dirty(struct session *s, struct session_head *head, uint32_t no);
void list_stop(struct session *s);

/* session_push.c */
void push_fetch(struct session *s, const struct msg_list *m);
bool push_is_known(const struct session *s, uint32_t no, uint64_t *seq);
void push_know(struct session *s, uint32_t no, uint64_t seq);
void push_stop(struct session *s);
bool push_is_done(const struct session *s);

/* session_walk.c */
void walk_begin(struct session *s);
void walk_take(struct session *s, const struct msg_list *m);
bool walk_is_done(const struct session *s);

/* session_tree.c.  tree_begin: fill a frame with the fingerprints of the top.
 * tree_answer: the same with what follows from rows that came; heads that the
 * peer lacks become dirty, and *asks tells whether the frame is to be
 * answered.  The errors are troubles of ours. */
int tree_begin(struct session *s, struct pack *out);
int tree_answer(struct session *s, struct pack *out, bool *asks,
		const struct msg_list *rows);

/* session_step.c */
void step_stand(struct session *s, struct stand *out);
bool step_is_same(const struct stand *a, const struct stand *b);
void step_digest(struct session *s, const struct msg_digest *m);

#endif
