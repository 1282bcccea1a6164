#include "store/deltas.h"

#include "crypto/bytes.h"
#include "crypto/err.h"

#include <stdlib.h>
#include <string.h>

void deltas_init(struct deltas *d)
{
	*d = (struct deltas){ 0 };
	bytes_random(&d->salt, sizeof(d->salt));
}

void deltas_clear(struct deltas *d)
{
	free(d->at);
	free(d->slots);
	*d = (struct deltas){ .salt = d->salt };
}

/* FNV-1a from a secret start: keys are short, and items are chosen by
 * whoever records. */
static uint64_t mix(const struct deltas *d, struct span key)
{
	uint64_t h = d->salt;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ key.p[i]) * 0x100000001b3ULL;
	return h ^ h >> 29;
}

/* The slot where key stands, or the empty one where it would. */
static size_t slot_of(const struct deltas *d, struct span key)
{
	size_t i = (size_t)mix(d, key) & (d->slots_n - 1);

	while (d->slots[i] != 0) {
		const struct delta *at = &d->at[d->slots[i] - 1];

		if (at->key_n == key.n && memcmp(at->key, key.p, key.n) == 0)
			break;
		i = (i + 1) & (d->slots_n - 1);
	}
	return i;
}

static int grow(struct deltas *d)
{
	size_t max = d->max == 0 ? 32 : d->max * 2;
	struct delta *at;
	uint32_t *slots;

	if (d->n < d->max)
		return 0;
	at = realloc(d->at, max * sizeof(*at));
	if (at == NULL)
		return ERR_NOMEM;
	d->at = at;
	slots = calloc(max * 2, sizeof(*slots));
	if (slots == NULL)
		return ERR_NOMEM;
	free(d->slots);
	d->slots = slots;
	d->slots_n = max * 2;
	d->max = max;
	for (size_t i = 0; i < d->n; i++) {
		struct span key = { at[i].key, at[i].key_n };

		d->slots[slot_of(d, key)] = (uint32_t)i + 1;
	}
	return 0;
}

/* The row of a key, made if missing. */
static int row_of(struct deltas *d, struct delta **out, struct span key)
{
	struct delta *row;
	size_t slot;
	int err;

	if (key.n > BOOK_KEY_SIZE)
		return ERR_FORMAT;
	err = grow(d);
	if (err != 0)
		return err;
	slot = slot_of(d, key);
	if (d->slots[slot] == 0) {
		row = &d->at[d->n];
		row->key_n = (uint8_t)key.n;
		memcpy(row->key, key.p, key.n);
		memset(row->col, 0, sizeof(row->col));
		d->slots[slot] = (uint32_t)++d->n;
	}
	*out = &d->at[d->slots[slot] - 1];
	return 0;
}

int deltas_add(struct deltas *d, struct span key,
	       const int64_t col[static COL_COUNT], bool is_minus)
{
	struct delta *row;
	int err = row_of(d, &row, key);

	if (err == 0)
		columns_add(row->col, col, is_minus);
	return err;
}

struct delta *deltas_find(const struct deltas *d, struct span key)
{
	size_t slot;

	if (d->n == 0)
		return NULL;
	slot = slot_of(d, key);
	return d->slots[slot] == 0 ? NULL : &d->at[d->slots[slot] - 1];
}

static int by_key(const void *a, const void *b)
{
	const struct delta *x = a, *y = b;
	size_t n = x->key_n < y->key_n ? x->key_n : y->key_n;
	int c = memcmp(x->key, y->key, n);

	return c != 0 ? c : (int)x->key_n - (int)y->key_n;
}

void deltas_sort(struct deltas *d)
{
	if (d->n > 0)
		qsort(d->at, d->n, sizeof(*d->at), by_key);
}

void books_init(struct books *b)
{
	deltas_init(&b->stock);
	deltas_init(&b->purses);
}

void books_clear(struct books *b)
{
	deltas_clear(&b->stock);
	deltas_clear(&b->purses);
}

int books_post(struct books *b, const struct posting *p, bool is_minus)
{
	uint8_t key[BOOK_KEY_SIZE];
	struct span k = { key, 0 };

	if (p->item_n > (p->currency != NULL ? LIMIT_LABEL : LIMIT_ITEM))
		return ERR_FORMAT;
	if (p->currency != NULL) {
		k.n = purse_key(key, p);
		return deltas_add(&b->purses, k, p->delta, is_minus);
	}
	k.n = book_key(key, &p->holder, p->item, p->item_n);
	return deltas_add(&b->stock, k, p->delta, is_minus);
}
