#include "store/fresh.h"

#include "crypto/err.h"

#include <stdlib.h>
#include <string.h>

/* Ids are hashes, and a row is one of few that wait: whoever grinds ids that
 * collide here only slows its own batch down. */
static size_t slot_of(const struct fresh *f, const struct id *id)
{
	uint64_t h;
	size_t i;

	memcpy(&h, id->b, sizeof(h));
	i = (size_t)h & (f->slots_n - 1);
	while (f->slots[i] != 0 &&
	       memcmp(f->row[f->slots[i] - 1].id.b, id->b, HALF_SIZE) != 0)
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
	slots = calloc(2 * max, sizeof(*slots));
	if (slots == NULL)
		return ERR_NOMEM;
	free(f->slots);
	f->slots = slots;
	f->slots_n = 2 * max;
	f->max = max;
	for (size_t i = 0; i < f->n; i++)
		f->slots[slot_of(f, &f->row[i].id)] = (uint32_t)i + 1;
	return 0;
}

int fresh_add(struct fresh *f, const struct id *id, struct place at)
{
	int err = make_room(f);
	size_t slot;

	if (err != 0)
		return err;
	slot = slot_of(f, id);
	if (f->slots[slot] != 0)
		return 0;
	f->row[f->n] = (struct fresh_row){ *id, at };
	f->slots[slot] = (uint32_t)++f->n;
	return 0;
}

const struct fresh_row *fresh_find(const struct fresh *f, const struct id *id)
{
	size_t slot;

	if (f->n == 0)
		return NULL;
	slot = slot_of(f, id);
	return f->slots[slot] == 0 ? NULL : &f->row[f->slots[slot] - 1];
}

void fresh_clear(struct fresh *f)
{
	if (f->n > 0)
		memset(f->slots, 0, f->slots_n * sizeof(*f->slots));
	f->n = 0;
}

void fresh_forget(struct fresh *f)
{
	free(f->row);
	free(f->slots);
	*f = (struct fresh){ .row = NULL };
}
