#ifndef PROTO_TYPE_H
#define PROTO_TYPE_H

/*
 * type -- the types of facts (PROTOCOL.md, "Types").
 *
 * Each has one form, which value.h checks.  The order matters: from TYPE_LINES
 * on a value is a container, kept as its canonical bytes.
 */

enum fact_type {
	TYPE_UINT,      /* integer up to the fact's maximum */
	TYPE_TIME,      /* ms since 1970 UTC */
	TYPE_WORD,      /* an index into the fact's words */
	TYPE_TEXT,      /* plain UTF-8, 1 to maximum bytes */
	TYPE_LABEL,     /* a member's label */
	TYPE_ITEM,      /* product or product/revision */
	TYPE_PLACE,     /* FR, FR-88 */
	TYPE_PERIOD,    /* 2020, 2020-Q2, 2020-04 */
	TYPE_BYTES,     /* opaque, 1 to maximum bytes */
	TYPE_TAG,       /* 16 bytes */
	TYPE_ID,        /* 32 bytes: an entry */
	TYPE_KEY,       /* 32 bytes: a public key */
	TYPE_SHA,       /* 32 bytes: SHA-256, or a salted commitment */
	TYPE_SIG,       /* 64 bytes */
	TYPE_PARTY,     /* 32 bytes (member) or 16 (outsider's handle) */
	TYPE_LINES,     /* [[item, qty >= 1]...] items rising, sum bounded */
	TYPE_LINES0,    /* the same, qty may be 0 (a stock take) */
	TYPE_MONEY,     /* [minor units >= 1, "EUR"] */
	TYPE_MONEY0,    /* the same, may be 0 (a bank balance) */
	TYPE_POSITION,  /* [feed, seq, id] */
	TYPE_POSITIONS, /* [[feed, seq, id]...] feeds rising */
	TYPE_IDS,       /* [id...] rising */
	TYPE_KEYS,      /* [key...] rising */
	TYPE_ADDRESSES, /* ["tcp://..."...] */
	TYPE_FACTS      /* a map of facts of another record */
};

#endif
