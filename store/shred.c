#include "crypto/box.h"
#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"
#include "store/private.h"
#include "store/state.h"
#include "store/upgrade.h"

#include <stdlib.h>
#include <string.h>

enum {
	PORTION = 256 * 1024, /* bytes of rows in one batch, and one row */
	TRIES = 4             /* how often it begins again for a larger map */
};

/* Rows on their way from one key to another. */
struct portion {
	uint8_t key[TABLE_KEY_MAX + 1]; /* where the next one begins */
	size_t key_n;
	bool is_done;
	bool has_plain; /* rows may be of an earlier layout */
	struct row {
		size_t at, key_n, value_n;
	} * row; /* owned */
	size_t rows, rows_max;
	uint8_t *b; /* owned: keys and values */
	size_t n, max;
};

static int take(struct portion *p, struct span key, struct span value)
{
	int err = grow(&p->row, &p->rows_max, p->rows, sizeof(*p->row));

	if (err == 0)
		err = grow_to(&p->b, &p->max, p->n + key.n + value.n, 1);
	if (err != 0)
		return err;
	p->row[p->rows++] = (struct row){ p->n, key.n, value.n };
	memcpy(p->b + p->n, key.p, key.n);
	memcpy(p->b + p->n + key.n, value.p, value.n);
	p->n += key.n + value.n;
	return 0;
}

static int read_some(struct portion *p, struct store *s)
{
	struct db_walk walk;
	int err = db_walk_open(s->db, &walk, DB_PRIVATE);

	p->rows = p->n = 0;
	if (err == 0)
		err = db_walk_seek(&walk, p->key, p->key_n);
	while (err == 0 && p->n < PORTION) {
		err = take(p, walk.key, walk.value);
		if (err == 0)
			err = db_walk_next(&walk);
	}
	if (err == 0) {
		p->key_n = walk.key.n;
		memcpy(p->key, walk.key.p, walk.key.n);
	}
	db_walk_close(&walk);
	p->is_done = err == ERR_NOT_FOUND;
	return p->is_done ? 0 : err;
}

/* What no key opens stays as it is: nobody can read it. */
static int seal_again(struct store *s, struct span key, struct span row)
{
	uint8_t *plain = malloc(row.n);
	struct span value = { plain, row.n - BOX_EXTRA };
	int err = plain == NULL ? ERR_NOMEM : 0;

	if (err == 0)
		err = vault_open(&s->vault, plain, key, row);
	if (err == 0)
		err = store_put(s, TABLE_PRIVATE, key.p, key.n, value.p,
				value.n);
	if (plain != NULL)
		bytes_wipe(plain, row.n);
	free(plain);
	return err;
}

static int turn_row(struct portion *p, struct store *s, struct span key,
		    struct span row)
{
	int err = row.n < BOX_EXTRA ? ERR_FORMAT : seal_again(s, key, row);

	if (err == ERR_FORMAT && p->has_plain)
		return store_put(s, TABLE_PRIVATE, key.p, key.n, row.p, row.n);
	return err == ERR_FORMAT ? 0 : err;
}

static int turn_some(struct portion *p, struct store *s)
{
	int err = read_some(p, s);

	for (size_t i = 0; i < p->rows && err == 0; i++) {
		const struct row *r = &p->row[i];
		const uint8_t *key = p->b + r->at;

		err = turn_row(p, s, (struct span){ key, r->key_n },
			       (struct span){ key + r->key_n, r->value_n });
	}
	return store_spoil(s, err);
}

/* Every row is sealed under the newest key, in as many batches as it takes. */
static int turn_all(struct portion *p, struct store *s)
{
	int err = 0, tries = 0;

	while (err == 0 && !p->is_done) {
		struct portion before = *p;

		err = store_begin(s);
		if (err == 0)
			err = turn_some(p, s);
		if (err == 0)
			err = store_commit(s);
		store_abort(s);
		if (err != ERR_BUSY || ++tries == TRIES)
			continue;
		memcpy(p->key, before.key, sizeof(p->key));
		p->key_n = before.key_n;
		p->is_done = false;
		err = 0;
	}
	free(p->row);
	free(p->b);
	return err;
}

int store_shred(struct store *s)
{
	struct portion p = { .is_done = false };
	int err = turn_all(&p, s);

	return err == 0 ? vault_drop(&s->vault) : err;
}

int upgrade_private(struct store *s)
{
	struct portion p = { .has_plain = true };

	return turn_all(&p, s);
}

int store_shred_begin(struct store *s)
{
	bool is_turning;
	int err = s->in_batch ? ERR_STATE
			      : vault_is_turning(&s->vault, &is_turning);

	/* What the newer key has sealed since is not to be kept by it. */
	if (err == 0 && is_turning)
		err = store_shred(s);
	return err == 0 ? vault_turn(&s->vault) : err;
}

int store_shred_rest(struct store *s)
{
	bool is_turning;
	int err = vault_is_turning(&s->vault, &is_turning);

	return err == 0 && is_turning ? store_shred(s) : err;
}
