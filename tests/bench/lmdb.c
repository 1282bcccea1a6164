#include "tests/bench/lmdb.h"

#include "crypto/bytes.h"
#include "tests/bench/bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lmdb.h>

struct lmdb {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi table;
};

static void must(int rc)
{
	if (rc != 0)
		bench_stop("LMDB: %s", mdb_strerror(rc));
}

struct lmdb *lmdb_open(const char *dir)
{
	struct lmdb *l = calloc(1, sizeof(*l));

	if (l == NULL)
		bench_stop("no memory");
	gen_remove(dir);
	if (mkdir(dir, 0700) != 0)
		bench_stop("cannot make %s", dir);
	must(mdb_env_create(&l->env));
	must(mdb_env_set_mapsize(l->env, (size_t)1 << 30));
	must(mdb_env_set_maxdbs(l->env, 1));
	must(mdb_env_open(l->env, dir, 0, 0600));
	must(mdb_txn_begin(l->env, NULL, 0, &l->txn));
	must(mdb_dbi_open(l->txn, "entry", MDB_CREATE, &l->table));
	must(mdb_txn_commit(l->txn));
	return l;
}

void lmdb_close(struct lmdb *l)
{
	mdb_env_close(l->env);
	free(l);
}

void lmdb_begin(struct lmdb *l)
{
	must(mdb_txn_begin(l->env, NULL, 0, &l->txn));
}

void lmdb_put(struct lmdb *l, uint32_t no, uint64_t seq, const void *p,
	      size_t n)
{
	uint8_t key[4 + 8];
	MDB_val k = { sizeof(key), key }, v = { n, NULL };

	be32_put(key, no);
	be64_put(key + 4, seq);
	must(mdb_put(l->txn, l->table, &k, &v, MDB_RESERVE));
	memcpy(v.mv_data, p, n);
}

void lmdb_commit(struct lmdb *l)
{
	must(mdb_txn_commit(l->txn));
}

/* Pages on the free list: each row is a count and that many numbers. */
static size_t free_pages(MDB_txn *txn)
{
	size_t sum = 0, n;
	MDB_val key, value;
	MDB_cursor *c;

	must(mdb_cursor_open(txn, 0, &c));
	while (mdb_cursor_get(c, &key, &value, MDB_NEXT) == 0) {
		memcpy(&n, value.mv_data, sizeof(n));
		sum += n;
	}
	mdb_cursor_close(c);
	return sum;
}

size_t lmdb_used(const char *dir)
{
	MDB_envinfo info;
	MDB_stat stat;
	MDB_env *env;
	MDB_txn *txn;
	size_t pages;

	must(mdb_env_create(&env));
	must(mdb_env_open(env, dir, MDB_RDONLY, 0600));
	must(mdb_env_info(env, &info));
	must(mdb_env_stat(env, &stat));
	must(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn));
	pages = info.me_last_pgno + 1 - free_pages(txn);
	mdb_txn_abort(txn);
	mdb_env_close(env);
	return pages * stat.ms_psize;
}
