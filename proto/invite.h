#ifndef PROTO_INVITE_H
#define PROTO_INVITE_H

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/fact.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * invite -- the link that brings a newcomer to a network (PROTOCOL.md, "Invite
 * link" and "Fingerprint").
 *
 *   maillon:2:BASE64URL    of [1, network, transport, secret(16), expires_s,
 *                              role, flags, label, [address...]] || check(3)
 *   maillon:1:BASE64URL    the same without a check
 *
 * Whoever has the link may ask to be admitted with it, so it is a secret; the
 * proof sent to the inviter shows that one has it without giving it away.
 */

enum {
	INVITE_SECRET = 16,
	INVITE_ID = 8,
	INVITE_SIZE = LIMIT_INVITE + 1, /* room for a link and its NUL */
	FINGERPRINT_SIZE = 20           /* "ABCD-EFGH-JKLM-NPQR" and a NUL */
};

struct invite {
	struct id network;
	struct curvekey transport; /* the inviter's, to dial it */
	uint8_t secret[INVITE_SECRET];
	uint64_t expires_s;          /* since 1970 UTC */
	enum role role;              /* that the newcomer is to have */
	bool is_auto;                /* admitted at once, nobody is asked */
	char label[LIMIT_LABEL + 1]; /* the inviter's, to show */
	char addresses[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	size_t addresses_n; /* at least 1, best first */
};

/* invite_encode: the link with a NUL.  ERR_FORMAT for what invite_decode
 * refuses, ERR_LIMIT when it is longer than LIMIT_INVITE. */
int invite_encode(char out[static INVITE_SIZE], const struct invite *inv);

/* invite_decode: the link in n characters, without white space around.
 * ERR_SIGNATURE: a letter is wrong or missing; ERR_FORMAT, ERR_LIMIT;
 * ERR_VERSION for a link of another version.  Whether it has expired is the
 * caller's to ask. */
int invite_decode(struct invite *out, const char *text, size_t n);

/* invite_id: which of an inviter's invites this secret is, without telling the
 * secret.  Cannot fail. */
void invite_id(uint8_t out[static INVITE_ID],
	       const uint8_t secret[static INVITE_SECRET]);

/* invite_proof: that the newcomer with this feed, identity and transport key
 * holds the secret.  Cannot fail.  Compare with id_eq. */
struct id invite_proof(const uint8_t secret[static INVITE_SECRET],
		       const struct id *network, const struct pubkey *feed,
		       const struct pubkey *identity,
		       const struct curvekey *transport);

/* fingerprint: an identity in 16 letters and digits to compare by phone, with
 * a NUL.  Cannot fail. */
void fingerprint(char out[static FINGERPRINT_SIZE],
		 const struct pubkey *identity);

#endif
