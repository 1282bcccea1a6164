#ifndef CRYPTO_NOTE_H
#define CRYPTO_NOTE_H

#include "crypto/sign.h"
#include "crypto/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * note -- signed notes, as c2sp.org/signed-note v1.0.0 has them, and the
 * cosignatures of c2sp.org/tlog-cosignature v1.0.1 on them.
 *
 *   TEXT              lines, the last one ended too
 *                     an empty line
 *   -- NAME BASE64    one or more; the dash is U+2014
 *
 * BASE64 holds a 4-byte key id and the signature.  Lines by keys that nobody
 * asks about are skipped, whatever their kind or length, so a note may carry
 * signatures of the future.  To make a whole note, write the text, an empty
 * line and the lines that note_sign and note_cosign give, one after another.
 *
 * A key must not sign notes under two names: what is signed does not say the
 * name.  Pure but for the key; nothing allocates.
 */

enum {
	NOTE_MAX = 65536,     /* bytes of a note */
	NOTE_TEXT_MAX = 8192, /* bytes of its text; a checkpoint's is < 400 */
	NOTE_SIGS_MAX = 64,   /* signature lines; the standard wants 16 */
	NOTE_NAME_MAX = 255,  /* bytes of a name that we use */
	/* A line: dash and space, name, space, 104 of base64, newline, NUL. */
	NOTE_LINE_SIZE = 4 + NOTE_NAME_MAX + 1 + 104 + 2
};

/* One signature line; everything is borrowed. */
struct note_sig {
	struct text name;
	struct text blob; /* base64 of key id and signature */
	uint32_t key_id;
};

/* A note taken apart; everything is borrowed. */
struct note {
	struct text text; /* with its last newline: what is signed */
	size_t n;
	struct note_sig sig[NOTE_SIGS_MAX];
};

/* Kinds of keys, the first byte in a verifier key's base64. */
enum { NOTEKEY_ED25519 = 1, NOTEKEY_COSIGNER = 4 };

/* Whom to believe about a note: a verifier key ("vkey"). */
struct notekey {
	char name[NOTE_NAME_MAX + 1];
	uint8_t type; /* NOTEKEY_... */
	struct pubkey pub;
};

/* NOTEKEY_SIZE: a verifier key as text, NAME+ID+BASE64, with its NUL. */
enum { NOTEKEY_SIZE = NOTE_NAME_MAX + 1 + 8 + 1 + 44 + 1 };

/* note_is_name: may this name a key of ours?  1 to NOTE_NAME_MAX visible
 * ASCII characters other than '+'.  The standard allows more; a name that
 * looks like another is worth refusing. */
bool note_is_name(struct text name);

/* note_decode: take the n bytes at p apart; *out borrows them.  ERR_FORMAT,
 * or ERR_LIMIT above the maxima.  Verifies nothing. */
int note_decode(struct note *out, const char *p, size_t n);

/* note_sign: key's signature line under name for a text, with a newline and a
 * NUL.  ERR_FORMAT if a note cannot hold the text (not UTF-8, control
 * characters, no newline at its end), if it could pass for a cosignature, or
 * if name is no name; ERR_LIMIT above NOTE_TEXT_MAX. */
int note_sign(char line[static NOTE_LINE_SIZE], const struct seckey *key,
	      const char *name, const char *text, size_t n);

/* note_cosign: a cosignature/v1 line, which says that key saw this checkpoint,
 * and none inconsistent with it, by time_s (seconds since 1970).  Errors of
 * note_sign; ERR_LIMIT for a time above INT64_MAX. */
int note_cosign(char line[static NOTE_LINE_SIZE], const struct seckey *key,
		const char *name, uint64_t time_s, const char *text, size_t n);

/* note_check: 0 when key signed the note.  ERR_NOT_FOUND when no line is its;
 * ERR_SIGNATURE when any line that claims to be does not verify. */
int note_check(const struct note *note, const struct notekey *key);

/* note_check_cosign: the same for cosignatures; the earliest time in *time_s.
 * Takes keys of both types, because some witnesses publish theirs with the
 * wrong one. */
int note_check_cosign(const struct note *note, uint64_t *time_s,
		      const struct notekey *key);

/* notekey_id: the id of pub under name, as a key of that type.  Cannot fail. */
uint32_t notekey_id(const char *name, uint8_t type, const struct pubkey *pub);

/* notekey_encode: the verifier key as text and a NUL.  Cannot fail; the name
 * is one (note_is_name). */
void notekey_encode(char out[static NOTEKEY_SIZE], const struct notekey *key);

/* notekey_decode: ERR_FORMAT (of another type, too), or ERR_SIGNATURE when the
 * id in the text is not the key's. */
int notekey_decode(struct notekey *out, const char *text, size_t n);

#endif
