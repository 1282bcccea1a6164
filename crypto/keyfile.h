#ifndef CRYPTO_KEYFILE_H
#define CRYPTO_KEYFILE_H

#include <stddef.h>
#include <stdint.h>

/*
 * keyfile -- 32-byte secrets in files, one line of text each.
 *
 *   maillon-key/1 KIND HEX\n                         in the clear
 *   maillon-key/1 KIND sealed OPS MEM SALT BOX\n     under a passphrase
 *
 * KIND is a short word ("node", "identity", "transport", "member") that must
 * match on reading, so files cannot be swapped by accident.  A sealed file is
 * XChaCha20-Poly1305 under Argon2id(passphrase, SALT) with KIND as additional
 * data; SALT (16 bytes) and BOX (nonce 24, ciphertext 32, tag 16) are hex.
 * OPS (passes) and MEM (KiB) are decimal and capped on reading so that a
 * hostile file cannot ask for unbounded work.  Files are created 0600 with
 * O_EXCL, and file and folder are synced before keyfile_create returns.
 */

enum {
	KEYFILE_SECRET = 32,
	KEYFILE_MAX = 512,           /* bytes of a key file */
	KEYFILE_KIND_MAX = 16,       /* lower-case letters of a kind */
	KEYFILE_OPS = 3,             /* passes of a file made here */
	KEYFILE_MEM = 65536,         /* KiB: a small computer has them */
	KEYFILE_OPS_MAX = 16,        /* passes accepted on reading */
	KEYFILE_MEM_MIN = 8,         /* KiB; Argon2's own minimum */
	KEYFILE_MEM_MAX = 256 * 1024 /* KiB accepted on reading */
};

/* What seals a key file; the costs lie within the limits above. */
struct keyfile_seal {
	const char *passphrase; /* borrowed */
	uint32_t ops;           /* passes */
	uint32_t mem_kib;
};

/* keyfile_encode: the line for secret, with a NUL; its length in *n.  seal
 * NULL for the clear form.  The caller wipes out.  ERR_NOMEM. */
int keyfile_encode(char out[static KEYFILE_MAX], size_t *n, const char *kind,
		   const uint8_t secret[static KEYFILE_SECRET],
		   const struct keyfile_seal *seal);

/* keyfile_decode: the secret of a line; the caller wipes it.  ERR_FORMAT,
 * ERR_LIMIT (costs above the caps), ERR_STATE (sealed, and passphrase is
 * NULL), ERR_SIGNATURE, ERR_NOMEM: as for keyfile_load. */
int keyfile_decode(uint8_t secret[static KEYFILE_SECRET], const char *text,
		   size_t n, const char *kind, const char *passphrase);

/* keyfile_create: write secret; passphrase NULL for a clear file.
 * ERR_EXISTS when the file is there, ERR_NOT_FOUND (no such folder),
 * ERR_DENIED, ERR_FULL, ERR_IO, ERR_NOMEM.  After a failure no file is left
 * that was not there before. */
int keyfile_create(const char *path, const char *kind,
		   const uint8_t secret[static KEYFILE_SECRET],
		   const char *passphrase);

/* keyfile_load: read it back; the caller wipes secret.  ERR_NOT_FOUND,
 * ERR_DENIED (unreadable, or readable by others than its owner), ERR_FORMAT
 * (not a key file, or of another kind), ERR_LIMIT (costs above the caps),
 * ERR_STATE (sealed, and passphrase is NULL), ERR_SIGNATURE (wrong passphrase
 * or altered: deliberately one code), ERR_IO, ERR_NOMEM. */
int keyfile_load(uint8_t secret[static KEYFILE_SECRET], const char *path,
		 const char *kind, const char *passphrase);

/* file_sync_dir: fsync the folder that holds path, so that a file just made
 * or renamed there survives power loss.  ERR_IO, and what opening the folder
 * gives. */
int file_sync_dir(const char *path);

#endif
