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
 * data; OPS and MEM (KiB) are decimal and capped on reading so that a hostile
 * file cannot ask for unbounded work.  Files are created 0600 with O_EXCL, and
 * file and folder are synced before keyfile_create returns.
 */

enum { KEYFILE_SECRET = 32, KEYFILE_MAX = 512 /* bytes of a key file */ };

/* keyfile_create: write secret; passphrase NULL for a clear file.
 * ERR_EXISTS when the file is there, ERR_DENIED, ERR_FULL, ERR_IO,
 * ERR_NOMEM.  After a failure no file is left. */
int keyfile_create(const char *path, const char *kind,
                   const uint8_t secret[static KEYFILE_SECRET],
                   const char *passphrase);

/* keyfile_load: read it back; the caller wipes secret.  ERR_NOT_FOUND,
 * ERR_DENIED (unreadable, or readable by others than its owner), ERR_FORMAT
 * (not a key file, or of another kind), ERR_STATE (sealed, and passphrase is
 * NULL), ERR_SIGNATURE (wrong passphrase or altered: deliberately one code),
 * ERR_IO, ERR_NOMEM. */
int keyfile_load(uint8_t secret[static KEYFILE_SECRET], const char *path,
                 const char *kind, const char *passphrase);

/* file_sync_dir: fsync the folder that holds path, so that a file just made
 * or renamed there survives power loss.  ERR_IO. */
int file_sync_dir(const char *path);

#endif
