#include "store/halves.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

struct half_row half_row_of(const uint8_t half[static HALF_SIZE],
			    struct place at)
{
	return (struct half_row){ be64_get(half), be64_get(half + 8), at };
}

void half_row_encode(uint8_t out[static HALF_ROW_SIZE],
		     const struct half_row *row)
{
	be64_put(out, row->hi);
	be64_put(out + 8, row->lo);
	place_encode(out + HALF_SIZE, row->at);
}

struct half_row half_row_decode(const uint8_t p[static HALF_ROW_SIZE])
{
	return half_row_of(p, (struct place){ be32_get(p + HALF_SIZE),
					      be64_get(p + HALF_SIZE + 4) });
}

int half_row_cmp(const void *a, const void *b)
{
	const struct half_row *x = a, *y = b;

	if (x->hi != y->hi)
		return x->hi < y->hi ? -1 : 1;
	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return 0;
}

int halves_add(struct halves *h, const struct half_row *row)
{
	int err = grow(&h->row, &h->max, h->n, sizeof(*h->row));

	if (err == 0)
		h->row[h->n++] = *row;
	return err;
}

void halves_free(struct halves *h)
{
	free(h->row);
	*h = (struct halves){ .row = NULL };
}

/* By the 8 bits of hi from shift on, those with the same in their order. */
static void deal(struct half_row *to, const struct half_row *from, size_t n,
		 unsigned shift)
{
	size_t at[257] = { 0 };

	for (size_t i = 0; i < n; i++)
		at[(from[i].hi >> shift & 255) + 1]++;
	for (size_t i = 0; i < 256; i++)
		at[i + 1] += at[i];
	for (size_t i = 0; i < n; i++)
		to[at[from[i].hi >> shift & 255]++] = from[i];
}

/* Halves are as good as random: once they stand by the beginning, few have
 * theirs in common, unless somebody has made them so. */
void halves_sort(struct halves *h)
{
	enum { BITS = 24 };
	struct half_row *other;
	size_t n = h->n;

	if (n < 2)
		return;
	other = malloc(n * sizeof(*other));
	if (other == NULL) {
		qsort(h->row, n, sizeof(*h->row), half_row_cmp);
		return;
	}
	deal(other, h->row, n, 64 - BITS);
	deal(h->row, other, n, 64 - BITS + 8);
	deal(other, h->row, n, 64 - BITS + 16);
	memcpy(h->row, other, n * sizeof(*other));
	free(other);
	for (size_t i = 0, end; i < n; i = end) {
		end = i + 1;
		while (end < n && h->row[i].hi >> (64 - BITS) ==
					  h->row[end].hi >> (64 - BITS))
			end++;
		if (end > i + 1)
			qsort(h->row + i, end - i, sizeof(*h->row),
			      half_row_cmp);
	}
}

int halves_put(const struct halves *h, struct db *db)
{
	struct db_walk walk;
	int err = db_walk_open(db, &walk, DB_ID);

	for (size_t i = 0; i < h->n && err == 0; i++) {
		uint8_t p[HALF_ROW_SIZE];

		half_row_encode(p, &h->row[i]);
		err = db_walk_put_new(
			&walk, (struct span){ p, HALF_SIZE },
			(struct span){ p + HALF_SIZE, PLACE_SIZE });
		/* Two ids that share a half: the first one keeps the row, and
		 * only it is found.  Making such a pair takes 2^64 attempts. */
		if (err == ERR_EXISTS)
			err = 0;
	}
	db_walk_close(&walk);
	return err;
}
