#ifndef PROTO_ATTEST_TREEHEAD_H
#define PROTO_ATTEST_TREEHEAD_H

#include "crypto/checkpoint.h"
#include "crypto/hash.h"
#include "crypto/note.h"
#include "crypto/sign.h"

#include <stddef.h>
#include <stdint.h>

/*
 * treehead -- one state of one association's tree, and who signed it
 * (PROTOCOL.md, "Checkpoints" and "Cosignatures").
 *
 * A node signs notes with its node key under one name, which it also has as a
 * witness: "maillon/NETWORK/FEED" in hex.  So a name says its own key, and a
 * tree head can be written as other people's tools read it.  Pure.
 */

/* ORIGIN_SIZE: a name with its NUL. */
enum { ORIGIN_SIZE = 8 + 64 + 1 + 64 + 1 };

struct treehead {
	struct id network;
	struct pubkey feed; /* whose tree: the node that signs it */
	uint64_t size;      /* leaves */
	struct sha root;
};

/* origin_encode: the name of a feed's node and of its tree.  Cannot fail. */
void origin_encode(char out[static ORIGIN_SIZE], const struct id *network,
		   const struct pubkey *feed);

/* origin_decode: the way back from n characters.  ERR_FORMAT for a name that
 * is not of this form; the results are then untouched. */
int origin_decode(struct id *network, struct pubkey *feed, const char *text,
		  size_t n);

/* treehead_text: the text of the note, with a NUL; errors of
 * checkpoint_encode. */
int treehead_text(char out[static CHECKPOINT_SIZE], size_t *n,
		  const struct treehead *h);

/* treehead_sign: the signature of the note by the tree's own node.
 * treehead_check: 0, or ERR_SIGNATURE.  Both: errors of treehead_text. */
int treehead_sign(struct sig *out, const struct treehead *h,
		  const struct seckey *key);
int treehead_check(const struct treehead *h, const struct sig *sig);

/* treehead_cosign, treehead_cosign_check: the same for a cosignature/v1 by
 * another node, which saw this state by time_s (seconds since 1970). */
int treehead_cosign(struct sig *out, const struct treehead *h,
		    const struct seckey *key, uint64_t time_s);
int treehead_cosign_check(const struct treehead *h,
			  const struct pubkey *witness, uint64_t time_s,
			  const struct sig *sig);

/* treehead_line, treehead_cosign_line: a signature as a line of the note, with
 * its newline and a NUL; nothing is verified.  Cannot fail. */
void treehead_line(char line[static NOTE_LINE_SIZE], const struct treehead *h,
		   const struct sig *sig);
void treehead_cosign_line(char line[static NOTE_LINE_SIZE],
			  const struct treehead *h,
			  const struct pubkey *witness, uint64_t time_s,
			  const struct sig *sig);

/* treehead_key: the verifier key of a node: NOTEKEY_ED25519 for its tree,
 * NOTEKEY_COSIGNER as a witness.  Cannot fail. */
void treehead_key(struct notekey *out, const struct id *network,
		  const struct pubkey *feed, uint8_t type);

#endif
