#include "store/fresh.h"

#include "crypto/bytes.h"
#include "crypto/err.h"

#include <stdlib.h>
#include <string.h>

struct half half_of(const uint8_t bytes[static HALF_SIZE])
{
	return (struct half){ be64_get(bytes), be64_get(bytes + 8) };
}

void half_put(uint8_t out[static HALF_SIZE], struct half half)
{
	be64_put(out, half.hi);
	be64_put(out + 8, half.lo);
}

static bool half_eq(struct half a, struct half b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

/* Ids are hashes, whose first digit many rows here may share; and a row is one
 * of few that wait: whoever grinds ids that collide only slows its own batch
 * down. */
static size_t slot_of(const struct fresh *f, struct half half)
{
	size_t i = (size_t)half.lo & (f->slots_n - 1);

	while (f->slots[i] != 0 && !half_eq(f->row[f->slots[i] - 1].half, half))
		i = (i + 1) & (f->slots_n - 1);
	return i;
}

static int make_room(struct fresh *f)
{
	size_t max = f->max == 0 ? 64 : 2 * f->max;
	struct fresh_row *row;
	uint32_t *slots;

	if (f->n < f->max)
		return 0;
	row = realloc(f->row, max * sizeof(*row));
	if (row == NULL)
		return ERR_NOMEM;
	f->row = row;
	slots = calloc(4 * max, sizeof(*slots));
	if (slots == NULL)
		return ERR_NOMEM;
	free(f->slots);
	f->slots = slots;
	f->slots_n = 4 * max;
	f->max = max;
	for (size_t i = 0; i < f->n; i++)
		f->slots[slot_of(f, f->row[i].half)] = (uint32_t)i + 1;
	return 0;
}

int fresh_add(struct fresh *f, struct half half, struct place at)
{
	int err = make_room(f);
	size_t slot;

	if (err != 0)
		return err;
	slot = slot_of(f, half);
	if (f->slots[slot] != 0)
		return 0;
	f->row[f->n] = (struct fresh_row){ half, at };
	f->slots[slot] = (uint32_t)++f->n;
	return 0;
}

bool fresh_find(const struct fresh *f, struct place *out, struct half half)
{
	size_t slot;

	if (f->n == 0)
		return false;
	slot = slot_of(f, half);
	if (f->slots[slot] == 0)
		return false;
	*out = f->row[f->slots[slot] - 1].at;
	return true;
}

int fresh_cmp(const void *a, const void *b)
{
	const struct fresh_row *x = a, *y = b;

	if (x->half.hi != y->half.hi)
		return x->half.hi < y->half.hi ? -1 : 1;
	if (x->half.lo != y->half.lo)
		return x->half.lo < y->half.lo ? -1 : 1;
	return 0;
}

void fresh_sort(struct fresh_row *row, size_t n)
{
	if (n > 0)
		qsort(row, n, sizeof(*row), fresh_cmp);
}

int fresh_put(const struct fresh_row *row, size_t n, struct db *db)
{
	struct db_walk walk;
	int err = db_walk_open(db, &walk, DB_ID);

	for (size_t i = 0; i < n && err == 0; i++) {
		uint8_t half[HALF_SIZE], place[PLACE_SIZE];

		half_put(half, row[i].half);
		place_encode(place, row[i].at);
		err = db_walk_put_new(&walk, (struct span){ half, HALF_SIZE },
				      (struct span){ place, PLACE_SIZE });
		/* Two ids that share a half: the first one keeps the row, and
		 * only it is found.  Making such a pair takes 2^64 attempts. */
		if (err == ERR_EXISTS)
			err = 0;
	}
	db_walk_close(&walk);
	return err;
}

int fresh_flush(struct fresh *f, struct db *db)
{
	int err;

	if (f->n == 0)
		return 0;
	fresh_sort(f->row, f->n);
	err = fresh_put(f->row, f->n, db);
	f->n = 0;
	memset(f->slots, 0, f->slots_n * sizeof(*f->slots));
	return err;
}

void fresh_forget(struct fresh *f)
{
	free(f->row);
	free(f->slots);
	*f = (struct fresh){ .row = NULL };
}
