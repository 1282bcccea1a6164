#ifndef NODE_SAFE_BACKUP_H
#define NODE_SAFE_BACKUP_H

#include "node/home.h"
#include "node/net/contact.h"
#include "proto/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * backup -- what a member keeps in one sealed file to go on after a machine is
 * lost: its keys, where its network is, and what only it knows.  Never the
 * node key: a home that is restored writes a feed of its own.
 *
 *   maillon-backup/1\n  and the seal (crypto/seal.h) of msgpack:
 *   [1, network, identity, transport, member, sealed 0|1, label, name, place,
 *    charter | nil, founder 0|1, [feed, seq, id] | nil,
 *    [[transport key, [address...]]...], [[table, key, value]...]]
 */

enum { BACKUP_MAX = 256 << 20 }; /* bytes of a file */

struct backup {
	struct id network;
	uint8_t identity[SEED_SIZE]; /* the secrets: wiped by backup_release */
	uint8_t transport[KEY_SIZE];
	uint8_t member[KEY_SIZE];
	bool is_sealed; /* the identity has a passphrase in the home */
	struct profile profile;
	uint8_t charter[LIMIT_CHARTER];
	size_t charter_n; /* 0 when it is not known */
	bool is_founder;
	bool has_after;
	struct position after; /* the newest own entry */
	struct contacts contacts;
	uint8_t *rows; /* owned: as they stand in the file */
	size_t rows_n;
	uint8_t *plain; /* owned: what rows lies in, when read */
	size_t plain_n;
};

struct store;

/* backup_fill: what the store has to say: network, charter, own tip, contacts
 * and private rows.  The errors of the store; ERR_STATE: no network. */
int backup_fill(struct backup *b, struct store *s, const struct pubkey *me);

/* backup_write: make the file at path.  ERR_EXISTS; ERR_LIMIT; the errors of
 * file_write and seal_make. */
int backup_write(const struct backup *b, const char *path,
		 const char *passphrase);

/* backup_read: the other way.  ERR_FORMAT: not such a file; ERR_SIGNATURE: the
 * passphrase, or a byte, is wrong; the errors of reading. */
int backup_read(struct backup *b, const char *path, const char *passphrase);

/* backup_keep: put contacts and rows into a store.  The errors of the store. */
int backup_keep(const struct backup *b, struct store *s);

/* backup_release: wipe and free; the struct was zeroed or filled before. */
void backup_release(struct backup *b);

#endif
