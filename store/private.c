#include "store/private.h"

#include "crypto/box.h"
#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/state.h"

#include <stdlib.h>
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

static int put_sealed(struct store *s, struct span key, struct span value)
{
	size_t n = value.n + BOX_EXTRA;
	uint8_t *sealed = malloc(n);
	int err = sealed == NULL ? ERR_NOMEM
				 : vault_seal(&s->vault, sealed, key, value);

	if (err == 0)
		err = db_put(s->db, DB_PRIVATE, key,
			     (struct span){ sealed, n });
	free(sealed);
	return err;
}

int store_put(struct store *s, enum store_table table, const void *key,
	      size_t key_n, const void *value, size_t value_n)
{
	const struct span k = { key, key_n }, v = { value, value_n };
	bool is_mine;
	int err;

	if (!key_fits(key_n) || value_n > TABLE_VALUE_MAX)
		return ERR_LIMIT;
	err = start(s, &is_mine);
	if (err != 0)
		return err;
	err = table == TABLE_PRIVATE ? put_sealed(s, k, v)
				     : db_put(s->db, table_of(table), k, v);
	return finish(s, is_mine, err);
}

/* A row as it was put: *plain is to be freed by drop_plain, and NULL where the
 * row is what it is. */
static int plain_row(struct store *s, enum db_table table, struct span key,
		     struct span *value, uint8_t **plain)
{
	int err;

	*plain = NULL;
	if (table != DB_PRIVATE)
		return 0;
	if (value->n < BOX_EXTRA)
		return ERR_FORMAT;
	*plain = malloc(value->n);
	if (*plain == NULL)
		return ERR_NOMEM;
	err = vault_open(&s->vault, *plain, key, *value);
	if (err != 0) {
		free(*plain);
		*plain = NULL;
		return err;
	}
	*value = (struct span){ *plain, value->n - BOX_EXTRA };
	return 0;
}

static void drop_plain(uint8_t *plain, struct span value)
{
	if (plain != NULL)
		bytes_wipe(plain, value.n);
	free(plain);
}

int store_get(struct store *s, enum store_table table, const void *key,
	      size_t key_n, void *out, size_t max, size_t *n)
{
	uint8_t *plain = NULL;
	struct span value;
	int err;

	if (!key_fits(key_n))
		return ERR_NOT_FOUND;
	err = db_pin(s->db);
	if (err != 0)
		return err;
	err = db_get(s->db, table_of(table), key, key_n, &value);
	if (err == 0)
		err = plain_row(s, table_of(table), (struct span){ key, key_n },
				&value, &plain);
	if (err == 0) {
		*n = value.n;
		if (value.n > max)
			err = ERR_LIMIT;
		else if (value.n > 0)
			memcpy(out, value.p, value.n);
		drop_plain(plain, value);
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

int private_check(struct store *s, struct span key, struct span row)
{
	uint8_t *plain;
	int err = plain_row(s, DB_PRIVATE, key, &row, &plain);

	if (err == 0)
		drop_plain(plain, row);
	return err;
}

struct rows {
	struct store *s;
	enum db_table table;
	row_visit *visit;
	void *arg;
};

static int show_row(void *arg, struct span key, struct span value)
{
	struct rows *r = arg;
	uint8_t *plain;
	int err = plain_row(r->s, r->table, key, &value, &plain);

	if (err != 0)
		return err == ERR_FORMAT ? 0 : err;
	err = r->visit(r->arg, key.p, key.n, value.p, value.n);
	drop_plain(plain, value);
	return err;
}

int store_each(struct store *s, enum store_table table, const void *prefix,
	       size_t prefix_n, row_visit *visit, void *arg)
{
	struct rows r = { s, table_of(table), visit, arg };
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_each(s->db, r.table, (struct span){ prefix, prefix_n },
		      show_row, &r);
	db_unpin(s->db);
	return err;
}
