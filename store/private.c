#include "store/private.h"

#include "crypto/err.h"
#include "store/state.h"

#include <string.h>

static enum db_table table_of(enum store_table table)
{
	switch (table) {
	case TABLE_META:
		return DB_LOCAL;
	case TABLE_PRIVATE:
		return DB_PRIVATE;
	case TABLE_INVITES:
		return DB_INVITES;
	case TABLE_PEERS:
		return DB_PEERS;
	case TABLE_PENDING:
		return DB_PENDING;
	}
	return DB_LOCAL;
}

static bool key_fits(size_t key_n)
{
	return key_n >= 1 && key_n <= TABLE_KEY_MAX;
}

/* A write outside a batch is a batch of its own. */
static int start(struct store *s, bool *is_mine)
{
	*is_mine = !s->in_batch;
	return *is_mine ? store_begin(s) : store_may_write(s);
}

static int finish(struct store *s, bool is_mine, int err)
{
	if (!is_mine)
		return store_spoil(s, err);
	if (err == 0)
		return store_commit(s);
	store_abort(s);
	return err;
}

int store_put(struct store *s, enum store_table table, const void *key,
	      size_t key_n, const void *value, size_t value_n)
{
	bool is_mine;
	int err;

	if (!key_fits(key_n) || value_n > TABLE_VALUE_MAX)
		return ERR_LIMIT;
	err = start(s, &is_mine);
	if (err != 0)
		return err;
	err = db_put(s->db, table_of(table), (struct span){ key, key_n },
		     (struct span){ value, value_n });
	return finish(s, is_mine, err);
}

int store_get(struct store *s, enum store_table table, const void *key,
	      size_t key_n, void *out, size_t max, size_t *n)
{
	struct span value;
	int err;

	if (!key_fits(key_n))
		return ERR_NOT_FOUND;
	err = db_pin(s->db);
	if (err != 0)
		return err;
	err = db_get(s->db, table_of(table), key, key_n, &value);
	if (err == 0) {
		*n = value.n;
		if (value.n > max)
			err = ERR_LIMIT;
		else if (value.n > 0)
			memcpy(out, value.p, value.n);
	}
	db_unpin(s->db);
	return err;
}

int store_del(struct store *s, enum store_table table, const void *key,
	      size_t key_n)
{
	bool is_mine;
	int err;

	if (!key_fits(key_n))
		return ERR_NOT_FOUND;
	err = start(s, &is_mine);
	if (err != 0)
		return err;
	err = db_del(s->db, table_of(table), key, key_n);
	return finish(s, is_mine, err);
}

struct rows {
	row_visit *visit;
	void *arg;
};

static int show_row(void *arg, struct span key, struct span value)
{
	struct rows *r = arg;

	return r->visit(r->arg, key.p, key.n, value.p, value.n);
}

int store_each(struct store *s, enum store_table table, const void *prefix,
	       size_t prefix_n, row_visit *visit, void *arg)
{
	struct rows r = { visit, arg };
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_each(s->db, table_of(table), (struct span){ prefix, prefix_n },
		      show_row, &r);
	db_unpin(s->db);
	return err;
}
