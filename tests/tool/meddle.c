#include "proto/evidence/evidence.h"
#include "store/cut.h"
#include "store/db.h"
#include "store/row.h"
#include "store/totals.h"

#include <stdio.h>
#include <string.h>

/*
 * meddle -- a ledger that is not what an honest program makes.
 *
 *   meddle LEDGER [evidence]
 *
 * LEDGER is the folder of a store that nobody has open.  What it keeps as the
 * sum of those who book to an association is changed in one column of its first
 * item: one too large.  Exit code 1 when there is none.  Or it is given
 * evidence that proves nothing, of a feed of nobody's, abababab...: that it
 * ends at entry 7.
 */

static int spoil(struct db *db)
{
	static const uint8_t scope = TOTAL_BOOKED;
	uint8_t key[128], value[COLUMNS_SIZE];
	int64_t col[COL_COUNT];
	struct span at = { key, 0 };
	struct db_walk walk;
	int err = db_walk_open(db, &walk, DB_TOTAL);

	if (err == 0)
		err = db_walk_seek(&walk, &scope, 1);
	if (err == 0 && walk.key.n <= sizeof(key) && walk.key.p[0] == scope) {
		at.n = walk.key.n;
		memcpy(key, walk.key.p, at.n);
		err = columns_decode(col, walk.value);
	}
	db_walk_close(&walk);
	if (err != 0 || at.n == 0)
		return 1;
	col[COL_PRODUCED]++;
	columns_encode(value, col);
	return db_put(db, DB_TOTAL, at, (struct span){ value, sizeof(value) });
}

static int prove(struct db *db)
{
	uint8_t key[EVIDENCE_KEY], proof[EVIDENCE_END_MAX];
	struct position at = { .seq = 7 };
	struct sig none = { { 0 } };
	size_t n;
	int err;

	memset(at.feed.b, 0xab, sizeof(at.feed.b));
	evidence_key(key, &at.feed, EVIDENCE_END);
	err = evidence_make_end(proof, &n, &at, &none);
	if (err != 0)
		return err;
	return db_put(db, DB_EVIDENCE, (struct span){ key, sizeof(key) },
		      (struct span){ proof, n });
}

int main(int argc, char **argv)
{
	const struct db_options options = { .may_write = true };
	struct db *db = NULL;
	bool proves = argc == 3 && strcmp(argv[2], "evidence") == 0;
	int err = argc == 2 || proves ? db_open(&db, argv[1], &options) : 1;

	if (err == 0)
		err = db_begin(db, 0);
	if (err == 0)
		err = proves ? prove(db) : spoil(db);
	if (err == 0)
		err = db_commit(db);
	if (db != NULL)
		db_close(db);
	if (err != 0)
		fprintf(stderr, "meddle LEDGER [evidence]: %d\n", err);
	return err == 0 ? 0 : 1;
}
