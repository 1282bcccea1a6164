#include "store/fresh.h"

#include "crypto/err.h"

#include <stdlib.h>
#include <string.h>

/* Ids are hashes, and a row is one of few that wait: whoever grinds ids that
 * collide here only slows its own batch down. */
static size_t slot_of(const struct fresh *f, const uint8_t *half)
{
	uint64_t h;
	size_t i;

	memcpy(&h, half, sizeof(h));
	i = (size_t)h & (f->slots_n - 1);
	while (f->slots[i] != 0 &&
	       memcmp(f->row[f->slots[i] - 1].half, half, HALF_SIZE) != 0)
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

int fresh_add(struct fresh *f, const struct id *id, struct place at)
{
	int err = make_room(f);
	size_t slot;

	if (err != 0)
		return err;
	slot = slot_of(f, id->b);
	if (f->slots[slot] != 0)
		return 0;
	memcpy(f->row[f->n].half, id->b, HALF_SIZE);
	f->row[f->n].at = at;
	f->slots[slot] = (uint32_t)++f->n;
	return 0;
}

bool fresh_find(const struct fresh *f, struct place *out, const struct id *id)
{
	size_t slot;

	if (f->n == 0)
		return false;
	slot = slot_of(f, id->b);
	if (f->slots[slot] == 0)
		return false;
	*out = f->row[f->slots[slot] - 1].at;
	return true;
}

static int by_half(const void *a, const void *b)
{
	const struct fresh_row *x = a, *y = b;

	return memcmp(x->half, y->half, HALF_SIZE);
}

static int put_rows(struct fresh *f, struct db_walk *walk)
{
	int err = 0;

	qsort(f->row, f->n, sizeof(*f->row), by_half);
	for (size_t i = 0; i < f->n && err == 0; i++) {
		uint8_t place[PLACE_SIZE];

		place_encode(place, f->row[i].at);
		err = db_walk_put_new(
			walk, (struct span){ f->row[i].half, HALF_SIZE },
			(struct span){ place, sizeof(place) });
		/* Two ids that share a half: the first one keeps the row, and
		 * only it is found.  Making such a pair takes 2^64 attempts. */
		if (err == ERR_EXISTS)
			err = 0;
	}
	return err;
}

int fresh_flush(struct fresh *f, struct db *db)
{
	struct db_walk walk;
	int err;

	if (f->n == 0)
		return 0;
	err = db_walk_open(db, &walk, DB_ID);
	if (err == 0)
		err = put_rows(f, &walk);
	db_walk_close(&walk);
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
