#ifndef STORE_VAULT_H
#define STORE_VAULT_H

#include "crypto/hash.h"
#include "store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * vault -- the key under which the private table is sealed.
 *
 * LMDB never overwrites: what a row held goes on standing in pages that are
 * free, in gaps of others and in copies of both, for as long as nothing
 * happens to need the room.  So the rows are sealed (crypto/box.h) under a key
 * that stands beside LMDB's file and not in it, `private.key`, and what is to
 * be gone for good is gone with that key: all that stays is sealed again under
 * a new one, and the old one overwritten where it stands.
 *
 *   two slots of NUMBER (8 bytes, big-endian) | KEY (32); number 0: empty
 *
 * There are two keys from vault_turn to vault_drop, so that a machine that
 * stops in between loses nothing, and the higher number seals.  One process
 * writes; others may read meanwhile, and read the file again when a row does
 * not open.
 */

enum { VAULT_PATH = 4096, VAULT_SLOTS = 2 };

struct vault {
	char path[VAULT_PATH];
	uint64_t number[VAULT_SLOTS];
	struct secret key[VAULT_SLOTS];
	bool is_loaded;
};

/* vault_init: for the ledger in folder dir; reads nothing.  ERR_LIMIT.
 * vault_close: wipe; a zeroed one is fine. */
int vault_init(struct vault *v, const char *dir);
void vault_close(struct vault *v);

/* vault_seal: value.n + BOX_EXTRA bytes to out; makes the key if there is none
 * yet.  ERR_FORMAT: that is no file of ours; ERR_DENIED, ERR_FULL, ERR_IO. */
int vault_seal(struct vault *v, uint8_t *out, struct span key,
	       struct span value);

/* vault_open: sealed.n - BOX_EXTRA bytes to out, which the caller wipes.
 * ERR_FORMAT: sealed by no key that is here. */
int vault_open(struct vault *v, uint8_t *out, struct span key,
	       struct span sealed);

/* vault_turn: another key, which seals from now on; on the disk when it
 * returns.  Nothing when there are two, or none.  vault_is_turning: are there
 * two?  vault_drop: overwrite the older one.  Errors as of vault_seal. */
int vault_turn(struct vault *v);
int vault_is_turning(struct vault *v, bool *out);
int vault_drop(struct vault *v);

#endif
