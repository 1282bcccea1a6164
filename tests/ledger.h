#ifndef TESTS_LEDGER_H
#define TESTS_LEDGER_H

#include "crypto/err.h"
#include "proto/entry.h"
#include "store/book.h"
#include "store/log.h"
#include "store/state.h"
#include "store/store.h"
#include "tests/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * ledger -- a store in a folder of its own, fed from a world.
 */

enum { LEDGER_PATH = 256 };

struct ledger {
	char root[LEDGER_PATH]; /* a fresh folder */
	char dir[LEDGER_PATH];  /* the store's, inside it */
	struct store *s;        /* NULL: closed */
};

/* A name for the store; nothing is made but the folder around it. */
static inline void ledger_init(struct ledger *l)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(l->root, sizeof(l->root), "%s/maillon-XXXXXX",
			 tmp != NULL ? tmp : "/tmp");

	assert(n > 0 && n < LEDGER_PATH - 8);
	if (mkdtemp(l->root) == NULL)
		abort();
	memcpy(l->dir, l->root, LEDGER_PATH);
	memcpy(l->dir + n, "/ledger", 8);
	l->s = NULL;
}

/* The index by id has runs (store/byid.h) with the few entries of a test,
 * too. */
static inline int ledger_open(struct ledger *l, enum store_mode mode)
{
	int err = store_open(&l->s, l->dir, mode);

	if (err == 0) {
		l->s->byid.small = 2;
		l->s->byid.max = 16;
	}
	return err;
}

static inline void ledger_close(struct ledger *l)
{
	store_close(l->s);
	l->s = NULL;
}

static inline void ledger_remove(const char *dir, const char *name)
{
	char path[2 * LEDGER_PATH];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

/* Close, and remove all files. */
static inline void ledger_release(struct ledger *l)
{
	ledger_close(l);
	ledger_remove(l->dir, "data.mdb");
	ledger_remove(l->dir, "lock.mdb");
	ledger_remove(l->dir, "private.key");
	ledger_remove(l->root, "lock");
	rmdir(l->dir);
	rmdir(l->root);
}

/* A new store of the world's network. */
static inline void ledger_found(struct ledger *l, const struct world *w)
{
	int err;

	ledger_init(l);
	err = ledger_open(l, STORE_CREATE);
	assert(err == 0);
	err = store_begin(l->s);
	assert(err == 0);
	err = store_init(l->s, &w->network);
	assert(err == 0);
	err = store_commit(l->s);
	assert(err == 0);
	(void)err;
}

/* Append entry seq of person i, in the open batch. */
static inline int ledger_append(struct ledger *l, const struct world *w,
				size_t i, uint64_t seq)
{
	const struct bytes *b = &w->who[i].entries[seq - 1];
	struct entry e;
	struct id id;
	int err = entry_decode(&e, b->p, b->n);

	assert(err == 0);
	(void)err;
	id = entry_id(&e);
	return store_append(l->s, &e, &id);
}

/* Append what of person i's feed is not held yet, in the open batch. */
static inline int ledger_append_all(struct ledger *l, const struct world *w,
				    size_t i)
{
	struct head head = { .seq = 0 };
	int err = store_head(l->s, &w->who[i].feed, &head);

	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	err = 0;
	for (uint64_t q = head.seq + 1; q <= w->who[i].seq && err == 0; q++)
		err = ledger_append(l, w, i, q);
	return err;
}

/* The whole world, one feed after the other, in one batch. */
static inline int ledger_fill(struct ledger *l, const struct world *w)
{
	int err = store_begin(l->s);

	for (size_t i = 0; i < w->n && err == 0; i++)
		err = ledger_append_all(l, w, i);
	if (err == 0)
		return store_commit(l->s);
	store_abort(l->s);
	return err;
}

static inline int ledger_hash_row(void *arg, const struct holder *h,
				  const char *item, size_t item_n,
				  const int64_t col[static COL_COUNT])
{
	struct hasher *x = arg;

	hasher_add(x, h, sizeof(*h));
	hasher_add(x, item, item_n);
	hasher_add(x, col, COL_COUNT * sizeof(*col));
	return 0;
}

static inline int ledger_hash_total(void *arg, const char *item, size_t item_n,
				    const int64_t col[static COL_COUNT])
{
	struct holder none = { .member = { { 0 } } };

	return ledger_hash_row(arg, &none, item, item_n, col);
}

/* A digest of all balances and totals. */
static inline struct id ledger_books(struct ledger *l)
{
	struct hasher x;
	int err;

	hasher_init(&x);
	err = store_balances(l->s, ledger_hash_row, &x);
	assert(err == 0);
	err = store_totals(l->s, ledger_hash_total, &x);
	assert(err == 0);
	(void)err;
	return hasher_id(&x);
}

/* One figure of a member's own stock. */
static inline int64_t ledger_figure(struct ledger *l, const struct world *w,
				    size_t i, const char *item, enum column col)
{
	struct holder h = { .member = w->who[i].identity };
	int64_t row[COL_COUNT];
	int err = store_balance(l->s, &h, item, strlen(item), row);

	assert(err == 0);
	(void)err;
	return row[col];
}

#endif
