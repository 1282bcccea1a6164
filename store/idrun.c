#include "store/idrun.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/byid.h"

#include <stdlib.h>
#include <string.h>

static int decode(struct idrun *out, const struct db_walk *walk)
{
	if (walk->key.n != BYID_KEY_SIZE || walk->value.n % HALF_ROW_SIZE != 0)
		return ERR_FORMAT;
	out->turn = be64_get(walk->key.p);
	out->serial = be32_get(walk->key.p + 8);
	out->p = walk->value.p;
	out->n = walk->value.n / HALF_ROW_SIZE;
	return 0;
}

int idrun_newest(struct db *db, struct idrun *out)
{
	struct db_walk walk;
	int err = db_walk_open(db, &walk, DB_IDRUN);

	*out = (struct idrun){ .turn = 0 };
	if (err == 0)
		err = db_walk_last(&walk);
	if (err == 0)
		err = decode(out, &walk);
	db_walk_close(&walk);
	return err == ERR_NOT_FOUND ? 0 : err;
}

int idrun_each(struct db *db, idrun_visit *visit, void *arg)
{
	struct db_walk walk;
	struct idrun run;
	int stop = 0, err = db_walk_open(db, &walk, DB_IDRUN);

	if (err == 0)
		err = db_walk_seek(&walk, NULL, 0);
	while (err == 0 && stop == 0) {
		err = decode(&run, &walk);
		if (err == 0)
			stop = visit(arg, &run);
		if (err == 0 && stop == 0)
			err = db_walk_next(&walk);
	}
	db_walk_close(&walk);
	return err != 0 && err != ERR_NOT_FOUND ? err : stop;
}

bool idrun_is_taken(const struct idrun *run, uint64_t turn, uint8_t first)
{
	return ((uint64_t)(first >> 4) - run->turn) % BYID_SLICES <
	       turn - run->turn;
}

size_t idrun_waiting(const struct idrun *run, uint64_t turn)
{
	uint64_t taken = turn - run->turn;

	return taken >= BYID_SLICES
		       ? 0
		       : run->n - run->n * (size_t)taken / BYID_SLICES;
}

size_t idrun_bound(const struct idrun *run, const uint8_t *p, size_t n)
{
	size_t from = 0, to = run->n;

	while (n > 0 && from < to) {
		size_t mid = from + (to - from) / 2;

		if (memcmp(run->p + mid * HALF_ROW_SIZE, p, n) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

int idrun_put(struct db *db, const struct halves *rows, uint64_t turn,
	      uint32_t serial)
{
	uint8_t key[BYID_KEY_SIZE];
	size_t n = rows->n * HALF_ROW_SIZE;
	uint8_t *value = malloc(n);
	int err;

	if (value == NULL)
		return ERR_NOMEM;
	be64_put(key, turn);
	be32_put(key + 8, serial);
	for (size_t i = 0; i < rows->n; i++)
		half_row_encode(value + i * HALF_ROW_SIZE, &rows->row[i]);
	err = db_append(db, DB_IDRUN, (struct span){ key, sizeof(key) },
			(struct span){ value, n });
	free(value);
	return err == ERR_EXISTS ? ERR_FORMAT : err;
}

/* The key of the oldest run, if that is taken.  ERR_NOT_FOUND. */
static int oldest_taken(struct db *db, uint8_t key[static BYID_KEY_SIZE],
			uint64_t turn)
{
	struct db_walk walk;
	struct idrun run;
	int err = db_walk_open(db, &walk, DB_IDRUN);

	if (err == 0)
		err = db_walk_seek(&walk, NULL, 0);
	if (err == 0)
		err = decode(&run, &walk);
	if (err == 0 && turn - run.turn < BYID_SLICES)
		err = ERR_NOT_FOUND;
	if (err == 0)
		memcpy(key, walk.key.p, BYID_KEY_SIZE);
	db_walk_close(&walk);
	return err;
}

int idrun_drop(struct db *db, uint64_t turn)
{
	uint8_t key[BYID_KEY_SIZE];
	int err = 0;

	while (err == 0) {
		err = oldest_taken(db, key, turn);
		if (err == 0)
			err = db_del(db, DB_IDRUN, key, sizeof(key));
	}
	return err == ERR_NOT_FOUND ? 0 : err;
}
