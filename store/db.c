#include "store/db.h"

#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "store/mdb_err.h"
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const names[DB_COUNT] = {
	"meta",   "feed",    "name",    "entry", "id",       "idrun", "arrival",
	"roster", "ref",     "key",     "sent",  "item",     "kind",  "book",
	"total",  "purse",   "fund",    "rank",  "evidence", "aside", "recent",
	"local",  "private", "invites", "peers", "pending"
};

/* Processes that were killed while reading keep their slot, and with it old
 * pages, until somebody looks: every so many write transactions. */
enum { PATH_SIZE = 4096, LOOK_EVERY = 64 };

struct db {
	MDB_env *env;
	MDB_dbi dbi[DB_COUNT];
	MDB_txn *write; /* NULL: none */
	MDB_txn *read;  /* kept between uses, reset when not pinned */
	bool is_reading;
	unsigned pins;
	bool may_write;
	unsigned begun; /* write transactions */
	char dir[PATH_SIZE];
};

static int from_mdb(const struct db *db, int rc)
{
	return mdb_err(rc, db->dir);
}

static size_t map_default(void)
{
	return (size_t)1 << (sizeof(size_t) > 4 ? 30 : 29);
}

static int data_path(char out[static PATH_SIZE], const char *dir)
{
	int n = snprintf(out, PATH_SIZE, "%s/data.mdb", dir);

	return n > 0 && n < PATH_SIZE ? 0 : ERR_NOT_FOUND;
}

/* LMDB would print and abort. */
static void on_broken_pages(MDB_env *env, const char *text)
{
	(void)env;
	(void)text;
	raise(SIGBUS);
}

/* Open, or open again, with a map of `size` bytes; 0: as the file says. */
static int env_open(struct db *db, size_t size)
{
	unsigned flags = MDB_NOTLS | (db->may_write ? 0 : MDB_RDONLY);
	int rc = mdb_env_create(&db->env);

	if (rc == 0)
		rc = mdb_env_set_assert(db->env, on_broken_pages);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(db->env, DB_COUNT);
	if (rc == 0 && size > 0)
		rc = mdb_env_set_mapsize(db->env, size);
	if (rc == 0)
		rc = mdb_env_open(db->env, db->dir, flags, 0600);
	return rc;
}

static int tables_open(struct db *db, bool may_create)
{
	unsigned flags = may_create ? MDB_CREATE : 0;
	MDB_txn *txn = NULL;
	MDB_stat st;
	int rc;

	memset(db->dbi, 0, sizeof(db->dbi));
	rc = mdb_txn_begin(db->env, NULL, may_create ? 0 : MDB_RDONLY, &txn);
	for (int i = 0; i < DB_COUNT && rc == 0; i++)
		rc = mdb_dbi_open(txn, names[i], flags, &db->dbi[i]);
	if (rc == MDB_NOTFOUND && db->dbi[DB_META] != 0)
		rc = MDB_VERSION_MISMATCH;
	/* Others are there, so this is no ledger that was never made. */
	if (rc == MDB_NOTFOUND && mdb_env_stat(db->env, &st) == 0 &&
	    st.ms_entries > 0)
		rc = MDB_CORRUPTED;
	if (rc == 0) {
		rc = mdb_txn_commit(txn);
		txn = NULL;
	}
	mdb_txn_abort(txn);
	return rc;
}

static int dir_create(const char *dir)
{
	if (mkdir(dir, 0700) != 0) {
		int err = err_from_errno(errno);

		return err == ERR_EXISTS ? 0 : err;
	}
	return file_sync_dir(dir);
}

int db_open(struct db **out, const char *dir, const struct db_options *options)
{
	struct db *db;
	char path[PATH_SIZE];
	struct stat st;
	size_t size = 0;
	int dead, rc = 0;
	int err = data_path(path, dir);

	if (err == 0 && options->may_create)
		err = dir_create(dir);
	if (err != 0)
		return err;
	if (stat(path, &st) != 0) {
		if (!options->may_create || errno != ENOENT)
			return err_from_errno(errno);
		size = options->map_first;
		if (size == 0)
			size = map_default();
	}
	db = calloc(1, sizeof(*db));
	if (db == NULL)
		return ERR_NOMEM;
	memcpy(db->dir, dir, strlen(dir) + 1);
	db->may_write = options->may_write;
	rc = env_open(db, size);
	if (rc == 0)
		rc = mdb_reader_check(db->env, &dead);
	if (rc == 0)
		rc = tables_open(db, options->may_create);
	if (rc == MDB_VERSION_MISMATCH && options->may_add)
		rc = tables_open(db, true);
	if (rc == 0 && options->may_create)
		err = file_sync_dir(path);
	if (rc == 0 && err == 0) {
		*out = db;
		return 0;
	}
	if (rc != 0)
		err = from_mdb(db, rc);
	db_close(db);
	return err;
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	mdb_txn_abort(db->write);
	mdb_txn_abort(db->read);
	if (db->env != NULL)
		mdb_env_close(db->env);
	free(db);
}

/* The transaction in which reads and writes happen now, or NULL. */
static MDB_txn *current(const struct db *db)
{
	if (db->write != NULL)
		return db->write;
	return db->is_reading ? db->read : NULL;
}

static void drop_read(struct db *db)
{
	mdb_txn_abort(db->read);
	db->read = NULL;
	db->is_reading = false;
}

/* Give the map `size` bytes (0: what another process gave it).  When the
 * address space does not allow it LMDB is left without any map, so the
 * environment is opened anew with the old one. */
static int map_resize(struct db *db, size_t size)
{
	MDB_envinfo info;
	int rc;

	mdb_env_info(db->env, &info);
	drop_read(db);
	rc = mdb_env_set_mapsize(db->env, size);
	if (rc == 0)
		return 0;
	mdb_env_close(db->env);
	rc = env_open(db, info.me_mapsize);
	if (rc == 0)
		rc = tables_open(db, false);
	if (rc != 0) {
		mdb_env_close(db->env);
		db->env = NULL;
	}
	return rc;
}

/* Grow the map until `room` bytes and a quarter of it are unused. */
static int map_grow(struct db *db, size_t room)
{
	MDB_envinfo info;
	MDB_stat st;
	size_t used, size;

	mdb_env_info(db->env, &info);
	mdb_env_stat(db->env, &st);
	used = (info.me_last_pgno + 1) * st.ms_psize;
	size = info.me_mapsize;
	while (size - used < room || size - used < size / 4) {
		if (size > SIZE_MAX / 2)
			return 0;
		size *= 2;
	}
	return size == info.me_mapsize ? 0 : map_resize(db, size);
}

int db_begin(struct db *db, size_t room)
{
	int dead, rc = 0;

	if (db->write != NULL || !db->may_write || db->env == NULL)
		return ERR_STATE;
	if (++db->begun % LOOK_EVERY == 0)
		rc = mdb_reader_check(db->env, &dead);
	if (rc == 0 && db->pins == 0)
		rc = map_grow(db, room);
	if (rc == 0)
		rc = mdb_txn_begin(db->env, NULL, 0, &db->write);
	if (rc == MDB_MAP_RESIZED && db->pins == 0) {
		rc = map_resize(db, 0);
		if (rc == 0)
			rc = mdb_txn_begin(db->env, NULL, 0, &db->write);
	}
	if (rc != 0)
		db->write = NULL;
	return from_mdb(db, rc);
}

int db_commit(struct db *db)
{
	int rc;

	if (db->write == NULL)
		return ERR_STATE;
	rc = mdb_txn_commit(db->write);
	db->write = NULL; /* commit frees it even when it fails */
	return from_mdb(db, rc);
}

void db_abort(struct db *db)
{
	mdb_txn_abort(db->write);
	db->write = NULL;
}

bool db_is_writing(const struct db *db)
{
	return db->write != NULL;
}

uint64_t db_serial(const struct db *db)
{
	MDB_envinfo info;

	if (db->env == NULL)
		return 0;
	if (db->write == NULL && db->is_reading)
		return mdb_txn_id(db->read);
	mdb_env_info(db->env, &info);
	return info.me_last_txnid;
}

static int read_start(struct db *db)
{
	int rc;

	if (db->read != NULL)
		rc = mdb_txn_renew(db->read);
	else
		rc = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &db->read);
	if (rc != 0)
		drop_read(db);
	return rc;
}

int db_pin(struct db *db)
{
	int rc = 0;

	if (db->pins == 0 && db->write == NULL) {
		if (db->env == NULL)
			return ERR_STATE;
		rc = read_start(db);
		if (rc == MDB_MAP_RESIZED) {
			rc = map_resize(db, 0);
			if (rc == 0)
				rc = read_start(db);
		}
		if (rc != 0)
			return from_mdb(db, rc);
		db->is_reading = true;
	}
	db->pins++;
	return 0;
}

void db_unpin(struct db *db)
{
	assert(db->pins > 0);
	if (--db->pins > 0 || !db->is_reading)
		return;
	mdb_txn_reset(db->read);
	db->is_reading = false;
}

bool db_is_pinned(const struct db *db)
{
	return db->pins > 0;
}

static MDB_val to_val(const void *p, size_t n)
{
	union {
		const void *in;
		void *out;
	} drop_const = { .in = p };

	return (MDB_val){ n, drop_const.out };
}

int db_get(struct db *db, enum db_table table, const void *key, size_t key_n,
	   struct span *out)
{
	MDB_val k = to_val(key, key_n), v;
	MDB_txn *txn = current(db);
	int rc;

	if (txn == NULL)
		return ERR_STATE;
	rc = mdb_get(txn, db->dbi[table], &k, &v);
	if (rc != 0)
		return from_mdb(db, rc);
	*out = (struct span){ v.mv_data, v.mv_size };
	return 0;
}

static int put(struct db *db, enum db_table table, struct span key,
	       struct span value, unsigned flags)
{
	MDB_val k = to_val(key.p, key.n), v = to_val(value.p, value.n);

	if (db->write == NULL)
		return ERR_STATE;
	return from_mdb(db, mdb_put(db->write, db->dbi[table], &k, &v, flags));
}

int db_put(struct db *db, enum db_table table, struct span key,
	   struct span value)
{
	return put(db, table, key, value, 0);
}

int db_put_new(struct db *db, enum db_table table, struct span key,
	       struct span value)
{
	return put(db, table, key, value, MDB_NOOVERWRITE);
}

int db_append(struct db *db, enum db_table table, struct span key,
	      struct span value)
{
	return put(db, table, key, value, MDB_APPEND);
}

int db_del(struct db *db, enum db_table table, const void *key, size_t key_n)
{
	MDB_val k = to_val(key, key_n);

	if (db->write == NULL)
		return ERR_STATE;
	return from_mdb(db, mdb_del(db->write, db->dbi[table], &k, NULL));
}

int db_clear(struct db *db, enum db_table table)
{
	if (db->write == NULL)
		return ERR_STATE;
	return from_mdb(db, mdb_drop(db->write, db->dbi[table], 0));
}

int db_rows(struct db *db, enum db_table table, uint64_t *out)
{
	MDB_txn *txn = current(db);
	MDB_stat st;
	int rc;

	if (txn == NULL)
		return ERR_STATE;
	rc = mdb_stat(txn, db->dbi[table], &st);
	if (rc == 0)
		*out = st.ms_entries;
	return from_mdb(db, rc);
}

int db_space(const struct db *db, uint64_t *out)
{
	return disk_space(out, db->dir);
}

int db_walk_open(struct db *db, struct db_walk *walk, enum db_table table)
{
	MDB_txn *txn = current(db);
	MDB_cursor *cursor;
	int rc;

	*walk = (struct db_walk){ .db = db };
	if (txn == NULL)
		return ERR_STATE;
	rc = mdb_cursor_open(txn, db->dbi[table], &cursor);
	if (rc == 0)
		walk->cursor = cursor;
	return from_mdb(db, rc);
}

static int move(struct db_walk *walk, MDB_val k, MDB_cursor_op op)
{
	MDB_val v;
	int rc = mdb_cursor_get(walk->cursor, &k, &v, op);

	if (rc != 0)
		return from_mdb(walk->db, rc);
	walk->key = (struct span){ k.mv_data, k.mv_size };
	walk->value = (struct span){ v.mv_data, v.mv_size };
	return 0;
}

int db_walk_seek(struct db_walk *walk, const void *key, size_t key_n)
{
	/* LMDB refuses an empty key; the first row is what it means. */
	if (key_n == 0)
		return move(walk, to_val(NULL, 0), MDB_FIRST);
	return move(walk, to_val(key, key_n), MDB_SET_RANGE);
}

int db_walk_next(struct db_walk *walk)
{
	return move(walk, to_val(NULL, 0), MDB_NEXT);
}

int db_walk_last(struct db_walk *walk)
{
	return move(walk, to_val(NULL, 0), MDB_LAST);
}

int db_walk_put_new(struct db_walk *walk, struct span key, struct span value)
{
	MDB_val k = to_val(key.p, key.n), v = to_val(value.p, value.n);

	if (walk->db->write == NULL)
		return ERR_STATE;
	return from_mdb(walk->db,
			mdb_cursor_put(walk->cursor, &k, &v, MDB_NOOVERWRITE));
}

void db_walk_close(struct db_walk *walk)
{
	if (walk->cursor != NULL)
		mdb_cursor_close(walk->cursor);
	walk->cursor = NULL;
}
