#include "proto/book/catalog.h"

#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/* Where item is, or would be. */
static size_t slot_of(const struct catalog *c, const char *item)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(c->at[mid].item, item) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void take_text(char *out, const struct record *rec, enum fact f)
{
	out[0] = '\0';
	if (!record_has(rec, f))
		return;
	memcpy(out, rec->v[f].p, rec->v[f].n);
	out[rec->v[f].n] = '\0';
}

static int take_bom(struct catalog_row *row, const struct record *rec)
{
	const struct value *v = &rec->v[FACT_BOM];

	if (!record_has(rec, FACT_BOM))
		return 0;
	row->bom = malloc(v->n);
	if (row->bom == NULL)
		return ERR_NOMEM;
	memcpy(row->bom, v->p, v->n);
	row->bom_n = v->n;
	return 0;
}

static bool governs(const struct catalog_row *a, const struct catalog_row *b)
{
	int c = pubkey_cmp(&a->author, &b->author);

	if (a->depth != b->depth)
		return a->depth < b->depth;
	if (c != 0)
		return c < 0;
	if (a->time_ms != b->time_ms)
		return a->time_ms > b->time_ms;
	c = pubkey_cmp(&a->feed, &b->feed);
	return c != 0 ? c > 0 : a->seq > b->seq;
}

int catalog_add(struct catalog *c, unsigned depth,
		const struct book_record *rec)
{
	struct catalog_row row = { .depth = depth,
				   .author = rec->author,
				   .time_ms = rec->time_ms,
				   .feed = rec->feed,
				   .seq = rec->seq };
	size_t at;
	int err;

	take_text(row.item, &rec->rec, FACT_ITEM);
	take_text(row.unit, &rec->rec, FACT_UNIT);
	take_text(row.name, &rec->rec, FACT_NAME);
	row.grams = record_uint(&rec->rec, FACT_GRAMS);
	row.class = record_uint(&rec->rec, FACT_CLASS);
	at = slot_of(c, row.item);
	if (at < c->n && strcmp(c->at[at].item, row.item) == 0) {
		if (!governs(&row, &c->at[at]))
			return 0;
		err = take_bom(&row, &rec->rec);
		if (err != 0)
			return err;
		free(c->at[at].bom);
		c->at[at] = row;
		return 0;
	}
	err = grow(&c->at, &c->max, c->n, sizeof(*c->at));
	if (err == 0)
		err = take_bom(&row, &rec->rec);
	if (err != 0)
		return err;
	memmove(c->at + at + 1, c->at + at, (c->n - at) * sizeof(*c->at));
	c->at[at] = row;
	c->n++;
	return 0;
}

const struct catalog_row *catalog_find(const struct catalog *c,
				       const char *item)
{
	size_t at = slot_of(c, item), n = strcspn(item, "/");
	char product[LIMIT_ITEM_PART + 1];

	if (at < c->n && strcmp(c->at[at].item, item) == 0)
		return &c->at[at];
	if (item[n] != '/' || n > LIMIT_ITEM_PART)
		return NULL;
	memcpy(product, item, n);
	product[n] = '\0';
	return catalog_find(c, product);
}

const char *catalog_unit(const struct catalog *c, const char *item)
{
	const struct catalog_row *row = catalog_find(c, item);

	return row == NULL || row->unit[0] == '\0' ? "piece" : row->unit;
}

void catalog_release(struct catalog *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->at[i].bom);
	free(c->at);
	*c = (struct catalog){ NULL, 0, 0 };
}
