#include "store/totals.h"

#include "crypto/err.h"
#include "store/ranks.h"
#include "store/sums.h"

#include <string.h>

/* Rows of one prefix, shown while they are pinned. */
static int rows(struct store *s, enum db_table table, struct span prefix,
		db_visit *show, void *arg)
{
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_each(s->db, table, prefix, show, arg);
	db_unpin(s->db);
	return err;
}

struct totals {
	size_t prefix;
	total_visit *visit;
	void *arg;
};

static int show_total(void *arg, struct span key, struct span value)
{
	struct totals *t = arg;
	int64_t col[COL_COUNT];
	int err = columns_decode(col, value);

	if (key.n <= t->prefix || key.n - t->prefix > LIMIT_ITEM)
		err = ERR_FORMAT;
	if (err != 0)
		return err;
	return t->visit(t->arg, (const char *)key.p + t->prefix,
			key.n - t->prefix, col);
}

int store_totals_of(struct store *s, enum total_scope scope,
		    const struct pubkey *party, total_visit *visit, void *arg)
{
	uint8_t key[TOTAL_KEY_SIZE];
	struct span prefix = { key, 0 };
	struct totals t = { 0, visit, arg };

	prefix.n = total_key(key, scope, party, (struct span){ NULL, 0 });
	t.prefix = prefix.n;
	return rows(s, DB_TOTAL, prefix, show_total, &t);
}

int store_totals(struct store *s, total_visit *visit, void *arg)
{
	return store_totals_of(s, TOTAL_ALL, NULL, visit, arg);
}

struct funding {
	fund_visit *visit;
	void *arg;
};

static int show_fund(void *arg, struct span key, struct span value)
{
	const size_t head = 2 * KEY_SIZE + 3;
	struct funding *w = arg;
	int64_t col[COL_COUNT];
	struct fund f;
	int err = columns_decode(col, value);

	if (key.n < head || key.n > FUND_KEY_SIZE)
		err = ERR_FORMAT;
	if (err != 0)
		return err;
	memset(&f, 0, sizeof(f));
	memcpy(f.party.b, key.p + KEY_SIZE, KEY_SIZE);
	memcpy(f.currency, key.p + 2 * KEY_SIZE, 3);
	memcpy(f.label, key.p + head, key.n - head);
	f.donated = col[PURSE_DONATED];
	f.spent = col[PURSE_SPENT];
	return w->visit(w->arg, &f);
}

int store_funds(struct store *s, const struct pubkey *under, fund_visit *visit,
		void *arg)
{
	static const struct pubkey all;
	struct funding w = { visit, arg };
	struct span prefix = { under == NULL ? all.b : under->b, KEY_SIZE };

	return rows(s, DB_FUND, prefix, show_fund, &w);
}

static int find_rank(struct store *s, struct rank_row *out,
		     const struct pubkey *identity)
{
	uint8_t key[RANK_KEY_SIZE];
	struct span value;
	int err =
		db_get(s->db, DB_RANK, key, rank_of_key(key, identity), &value);

	return err == 0 ? rank_decode(out, identity, value) : err;
}

int store_rank(struct store *s, struct rank_row *out,
	       const struct pubkey *identity)
{
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = find_rank(s, out, identity);
	db_unpin(s->db);
	return err;
}

/* The identity that a key ends with. */
static int tail_key(struct pubkey *out, struct span key)
{
	if (key.n < KEY_SIZE)
		return ERR_FORMAT;
	memcpy(out->b, key.p + key.n - KEY_SIZE, KEY_SIZE);
	return 0;
}

struct naming {
	struct pubkey found;
	size_t n;
};

static int note_named(void *arg, struct span key, struct span value)
{
	struct naming *w = arg;

	(void)value;
	w->n++;
	return tail_key(&w->found, key);
}

int store_rank_named(struct store *s, struct rank_row *out, const char *label)
{
	uint8_t key[RANK_KEY_SIZE];
	struct naming w = { .n = 0 };
	int err;

	if (strlen(label) > LIMIT_LABEL)
		return ERR_NOT_FOUND;
	err = rows(s, DB_RANK,
		   (struct span){ key, rank_label_key(key, label, NULL) },
		   note_named, &w);
	if (err == 0 && w.n != 1)
		err = w.n == 0 ? ERR_NOT_FOUND : ERR_EXISTS;
	return err == 0 ? store_rank(s, out, &w.found) : err;
}

struct listing {
	struct store *s;
	rank_visit *visit;
	void *arg;
};

static int show_association(void *arg, struct span key, struct span value)
{
	struct listing *w = arg;
	struct pubkey identity;
	struct rank_row rank;
	int err = tail_key(&identity, key);

	(void)value;
	if (err == 0)
		err = find_rank(w->s, &rank, &identity);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	return w->visit(w->arg, &rank);
}

int store_associations(struct store *s, const struct pubkey *under,
		       rank_visit *visit, void *arg)
{
	static const struct pubkey all;
	struct listing w = { s, visit, arg };
	uint8_t key[RANK_KEY_SIZE];
	size_t n = rank_above_key(key, under == NULL ? &all : under, NULL);

	return rows(s, DB_RANK, (struct span){ key, n }, show_association, &w);
}
