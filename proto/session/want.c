#include "proto/session/want.h"

#include "crypto/err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

enum { ROWS_MIN = 64 };

/* All that is not memory or salt. */
static void blank(struct wants *w)
{
	w->max = 0;
	w->used = 0;
	w->free = NONE;
	for (int i = 0; i < WANT_LISTS; i++) {
		w->head[i] = NONE;
		w->tail[i] = NONE;
		w->count[i] = 0;
	}
}

void wants_init(struct wants *w, const struct secret *salt)
{
	w->salt = *salt;
	w->row = NULL;
	w->slot = NULL;
	blank(w);
}

void wants_release(struct wants *w)
{
	free(w->row);
	free(w->slot);
	w->row = NULL;
	w->slot = NULL;
	blank(w);
}

uint32_t wants_total(const struct wants *w)
{
	uint32_t n = 0;

	for (int i = 0; i < WANT_LISTS; i++)
		n += w->count[i];
	return n;
}

static uint32_t *slot_of(const struct wants *w, const struct pubkey *feed)
{
	struct tag tag = hash_tag(&w->salt, "want", feed->b, sizeof(feed->b));
	uint32_t h;

	memcpy(&h, tag.b, sizeof(h));
	return &w->slot[h & (w->max - 1)];
}

struct want *wants_find(const struct wants *w, const struct pubkey *feed)
{
	if (w->max == 0)
		return NULL;
	for (uint32_t i = *slot_of(w, feed); i != NONE; i = w->row[i].chain)
		if (pubkey_eq(&w->row[i].feed, feed))
			return &w->row[i];
	return NULL;
}

static void hash_in(struct wants *w, uint32_t at)
{
	uint32_t *slot = slot_of(w, &w->row[at].feed);

	w->row[at].chain = *slot;
	*slot = at;
}

static void hash_out(struct wants *w, uint32_t at)
{
	uint32_t *link = slot_of(w, &w->row[at].feed);

	while (*link != at)
		link = &w->row[*link].chain;
	*link = w->row[at].chain;
}

static int grow(struct wants *w)
{
	uint32_t max = w->max == 0 ? ROWS_MIN : w->max * 2;
	struct want *row = realloc(w->row, max * sizeof(*row));
	uint32_t *slot;

	if (row == NULL)
		return ERR_NOMEM;
	w->row = row;
	slot = malloc(max * sizeof(*slot));
	if (slot == NULL)
		return ERR_NOMEM;
	free(w->slot);
	w->slot = slot;
	w->max = max;
	memset(slot, 0xff, max * sizeof(*slot));
	/* It only grows when every row is in use. */
	for (uint32_t i = 0; i < w->used; i++)
		hash_in(w, i);
	return 0;
}

static uint32_t at_of(const struct wants *w, const struct want *row)
{
	return (uint32_t)(row - w->row);
}

static void unlink_row(struct wants *w, struct want *row)
{
	unsigned list = row->list;

	if (row->prev != NONE)
		w->row[row->prev].next = row->next;
	else
		w->head[list] = row->next;
	if (row->next != NONE)
		w->row[row->next].prev = row->prev;
	else
		w->tail[list] = row->prev;
	w->count[list]--;
}

static void link_last(struct wants *w, struct want *row, enum want_list list)
{
	uint32_t at = at_of(w, row);

	row->list = (uint8_t)list;
	row->next = NONE;
	row->prev = w->tail[list];
	if (row->prev != NONE)
		w->row[row->prev].next = at;
	else
		w->head[list] = at;
	w->tail[list] = at;
	w->count[list]++;
}

static void link_first(struct wants *w, struct want *row, enum want_list list)
{
	uint32_t at = at_of(w, row);

	row->list = (uint8_t)list;
	row->prev = NONE;
	row->next = w->head[list];
	if (row->next != NONE)
		w->row[row->next].prev = at;
	else
		w->tail[list] = at;
	w->head[list] = at;
	w->count[list]++;
}

int wants_add(struct wants *w, const struct pubkey *feed, uint64_t target,
	      enum want_list list, uint32_t ceiling)
{
	struct want *row;
	uint32_t at;

	assert(list < WANT_LISTS);
	if (wants_total(w) >= ceiling)
		return ERR_LIMIT;
	if (w->free == NONE && w->used == w->max) {
		int err = grow(w);

		if (err != 0)
			return err;
	}
	if (w->free != NONE) {
		at = w->free;
		w->free = w->row[at].next;
	} else {
		at = w->used++;
	}
	row = &w->row[at];
	*row = (struct want){ .feed = *feed, .target = target };
	hash_in(w, at);
	link_last(w, row, list);
	w->told++;
	return 0;
}

void wants_move(struct wants *w, struct want *row, enum want_list list)
{
	if (row->list == WANT_ASIDE || list == WANT_ASIDE)
		w->told++;
	unlink_row(w, row);
	link_last(w, row, list);
}

void wants_move_first(struct wants *w, struct want *row, enum want_list list)
{
	unlink_row(w, row);
	link_first(w, row, list);
}

struct want *wants_head(const struct wants *w, enum want_list list)
{
	return w->head[list] == NONE ? NULL : &w->row[w->head[list]];
}

struct want *wants_next(const struct wants *w, const struct want *row)
{
	return row->next == NONE ? NULL : &w->row[row->next];
}

void wants_drop(struct wants *w, struct want *row)
{
	uint32_t at = at_of(w, row);

	unlink_row(w, row);
	hash_out(w, at);
	row->next = w->free;
	w->free = at;
	if (wants_total(w) == 0)
		wants_release(w);
}
