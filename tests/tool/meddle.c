#include "crypto/bytes.h"
#include "proto/evidence/evidence.h"
#include "store/cut.h"
#include "store/db.h"
#include "store/row.h"
#include "store/totals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * meddle -- a ledger that is not what an honest program makes.
 *
 *   meddle LEDGER [evidence|layout N]
 *
 * LEDGER is the folder of a store that nobody has open.  What it keeps as the
 * sum of those who book to an association is changed in one column of its first
 * item: one too large.  Exit code 1 when there is none.  Or it is given
 * evidence that proves nothing, of a feed of nobody's, abababab...: that it
 * ends at entry 7.  Or it says that a version of Maillon whose tables are of
 * layout N wrote it.
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

static int date_back(struct db *db, const char *layout)
{
	uint8_t b[4];

	be32_put(b, (uint32_t)strtoul(layout, NULL, 10));
	return db_put(db, DB_META,
		      (struct span){ (const uint8_t *)"layout", 6 },
		      (struct span){ b, sizeof(b) });
}

static int meddle(struct db *db, int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[2], "layout") == 0)
		return date_back(db, argv[3]);
	if (argc == 3 && strcmp(argv[2], "evidence") == 0)
		return prove(db);
	return argc == 2 ? spoil(db) : 1;
}

int main(int argc, char **argv)
{
	const struct db_options options = { .may_write = true };
	struct db *db = NULL;
	int err = argc >= 2 ? db_open(&db, argv[1], &options) : 1;

	if (err == 0)
		err = db_begin(db, 0);
	if (err == 0)
		err = meddle(db, argc, argv);
	if (err == 0)
		err = db_commit(db);
	if (db != NULL)
		db_close(db);
	if (err != 0)
		fprintf(stderr, "meddle LEDGER [evidence|layout N]: %d\n", err);
	return err == 0 ? 0 : 1;
}
