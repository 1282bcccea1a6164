#ifndef PROTO_SESSION_SESSION_BOUND_H
#define PROTO_SESSION_SESSION_BOUND_H

#include "proto/session/session.h"

/*
 * session_bound -- how much a session bears and how it shares out; only
 * proto/session*.c include it.
 */

enum {
	KNOWN = 16,     /* feeds whose position at the peer is remembered */
	LIES_MAX = 16,  /* claims that came to nothing, before BYE */
	NOTES_MAX = 64, /* events about single feeds, then silence */
	IDLE_ROWS = 1 << 20, /* rows of HEADS that brought no entry */
	PUSH_ROWS = 16,      /* what a PUSH of what is held counts for */
	LOOKS = 2,           /* through all heads, for a WALK or a listing */
	SCOPE_LOOKS = 8,     /* for a HELLO that follows some members only */
	WALK_MIN = 16,       /* heads on both sides; fewer are simply listed */
	LONG_MAX_ASKED = 16, /* long feeds under way at once ... */
	LONGEST_WEIGHT = 8,  /* ... of which each of the longest is so many */
	ASKED_MIN = 1024,    /* entries under way at once, while few came */
	RECENT_LEFT = 16,    /* entries to come: all of them are asked for */
	RECENT_SOON = 8,     /* times SESSION_RECENT_MS: all is here soon */
	BACK_FIRST = 8,      /* entries before the head, where chains differ */
	BACK_TIMES = 8,      /* and so many times more each time */
	/* Flushed and granted at once; what is left is sent meanwhile. */
	GRANT = SESSION_WINDOW / 2
};

#endif
