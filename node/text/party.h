#ifndef NODE_TEXT_PARTY_H
#define NODE_TEXT_PARTY_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "node/text/say.h"
#include "proto/limit.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * party -- members and outsiders as people name them, and records by REF.
 *
 *   LABEL          a member by its label
 *   0123abcd...    a member by 8 or more hex digits of its identity
 *   =NAME          an outsider organisation, whose name may be public
 *   ~NAME          an outsider whose name stays in this home: a handle travels
 *
 * A handle is the BLAKE2b-128 of the trimmed name under the member secret, so
 * it is the same whenever this member writes the name, and means nothing to
 * others (DESIGN section 4).
 */

struct desk;
struct store;

enum { PARTY_NAME = 128 }; /* bytes of an outsider's private name */

struct party {
	bool is_member;
	struct pubkey member;      /* when is_member */
	struct tag outsider;       /* else */
	bool is_public;            /* "=": the name may be published */
	char name[PARTY_NAME + 1]; /* of an outsider */
};

/* party_of: party_resolve with the desk's roster and secret, and party_keep. */
int party_of(struct party *out, struct desk *d, const char *text,
	     struct reason *why);

/* party_resolve: whom text names.  Changes nothing anywhere.  ERR_NOT_FOUND:
 * nobody, and why names the nearest labels; ERR_EXISTS: more than one, and why
 * names them; ERR_FORMAT, ERR_LIMIT: not a name. */
int party_resolve(struct party *out, const struct roster *roster,
		  const struct secret *member, const char *text,
		  struct reason *why);

/* party_handle: the handle of an outsider's name, blanks around it cut off.
 * Cannot fail. */
struct tag party_handle(const struct secret *member, const char *name,
			size_t n);

/* party_bytes: the value of a TYPE_PARTY fact: *n bytes that live in p. */
const void *party_bytes(const struct party *p, size_t *n);

/* party_keep: have an outsider's name known from the next desk_record on: a
 * public one by a `party` entry of this member unless there is one, and either
 * kind in the private table, so that this home can show it.  Only notes it
 * down: nothing is written before desk_record.  Nothing to do for a member.
 * ERR_LIMIT: 256 names are waiting: record first; ERR_NOMEM. */
int party_keep(struct desk *d, const struct party *p);

/* PARTY_TEXT: room for a label, a name or a key prefix made safe, and NUL. */
enum { PARTY_TEXT = 4 * PARTY_NAME + 2 };

/* member_label: a member's label when no other member has it; else false. */
bool member_label(char out[static LIMIT_LABEL + 1], const struct roster *r,
		  const struct pubkey *identity);

/* member_text: a member's label when no other member has it, else the first 8
 * digits of the key.  Safe for a terminal. */
void member_text(char out[static PARTY_TEXT], const struct roster *roster,
		 const struct pubkey *member);

/* rank_text: the same without a roster, from what the store keeps. */
void rank_text(char out[static PARTY_TEXT], struct store *s,
	       const struct pubkey *member);

/* outsider_text: the name of an outsider of author's book: "=NAME", or "~NAME"
 * when the book is ours and the home remembers, else "~" and 8 digits. */
void outsider_text(char out[static PARTY_TEXT], struct desk *d,
		   const struct pubkey *author, const struct tag *outsider);

/* A record that was found. */
struct ref_found {
	struct pubkey feed;
	uint64_t seq;
	struct id id;
	bool is_reissue;    /* asked for `original`, which is not here */
	struct id original; /* when is_reissue */
};

/* REF_TEXT: room for LABEL/SEQ or FEEDPREFIX/SEQ and NUL. */
enum { REF_TEXT = 96 };

/* ref_resolve: LABEL/SEQ, FEEDPREFIX/SEQ, an id or 8 or more digits of one; the
 * id of a record that was lost and issued again finds the re-issue.
 * ERR_NOT_FOUND; ERR_EXISTS: ambiguous, and why has the candidates;
 * ERR_FORMAT; ERR_IO. */
int ref_resolve(struct ref_found *out, struct desk *d, const char *text,
		struct reason *why);

/* feed_text: what stands before the slash of a REF: the member's label where
 * that is unique and the member has one feed, else as many digits of the feed,
 * at least 8, as tell it from others.  Cannot fail. */
void feed_text(char out[static REF_TEXT], const struct roster *roster,
	       const struct pubkey *feed);

/* ref_text: the whole REF.  Cannot fail. */
void ref_text(char out[static REF_TEXT], const struct roster *roster,
	      const struct pubkey *feed, uint64_t seq);

#endif
