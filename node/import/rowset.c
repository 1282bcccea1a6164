#include "node/import/rowset.h"

#include "crypto/err.h"
#include "proto/kind.h"

#include <stdlib.h>
#include <string.h>

struct rowset_block {
	struct rowset_block *next;
	size_t used;
	uint8_t p[ROWSET_BLOCK];
};

static uint8_t *keep(struct rowset *s, const void *p, size_t n)
{
	struct rowset_block *b = s->block;
	uint8_t *at;

	if (n > ROWSET_BLOCK)
		return NULL;
	if (b == NULL || n > ROWSET_BLOCK - b->used) {
		b = malloc(sizeof(*b));
		if (b == NULL)
			return NULL;
		b->next = s->block;
		b->used = 0;
		s->block = b;
		s->bytes += sizeof(*b);
	}
	at = b->p + b->used;
	memcpy(at, p, n);
	b->used += n;
	return at;
}

static int make_room(struct rowset *s)
{
	size_t max = s->max > 0 ? s->max + s->max / 2 : 256;
	struct row *more;

	if (s->n < s->max)
		return 0;
	if (s->n >= ROWSET_MAX)
		return ERR_LIMIT;
	if (max > ROWSET_MAX)
		max = ROWSET_MAX;
	more = realloc(s->row, max * sizeof(*more));
	if (more == NULL)
		return ERR_NOMEM;
	s->bytes += (max - s->max) * sizeof(*more);
	s->row = more;
	s->max = max;
	return 0;
}

int rowset_add(struct rowset *s, const struct row *row)
{
	int err = make_room(s);
	struct row kept = *row;

	if (err != 0)
		return err;
	kept.facts = keep(s, row->facts, row->facts_n);
	if (kept.facts == NULL)
		return ERR_NOMEM;
	s->row[s->n++] = kept;
	return 0;
}

const char *rowset_text(struct rowset *s, const char *text)
{
	return (const char *)keep(s, text, strlen(text) + 1);
}

const void *rowset_bytes(struct rowset *s, const void *p, size_t n)
{
	return keep(s, p, n);
}

static int by_time(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;

	if (x->when_ms != y->when_ms)
		return x->when_ms < y->when_ms ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

void rowset_sort(struct rowset *s)
{
	if (s->n > 0)
		qsort(s->row, s->n, sizeof(*s->row), by_time);
}

void rowset_release(struct rowset *s)
{
	if (s == NULL)
		return;
	while (s->block != NULL) {
		struct rowset_block *next = s->block->next;

		free(s->block);
		s->block = next;
	}
	free(s->row);
	*s = (struct rowset){ 0 };
}

enum rank rank_of(uint32_t kind)
{
	switch (kind) {
	case KIND_ITEM:
	case KIND_DESIGN:
	case KIND_APPROVE:
	case KIND_REQUEST:
	case KIND_CAMPAIGN:
		return RANK_SAYS;
	case KIND_PRODUCE:
	case KIND_SUPPLY:
	case KIND_RECEIVE:
	case KIND_DONATE:
		return RANK_GIVES;
	}
	return RANK_TAKES;
}
