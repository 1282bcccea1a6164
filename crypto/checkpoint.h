#ifndef CRYPTO_CHECKPOINT_H
#define CRYPTO_CHECKPOINT_H

#include "crypto/hash.h"
#include "crypto/note.h"

#include <stddef.h>
#include <stdint.h>

/*
 * checkpoint -- the state of a log in three lines, as
 * c2sp.org/tlog-checkpoint v1.0.0 has them; the text of a signed note.
 *
 *   ORIGIN        which log; a name (note_is_name)
 *   SIZE          leaves, decimal
 *   ROOT          base64 of the Merkle root
 *
 * Extension lines are refused: a log of ours has none, and what is not in the
 * tree cannot be audited.  Decode then encode gives the same text.
 */
struct checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;   /* leaves, at most MERKLE_SIZE_MAX */
	struct sha root; /* merkle_empty's when size is 0 */
};

/* CHECKPOINT_SIZE: room for the text of any checkpoint, with its NUL. */
enum { CHECKPOINT_SIZE = NOTE_NAME_MAX + 1 + 19 + 1 + 44 + 2 };

/* checkpoint_encode: the three lines and a NUL, their length in *n.
 * ERR_FORMAT when origin is no name or an empty tree has another root;
 * ERR_LIMIT when size is above MERKLE_SIZE_MAX. */
int checkpoint_encode(char out[static CHECKPOINT_SIZE], size_t *n,
		      const struct checkpoint *c);

/* checkpoint_decode: exactly the three lines.  ERR_FORMAT, ERR_LIMIT. */
int checkpoint_decode(struct checkpoint *out, const char *text, size_t n);

#endif
