#ifndef PROTO_SESSION_REASON_H
#define PROTO_SESSION_REASON_H

/*
 * reason -- the words with which a node is admitted or sent away.
 */

/* What JOINED says (PROTOCOL.md, "Frames"). */
enum joined {
	JOINED_ADMITTED = 0, /* you are in the roster here */
	JOINED_WAITING = 1,  /* kept; a person has to accept */
	JOINED_REFUSED = 2,  /* a person said no, or you were dismissed */
	JOINED_EXPIRED = 3,  /* the invite is too old */
	JOINED_USED = 4,     /* the invite was for fewer */
	JOINED_UNKNOWN = 5,  /* no such invite, or the wrong secret */
	JOINED_STRANGER = 6, /* sent unasked: not in the roster here (yet) */
	JOINED_PERSONAL = 7, /* label or name hold what is a person's own */
	JOINED_COUNT = 8
};

/* Why a session ends (PROTOCOL.md, "Frames"). */
enum bye {
	BYE_DONE = 0,     /* nothing is wrong: shutting down */
	BYE_VERSION = 1,  /* another version of the protocol */
	BYE_NETWORK = 2,  /* another network */
	BYE_KEY = 3,      /* the feed's `open` is not of this transport key */
	BYE_SELF = 4,     /* we are the same node */
	BYE_TWICE = 5,    /* another session with this node goes on */
	BYE_FORMAT = 6,   /* a frame that is not one */
	BYE_ORDER = 7,    /* a frame out of turn */
	BYE_DENIED = 8,   /* not for one who is not in the roster */
	BYE_CREDIT = 9,   /* more bytes than were granted */
	BYE_FLOOD = 10,   /* above a limit of the session */
	BYE_LIE = 11,     /* entries that do not verify, heads not served */
	BYE_TIMEOUT = 12, /* silent for too long */
	BYE_TROUBLE = 13, /* the sender's own: a full disk, for instance */
	BYE_COUNT = 14
};

/* joined_text: a phrase for the person who asked to join, never NULL. */
const char *joined_text(enum joined status);

/* bye_text: a phrase for the log, never NULL, also for numbers that this
 * version does not know. */
const char *bye_text(unsigned reason);

#endif
