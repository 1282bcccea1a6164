#ifndef NODE_PARTY_H
#define NODE_PARTY_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "node/say.h"
#include "proto/limit.h"
#include "proto/roster.h"

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

enum { PARTY_NAME = 128 }; /* bytes of an outsider's private name */

struct party {
	bool is_member;
	struct pubkey member;      /* when is_member */
	struct tag outsider;       /* else */
	bool is_public;            /* "=": the name may be published */
	char name[PARTY_NAME + 1]; /* of an outsider */
};

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

/* party_keep: make sure that an outsider's name is known from here on: a public
 * one by a `party` entry of this member unless there is one, a private one in
 * the private table.  Nothing to do for a member.  An exit code. */
int party_keep(struct desk *d, const struct party *p);

/* PARTY_TEXT: room for a label, a name or a key prefix made safe, and NUL. */
enum { PARTY_TEXT = 4 * PARTY_NAME + 2 };

/* member_text: a member's label when no other member has it, else the first 8
 * digits of the key.  Safe for a terminal. */
void member_text(char out[static PARTY_TEXT], const struct roster *roster,
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
};

/* REF_TEXT: room for LABEL/SEQ or FEEDPREFIX/SEQ and NUL. */
enum { REF_TEXT = 96 };

/* ref_resolve: LABEL/SEQ, FEEDPREFIX/SEQ, an id or 8 or more digits of one.
 * ERR_NOT_FOUND; ERR_EXISTS: ambiguous, and why has the candidates;
 * ERR_FORMAT; ERR_IO. */
int ref_resolve(struct ref_found *out, struct desk *d, const char *text,
		struct reason *why);

/* ref_text: LABEL/SEQ where that is unique, else FEEDPREFIX/SEQ.  Cannot
 * fail. */
void ref_text(char out[static REF_TEXT], const struct roster *roster,
	      const struct pubkey *feed, uint64_t seq);

#endif
