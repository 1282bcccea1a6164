#include "store/ids.h"

#include "crypto/bytes.h"
#include "crypto/err.h"

#include <stdlib.h>
#include <string.h>

void ids_init(struct ids *set)
{
	*set = (struct ids){ 0 };
	bytes_random(&set->salt, sizeof(set->salt));
}

void ids_clear(struct ids *set)
{
	free(set->at);
	free(set->mark);
	free(set->slots);
	*set = (struct ids){ .salt = set->salt };
}

/* The slot where id stands, or the empty one where it would. */
static size_t find(const struct ids *set, const struct id *id)
{
	uint64_t h;
	size_t i;

	memcpy(&h, id->b, sizeof(h));
	h = (h ^ set->salt) * 0x9e3779b97f4a7c15ULL;
	i = (size_t)(h >> 20) & (set->slots_n - 1);
	while (set->slots[i] != 0 && !id_eq(&set->at[set->slots[i] - 1], id))
		i = (i + 1) & (set->slots_n - 1);
	return i;
}

bool ids_have(const struct ids *set, const struct id *id)
{
	return set->n > 0 && set->slots[find(set, id)] != 0;
}

static int grow(struct ids *set)
{
	size_t max = set->max == 0 ? 32 : set->max * 2;
	struct id *at;
	uint16_t *mark;
	uint32_t *slots;

	if (set->n < set->max)
		return 0;
	at = realloc(set->at, max * sizeof(*at));
	if (at == NULL)
		return ERR_NOMEM;
	set->at = at;
	mark = realloc(set->mark, max * sizeof(*mark));
	if (mark == NULL)
		return ERR_NOMEM;
	set->mark = mark;
	slots = calloc(max * 2, sizeof(*slots));
	if (slots == NULL)
		return ERR_NOMEM;
	free(set->slots);
	set->slots = slots;
	set->slots_n = max * 2;
	set->max = max;
	for (size_t i = 0; i < set->n; i++)
		set->slots[find(set, &set->at[i])] = (uint32_t)i + 1;
	return 0;
}

int ids_place(struct ids *set, size_t *place, bool *added, const struct id *id)
{
	size_t slot;
	int err = grow(set);

	if (err != 0)
		return err;
	slot = find(set, id);
	*added = set->slots[slot] == 0;
	if (*added) {
		set->at[set->n] = *id;
		set->mark[set->n] = 0;
		set->slots[slot] = (uint32_t)++set->n;
	}
	*place = set->slots[slot] - 1;
	return 0;
}

int ids_add(struct ids *set, bool *added, const struct id *id)
{
	size_t place;

	return ids_place(set, &place, added, id);
}
