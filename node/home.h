#ifndef NODE_HOME_H
#define NODE_HOME_H

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/limit.h"

#include <stdbool.h>

/*
 * home -- the folder of one node, and what lies where in it.
 *
 *   DIR/keys/identity.key      the member's Ed25519 seed (may be sealed)
 *   DIR/keys/node.key          this machine's Ed25519 seed, never copied
 *   DIR/keys/transport.key     X25519 secret, part of a backup
 *   DIR/keys/member.key        the member secret: keys handles and tags
 *   DIR/ledger                 the store
 *   DIR/lock                   held by the one process that writes
 *   DIR/ctl.sock               the daemon's control socket
 *   DIR/profile                label, name and place chosen at init (ini)
 *
 * A socket's path has at most 107 bytes; in a deeper home it stands in
 * $XDG_RUNTIME_DIR or in /tmp/maillon-UID, named after a hash of the home.
 */

enum { HOME_PATH = 1024 }; /* bytes of a path, with the NUL */

struct home {
	char dir[HOME_PATH]; /* absolute */
	char keys[HOME_PATH];
	char ledger[HOME_PATH];
	char lock[HOME_PATH];
	char profile[HOME_PATH];
	char socket[108];
	const char *passphrase; /* of the identity, when one was given; lent */
};

/* The four key files of a home. */
enum home_key { KEY_IDENTITY, KEY_NODE, KEY_TRANSPORT, KEY_MEMBER };

/* home_init: the paths for dir, or where dir is NULL for $MAILLON_HOME, else
 * $XDG_DATA_HOME/maillon, else ~/.local/share/maillon.  Nothing need exist.
 * ERR_LIMIT: a path too long; ERR_NOT_FOUND: no HOME in the environment;
 * ERR_IO: no current folder to make a relative path absolute with. */
int home_init(struct home *h, const char *dir);

/* home_exists: has `init` or `join` made a member's keys here? */
bool home_exists(const struct home *h);

/* home_create: make the folder, its keys/ and missing parents, mode 0700.
 * What is there already stays.  ERR_DENIED, ERR_IO,
 * ERR_FULL; ERR_EXISTS when something that is not a folder is in the way. */
int home_create(const struct home *h);

/* home_key_path: where a key file stands; ERR_LIMIT.  home_key_kind: the kind
 * inside it (keyfile.h). */
int home_key_path(const struct home *h, char out[static HOME_PATH],
		  enum home_key which);
const char *home_key_kind(enum home_key which);

/* home_new_keys: make and write the key files that are missing of the four;
 * the identity is sealed when passphrase is not NULL.  Errors of
 * keyfile_create. */
int home_new_keys(const struct home *h, const char *passphrase);

/* home_seckey: load identity or node key; the caller closes it.  passphrase
 * NULL when none is known: ERR_STATE if the file is sealed, and the other
 * errors of keyfile_load. */
int home_seckey(const struct home *h, struct seckey **out, enum home_key which,
		const char *passphrase);

/* home_transport, home_member: the other two; the caller wipes them. */
int home_transport(const struct home *h, struct curvepair *out);
int home_member(const struct home *h, struct secret *out);

/* home_identity: whose home it is, from keys/identity.pub, which home_new_keys
 * writes beside the (maybe sealed) key: the member's first identity, once the
 * ledger tells of more than one.  ERR_NOT_FOUND, ERR_FORMAT, ERR_IO.
 * home_set_identity: write it; errors of file_write. */
int home_set_identity(const struct home *h, const struct pubkey *identity);
int home_identity(const struct home *h, struct pubkey *out);

/* What the member said about itself at init; "" where nothing. */
struct profile {
	char label[LIMIT_LABEL + 1];
	char name[LIMIT_NAME + 1];
	char place[LIMIT_PLACE + 1];
};

/* profile_load, profile_save: DIR/profile.  ERR_NOT_FOUND, ERR_FORMAT (an
 * unknown key, or a value that is not valid or would not come back), ERR_IO;
 * profile_save replaces the file as a whole and syncs it. */
int profile_load(struct profile *out, const struct home *h);
int profile_save(const struct profile *p, const struct home *h);

#endif
