#include "node/import/tagset.h"

#include "crypto/err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 64 };

/* Where the tag is, or the free slot where it would be. */
static struct tagset_slot *find(const struct tagset *s, const struct tag *tag)
{
	uint64_t hash;
	size_t i;

	memcpy(&hash, tag->b, sizeof(hash));
	for (i = (size_t)hash & (s->max - 1);
	     s->slot[i].value != 0 &&
	     memcmp(s->slot[i].tag.b, tag->b, TAG_SIZE) != 0;
	     i = (i + 1) & (s->max - 1))
		;
	return &s->slot[i];
}

static int grow(struct tagset *s)
{
	struct tagset more = { .max = s->max > 0 ? 2 * s->max : FIRST,
			       .n = s->n };

	more.slot = calloc(more.max, sizeof(*more.slot));
	if (more.slot == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < s->max; i++)
		if (s->slot[i].value != 0)
			*find(&more, &s->slot[i].tag) = s->slot[i];
	free(s->slot);
	*s = more;
	return 0;
}

int tagset_put(struct tagset *s, const struct tag *tag, uint64_t value)
{
	struct tagset_slot *slot;

	assert(value != 0);
	if (4 * (s->n + 1) > 3 * s->max && grow(s) != 0)
		return ERR_NOMEM;
	slot = find(s, tag);
	if (slot->value != 0)
		return ERR_EXISTS;
	*slot = (struct tagset_slot){ *tag, value };
	s->n++;
	return 0;
}

uint64_t tagset_get(const struct tagset *s, const struct tag *tag)
{
	return s->max > 0 ? find(s, tag)->value : 0;
}

void tagset_release(struct tagset *s)
{
	if (s == NULL)
		return;
	free(s->slot);
	*s = (struct tagset){ 0 };
}
