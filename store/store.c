#include "store/store.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/count.h"
#include "store/recent_priv.h"
#include "store/standing.h"
#include "store/state.h"
#include "store/upgrade.h"

#include <stdlib.h>
#include <string.h>

/* How the tables are laid out; a change of it is another number. */
enum { LAYOUT = 8, HALF_MADE = 0 };

/* Memory that a batch may use: 40 bytes a touched root, 280 a balance.  With
 * more deliveries than that, making the book anew costs no more than taking
 * them out and putting them in. */
enum { TOUCHED_MAX = 65536, DELTAS_MAX = 16384, REGRADE_MAX = 262144 };

static const struct span meta_layout = { (const uint8_t *)"layout", 6 };
static const struct span meta_rules = { (const uint8_t *)"rules", 5 };
static const struct span meta_network = { (const uint8_t *)"network", 7 };
static const struct span meta_own = { (const uint8_t *)"own", 3 };

static bool reads_only(const struct store *s)
{
	return s->mode == STORE_READ || s->mode == STORE_GLANCE;
}

/* A fixed number of bytes from the meta table.  ERR_NOT_FOUND. */
static int meta_get(struct store *s, struct span key, void *out, size_t n)
{
	struct span value;
	int err = db_get(s->db, DB_META, key.p, key.n, &value);

	if (err == 0 && value.n != n)
		err = ERR_FORMAT;
	if (err == 0)
		memcpy(out, value.p, n);
	return err;
}

static int meta_put(struct store *s, struct span key, const void *p, size_t n)
{
	return db_put(s->db, DB_META, key, (struct span){ p, n });
}

/* Compare a version number.  ERR_NOT_FOUND when there is none yet. */
static int meta_check(struct store *s, struct span key, uint32_t want)
{
	uint8_t b[4];
	int err = meta_get(s, key, b, sizeof(b));

	if (err == 0 && be32_get(b) != want)
		err = ERR_VERSION;
	return err;
}

static int meta_put_number(struct store *s, struct span key, uint32_t number)
{
	uint8_t b[4];

	be32_put(b, number);
	return meta_put(s, key, b, sizeof(b));
}

static int load_optional(struct store *s, struct span key, void *out,
			 bool *is_there)
{
	int err = meta_get(s, key, out, 32);

	*is_there = err == 0;
	return err == ERR_NOT_FOUND ? 0 : err;
}

/* Whose home this is; while reading or writing. */
static int load_names(struct store *s)
{
	int err = load_optional(s, meta_network, s->network.b, &s->has_network);

	return err == 0 ? load_optional(s, meta_own, s->own.b, &s->has_own)
			: err;
}

/* Fill memory from what is stored; while reading or writing. */
static int load(struct store *s)
{
	int err = load_names(s);

	if (err == 0)
		err = standing_load(s);
	if (err == 0)
		s->serial = db_serial(s->db);
	return err;
}

static int lay_out(struct store *s)
{
	int err = db_begin(s->db, 0);

	if (err == 0)
		err = meta_put_number(s, meta_layout, LAYOUT);
	if (err == 0)
		err = meta_put_number(s, meta_rules, BOOK_RULES);
	return err == 0 ? db_commit(s->db) : err;
}

/* Layout and rules of a store that was opened; *rules_differ may be mended. */
static int check_versions(struct store *s, bool *rules_differ)
{
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = meta_check(s, meta_layout, LAYOUT);
	if (err == 0) {
		err = meta_check(s, meta_rules, BOOK_RULES);
		*rules_differ = err == ERR_VERSION || err == ERR_NOT_FOUND;
		if (*rules_differ)
			err = 0;
	}
	db_unpin(s->db);
	return err;
}

static int load_pinned(struct store *s, int (*what)(struct store *s))
{
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = what(s);
	db_unpin(s->db);
	return err;
}

static int adopt_rules(struct store *s)
{
	int err = store_begin(s);

	if (err != 0)
		return err;
	err = s->roster != NULL ? standing_rebuild(s) : 0;
	if (err == 0)
		err = meta_put_number(s, meta_rules, BOOK_RULES);
	if (err == 0)
		return store_commit(s);
	store_abort(s);
	return err;
}

/* Everything but the entries, made anew.  Until it is done the layout is
 * HALF_MADE, which is no layout anybody reads. */
static int upgrade(struct store *s)
{
	int err = db_begin(s->db, 0);

	if (err == 0)
		err = meta_put_number(s, meta_layout, HALF_MADE);
	if (err == 0)
		err = meta_put_number(s, meta_rules, BOOK_RULES);
	if (err == 0)
		err = upgrade_clear(s->db);
	if (err == 0)
		err = db_commit(s->db);
	s->is_refilled = true;
	if (err == 0)
		err = load_pinned(s, load);
	if (err == 0)
		err = upgrade_refill(s);
	if (err == 0)
		err = upgrade_private(s);
	if (err == 0)
		err = db_begin(s->db, 0);
	if (err == 0)
		err = meta_put_number(s, meta_layout, LAYOUT);
	return err == 0 ? db_commit(s->db) : err;
}

/* The layout, LAYOUT when it cannot be told. */
static uint32_t layout_of(struct store *s)
{
	uint8_t b[4];

	if (db_pin(s->db) != 0)
		return LAYOUT;
	if (meta_get(s, meta_layout, b, sizeof(b)) != 0)
		be32_put(b, LAYOUT);
	db_unpin(s->db);
	return be32_get(b);
}

bool store_is_later(const char *dir)
{
	const struct db_options options = { .may_write = false };
	struct store s = { .mode = STORE_READ };
	bool is_later =
		db_open(&s.db, dir, &options) == 0 && layout_of(&s) > LAYOUT;

	db_close(s.db);
	return is_later;
}

static int start(struct store *s)
{
	bool rules_differ = false;
	int err = check_versions(s, &rules_differ);

	if (err == ERR_VERSION && s->mode == STORE_UPGRADE &&
	    layout_of(s) < LAYOUT)
		return upgrade(s);
	if (err == ERR_NOT_FOUND && s->mode == STORE_CREATE)
		err = lay_out(s);
	if (err == 0 && rules_differ && reads_only(s))
		err = ERR_VERSION;
	if (err == 0)
		err = load_pinned(s,
				  s->mode == STORE_GLANCE ? load_names : load);
	if (err == 0 && rules_differ && !s->is_damaged)
		err = adopt_rules(s);
	if (err == 0 && !reads_only(s) && !s->is_damaged) {
		err = store_shred_rest(s);
		/* The ledger is of use without the private rows. */
		err = err == ERR_FORMAT ? 0 : err;
	}
	return err;
}

int store_open(struct store **out, const char *dir, enum store_mode mode)
{
	const struct db_options options = {
		.may_write = mode != STORE_READ && mode != STORE_GLANCE,
		.may_create = mode == STORE_CREATE,
		.may_add = mode == STORE_UPGRADE,
	};
	struct store *s = calloc(1, sizeof(*s));
	int err;

	if (s == NULL)
		return ERR_NOMEM;
	s->mode = mode;
	s->touched_max = TOUCHED_MAX;
	s->deltas_max = DELTAS_MAX;
	s->regrade_max = REGRADE_MAX;
	ids_init(&s->touched);
	books_init(&s->books);
	byid_init(&s->byid);
	err = vault_init(&s->vault, dir);
	if (err == 0)
		err = db_open(&s->db, dir, &options);
	feeds_init(&s->feeds, s->db);
	if (err == 0)
		err = start(s);
	if (err == 0) {
		*out = s;
		return 0;
	}
	store_close(s);
	return err;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	feeds_forget(&s->feeds);
	targets_forget(&s->targets);
	byid_forget(&s->byid);
	standing_forget(s);
	count_forget(s);
	roster_close(s->roster);
	db_close(s->db);
	vault_close(&s->vault);
	free(s);
}

bool store_is_damaged(const struct store *s)
{
	return s->is_damaged;
}

bool store_network(const struct store *s, struct id *out)
{
	if (s->has_network)
		*out = s->network;
	return s->has_network;
}

bool store_own(const struct store *s, struct pubkey *out)
{
	if (s->has_own)
		*out = s->own;
	return s->has_own;
}

bool store_in_batch(const struct store *s)
{
	return s->in_batch;
}

const struct roster *store_roster(const struct store *s)
{
	return s->roster;
}

int store_may_write(const struct store *s)
{
	return s->in_batch ? s->failed : ERR_STATE;
}

int store_spoil(struct store *s, int err)
{
	switch (err) {
	case 0:
	case ERR_CHAIN:
	case ERR_EXISTS:
	case ERR_CONFLICT:
	case ERR_DENIED:
	case ERR_NOT_FOUND:
		return err;
	}
	if (s->failed == 0)
		s->failed = err;
	return err;
}

int store_init(struct store *s, const struct id *network)
{
	int err = store_may_write(s);

	if (err != 0)
		return err;
	if (s->has_network)
		return id_eq(&s->network, network) ? 0 : ERR_EXISTS;
	err = meta_put(s, meta_network, network->b, ID_SIZE);
	if (err == 0) {
		s->network = *network;
		s->has_network = true;
		s->roster_moved = true;
		err = standing_load(s);
	}
	return store_spoil(s, err);
}

int store_set_own(struct store *s, const struct pubkey *feed)
{
	int err = store_may_write(s);

	if (err == 0)
		err = store_spoil(s, meta_put(s, meta_own, feed->b, KEY_SIZE));
	if (err == 0) {
		s->own = *feed;
		s->has_own = true;
		s->roster_moved = true;
	}
	return err;
}

/* Is there room on the disk, and is memory what the file says? */
static int prepare(struct store *s)
{
	uint64_t space;
	int err = db_space(s->db, &space);

	if (err == 0 && space < STORE_FREE_MIN)
		err = ERR_FULL;
	if (err == 0)
		err = db_begin(s->db, STORE_FREE_MIN);
	if (err == 0 && db_serial(s->db) != s->serial) {
		feeds_forget(&s->feeds);
		targets_forget(&s->targets);
		byid_forget(&s->byid);
		err = load(s);
	}
	if (err == 0)
		err = feeds_start(&s->feeds);
	return err;
}

int store_begin(struct store *s)
{
	int err;

	if (s->in_batch || reads_only(s))
		return ERR_STATE;
	if (s->is_damaged)
		return ERR_FORMAT;
	err = prepare(s);
	if (err == 0 && s->is_damaged)
		err = ERR_FORMAT;
	if (err != 0) {
		db_abort(s->db);
		return err;
	}
	targets_start(&s->targets);
	s->in_batch = true;
	s->failed = 0;
	s->roster_moved = false;
	return 0;
}

int store_settle(struct store *s)
{
	int err = store_may_write(s);

	if (err == 0)
		err = store_spoil(s, standing_settle(s));
	if (err == 0)
		err = store_spoil(s, count_settle(s));
	if (err == 0)
		err = store_spoil(s, count_flush(s));
	return err;
}

int store_commit(struct store *s)
{
	int err = store_settle(s);

	if (err == 0)
		err = recent_settle(s);
	if (err == 0)
		err = byid_flush(&s->byid, s->db);
	if (err == 0)
		err = feeds_flush(&s->feeds);
	if (err == 0)
		err = db_rows(s->db, DB_ROSTER, &s->roster_rows);
	if (err == 0)
		err = db_commit(s->db);
	if (err != 0) {
		store_abort(s);
		return err;
	}
	s->in_batch = false;
	s->serial = db_serial(s->db);
	feeds_end(&s->feeds);
	return 0;
}

void store_abort(struct store *s)
{
	if (!s->in_batch)
		return;
	db_abort(s->db);
	s->in_batch = false;
	byid_forget(&s->byid);
	feeds_forget(&s->feeds);
	standing_forget(s);
	count_forget(s);
	/* What the roster took from this batch it cannot give back. */
	if (s->roster_moved && load_pinned(s, load) != 0) {
		roster_close(s->roster);
		s->roster = NULL;
		s->serial = 0; /* the next begin or refresh tries again */
	}
}

/* Most of what a writer commits leaves the roster as it is. */
static int take_over(struct store *s)
{
	uint64_t serial = db_serial(s->db);
	uint64_t rows, proofs = 0;
	int err = db_rows(s->db, DB_ROSTER, &rows);

	if (err == 0)
		err = db_rows(s->db, DB_EVIDENCE, &proofs);
	/* Once a feed has ended, more than roster entries moves the roster. */
	if (err == 0 && (!s->has_network || !s->has_own || s->roster == NULL ||
			 rows != s->roster_rows || proofs > 0))
		err = load(s);
	if (err == 0)
		s->serial = serial;
	return err;
}

int store_refresh(struct store *s)
{
	int err;

	if (s->in_batch)
		return ERR_STATE;
	if (s->serial == db_serial(s->db))
		return 0;
	err = db_pin(s->db);
	if (err != 0)
		return err;
	err = take_over(s);
	db_unpin(s->db);
	return err;
}
