#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * hash -- BLAKE2b (RFC 7693) and SHA-256 (FIPS 180-4).
 *
 * Ids of entries and networks are unkeyed BLAKE2b-256 of their exact bytes,
 * so that `b2sum -l 256` gives the same.  Handles of outsiders and idempotency
 * tags are keyed BLAKE2b cut to 16 bytes.  SHA-256 is for files people hold
 * and for C2SP trees.
 */

enum { ID_SIZE = 32, TAG_SIZE = 16 };

/* A BLAKE2b-256 digest that names an entry, a network or a report. */
struct id {
	uint8_t b[ID_SIZE];
};

/* A keyed 16-byte digest: an outsider's handle or an idempotency tag. */
struct tag {
	uint8_t b[TAG_SIZE];
};

/* A SHA-256 digest of a document or a tree node. */
struct sha {
	uint8_t b[32];
};

/* A 32-byte secret that keys handles and tags (the member secret). */
struct secret {
	uint8_t b[32];
};

/* A message: n bytes at p, borrowed. */
struct message {
	const void *p;
	size_t n;
};

/* A hash in progress; the state is libsodium's, held inside. */
struct hasher {
	_Alignas(64) uint8_t state[384];
};

/* hash_id: BLAKE2b-256 of n bytes at p.  Cannot fail. */
struct id hash_id(const void *p, size_t n);

/* hash_ids: hash_id of each of n messages, out[i] being at[i]'s.  Several at a
 * time where the processor has registers of 256 or 512 bits: two and a half or
 * six times as many a second, if they are of about the same length.  Cannot
 * fail. */
void hash_ids(struct id *out, const struct message *at, size_t n);

/* hasher_init / _add / _id: the same over pieces.  Cannot fail. */
void hasher_init(struct hasher *h);
void hasher_add(struct hasher *h, const void *p, size_t n);
struct id hasher_id(struct hasher *h);

/* hash_tag: BLAKE2b-128 keyed by secret over domain || 00 || p.  domain is a
 * short constant string.  Cannot fail. */
struct tag hash_tag(const struct secret *secret, const char *domain,
		    const void *p, size_t n);

/* hash_mac: BLAKE2b-256 keyed by secret over domain || 00 || p; proves that
 * its maker holds the secret.  Cannot fail. */
struct id hash_mac(const struct secret *secret, const char *domain,
		   const void *p, size_t n);

/* hash_sha: SHA-256 of n bytes.  Cannot fail. */
struct sha hash_sha(const void *p, size_t n);

/* hash_sha_file: SHA-256 of the whole file at path, read in pieces.
 * ERR_NOT_FOUND, ERR_DENIED, ERR_IO. */
int hash_sha_file(struct sha *out, const char *path);

/* id_cmp: order of bytes; <0, 0, >0.  id_eq: the same id.  id_is_zero. */
int id_cmp(const struct id *a, const struct id *b);
bool id_eq(const struct id *a, const struct id *b);
bool id_is_zero(const struct id *a);

/* sha_eq: the same digest. */
bool sha_eq(const struct sha *a, const struct sha *b);

#endif
