#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/*
 * private -- small tables of this home that are never replicated.
 *
 * Rows are bytes under bytes; what they mean is node's.  Inside a batch a
 * write belongs to it; outside, each write is a batch of its own.
 *
 * The values of TABLE_PRIVATE are sealed (vault.h), so that what was replaced
 * or dropped can be made unreadable wherever LMDB has left it.
 */

enum store_table {
	TABLE_META,    /* settings and marks of this home */
	TABLE_PRIVATE, /* salts and values behind commitments */
	TABLE_INVITES, /* invitations given out */
	TABLE_PEERS,   /* addresses, cursors */
	TABLE_PENDING  /* waiting makers and their entries */
};

enum {
	TABLE_KEY_MAX = 64, /* bytes, at least 1 */
	/* A pending joiner's LIMIT_PENDING entries of LIMIT_ENTRY, and some
	 * room for what stands around them. */
	TABLE_VALUE_MAX = 16 * 32768 + 4096
};

typedef int row_visit(void *arg, const uint8_t *key, size_t key_n,
		      const uint8_t *value, size_t value_n);

/* store_put: add or replace a row.  ERR_LIMIT: key or value too long, or an
 * empty key. */
int store_put(struct store *s, enum store_table table, const void *key,
	      size_t key_n, const void *value, size_t value_n);

/* store_get: copy a value of at most max bytes out.  ERR_NOT_FOUND;
 * ERR_LIMIT when it is longer (*n is then its length); ERR_FORMAT: a private
 * one that no key opens. */
int store_get(struct store *s, enum store_table table, const void *key,
	      size_t key_n, void *out, size_t max, size_t *n);

/* store_del: drop a row.  ERR_NOT_FOUND. */
int store_del(struct store *s, enum store_table table, const void *key,
	      size_t key_n);

/* store_shred_begin, store_shred: between the two, outside of a batch, rows of
 * TABLE_PRIVATE are replaced or dropped; once store_shred returns 0, what they
 * held before cannot be read out of the ledger's files any more.  If it never
 * returns, the next store_open for writing ends it.  Their time grows with the
 * table.  ERR_FORMAT: the file with the keys is not in its form. */
int store_shred_begin(struct store *s);
int store_shred(struct store *s);

/* store_each: the rows whose key begins with prefix (prefix_n may be 0), in
 * order of keys.  Valid during the call; other than 0 ends it.  A private row
 * that no key opens is left out: store_fsck tells of it. */
int store_each(struct store *s, enum store_table table, const void *prefix,
	       size_t prefix_n, row_visit *visit, void *arg);

#endif
