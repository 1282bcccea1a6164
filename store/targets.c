#include "store/targets.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/row.h"

#include <stdlib.h>

enum {
	WORTH_IT = 256,      /* entries in a batch, from which on it pays */
	BITS_MIN = 1 << 20,  /* 128 KiB */
	BITS_PER_ROW = 16,   /* when it is made ... */
	BITS_PER_ROW_MIN = 8 /* ... and when it is made anew */
};

void targets_forget(struct targets *t)
{
	free(t->bits);
	*t = (struct targets){ .bits = NULL };
}

void targets_start(struct targets *t)
{
	t->asked = 0;
}

static void set_bit(struct targets *t, uint64_t bit)
{
	bit &= t->mask;
	t->bits[bit / 64] |= 1ULL << bit % 64;
}

static bool has_bit(const struct targets *t, uint64_t bit)
{
	bit &= t->mask;
	return (t->bits[bit / 64] >> bit % 64 & 1) != 0;
}

/* Ids are hashes: any of their bytes are good numbers; each way of referring
 * has places of its own. */
static uint64_t number(const uint8_t *p, unsigned ref)
{
	return be64_get(p) + ref * 0x9e3779b97f4a7c15;
}

void targets_add(struct targets *t, const uint8_t *half, unsigned ref)
{
	if (t->bits == NULL)
		return;
	set_bit(t, number(half, ref));
	set_bit(t, number(half + 8, ref));
	t->rows++;
}

bool targets_have(const struct targets *t, const struct id *id, unsigned ref)
{
	return t->bits == NULL || (has_bit(t, number(id->b, ref)) &&
				   has_bit(t, number(id->b + 8, ref)));
}

static int take_row(void *arg, struct span key, struct span value)
{
	(void)value;
	if (key.n <= HALF_SIZE)
		return ERR_FORMAT;
	targets_add(arg, key.p, key.p[HALF_SIZE]);
	return 0;
}

static int make(struct targets *t, struct db *db)
{
	struct targets made = { .mask = BITS_MIN - 1, .asked = t->asked };
	uint64_t rows;
	int err = db_rows(db, DB_REF, &rows);

	if (err != 0)
		return err;
	while (made.mask / BITS_PER_ROW < rows)
		made.mask = made.mask * 2 + 1;
	made.bits = calloc((size_t)(made.mask / 64 + 1), sizeof(*made.bits));
	if (made.bits == NULL)
		return ERR_NOMEM;
	err = db_each(db, DB_REF, (struct span){ NULL, 0 }, take_row, &made);
	if (err != 0) {
		free(made.bits);
		return err;
	}
	free(t->bits);
	*t = made;
	return 0;
}

int targets_grow(struct targets *t, struct db *db)
{
	t->asked++;
	if (t->bits == NULL ? t->asked < WORTH_IT
			    : t->rows * BITS_PER_ROW_MIN <= t->mask)
		return 0;
	return make(t, db);
}
