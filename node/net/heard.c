#include "node/net/heard.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* META "heard" -> five be64; META "heard/NNN" -> rows of the list: the first
 * bytes of a feed, and be64 seq. */
enum {
	ROW = 5 * 8,
	NAME = 8, /* of a feed */
	LIST_ROW = NAME + 8,
	CHUNK = 16384, /* rows in one value */
	KEY_MAX = 16
};

static const char key[] = "heard";
static const char list_key[] = "heard/";

void heard_list_add(void *list, const struct pubkey *feed, uint64_t seq)
{
	struct heard_list *l = list;

	if (grow(&l->row, &l->max, l->n, LIST_ROW) != 0) {
		l->is_lost = true;
		return;
	}
	memcpy(l->row + l->n * LIST_ROW, feed->b, NAME);
	be64_put(l->row + l->n * LIST_ROW + NAME, seq);
	l->n++;
}

void heard_list_release(struct heard_list *list)
{
	free(list->row);
	*list = (struct heard_list){ .row = NULL };
}

int heard_get(struct store *s, struct heard *out)
{
	uint8_t row[ROW];
	size_t n = 0;
	int err = store_get(s, TABLE_META, key, strlen(key), row, sizeof(row),
			    &n);

	memset(out, 0, sizeof(*out));
	if (err == ERR_NOT_FOUND || err == ERR_LIMIT)
		return 0;
	if (err != 0 || n != sizeof(row))
		return err;
	out->entries = be64_get(row);
	out->feeds = be64_get(row + 8);
	out->begun = be64_get(row + 16);
	out->held_entries = be64_get(row + 24);
	out->held_feeds = be64_get(row + 32);
	return 0;
}

static int put_sums(struct store *s, const struct heard *h)
{
	uint8_t row[ROW];

	be64_put(row, h->entries);
	be64_put(row + 8, h->feeds);
	be64_put(row + 16, h->begun);
	be64_put(row + 24, h->held_entries);
	be64_put(row + 32, h->held_feeds);
	return store_put(s, TABLE_META, key, strlen(key), row, sizeof(row));
}

/* One that is not whole is none. */
static int put_list(struct store *s, const struct heard_list *list)
{
	size_t n = list->is_lost ? 0 : list->n;
	int err = 0;

	for (size_t i = 0; err == 0; i++) {
		size_t at = i * CHUNK, left = n > at ? n - at : 0;
		char name[KEY_MAX];

		if (left > CHUNK)
			left = CHUNK;
		snprintf(name, sizeof(name), "%s%03zu", list_key, i);
		err = left == 0 ? store_del(s, TABLE_META, name, strlen(name))
				: store_put(s, TABLE_META, name, strlen(name),
					    list->row + at * LIST_ROW,
					    left * LIST_ROW);
	}
	return err == ERR_NOT_FOUND ? 0 : err;
}

int heard_put(struct store *s, const struct heard *h,
	      const struct heard_list *list)
{
	bool is_ours = list != NULL && !store_in_batch(s);
	int err = is_ours ? store_begin(s) : 0;

	if (err == 0)
		err = put_sums(s, h);
	if (err == 0 && list != NULL)
		err = put_list(s, list);
	if (is_ours && err == 0)
		err = store_commit(s);
	else if (is_ours)
		store_abort(s);
	return err;
}

static int read_rows(void *arg, const uint8_t *name, size_t name_n,
		     const uint8_t *value, size_t n)
{
	struct heard_list *l = arg;

	(void)name;
	(void)name_n;
	for (size_t at = 0; n - at >= LIST_ROW; at += LIST_ROW) {
		if (grow(&l->row, &l->max, l->n, LIST_ROW) != 0)
			return ERR_NOMEM;
		memcpy(l->row + l->n++ * LIST_ROW, value + at, LIST_ROW);
	}
	return 0;
}

/* What is left to come of one feed. */
static int lower_row(struct heard *left, struct store *s,
		     const uint8_t row[static LIST_ROW])
{
	uint64_t told = be64_get(row + NAME);
	struct head head = { .seq = 0 };
	struct pubkey feed;
	int err = store_feed_named(s, &feed, row, NAME);

	if (err == 0)
		err = store_head(s, &feed, &head);
	if (err != 0 && err != ERR_NOT_FOUND && err != ERR_CONFLICT)
		return err;
	if (told <= head.seq)
		return 0;
	told -= head.seq;
	/* As sessions count it. */
	left->entries += told < UINT32_MAX ? told : UINT32_MAX;
	left->feeds++;
	left->begun += head.seq > 0;
	return 0;
}

static int count_head(void *arg, const struct head *head)
{
	struct heard *out = arg;

	out->held_entries += head->seq;
	out->held_feeds++;
	return 0;
}

int heard_lower(struct store *s, struct heard *out)
{
	struct heard_list list = { .row = NULL };
	struct heard was, left = { .entries = 0 };
	int err = heard_get(s, &was);

	if (err == 0 && was.entries > 0)
		err = store_each(s, TABLE_META, list_key, strlen(list_key),
				 read_rows, &list);
	for (size_t i = 0; i < list.n && err == 0; i++)
		err = lower_row(&left, s, list.row + i * LIST_ROW);
	if (err == 0 && list.n > 0)
		err = store_heads(s, count_head, &left);
	if (err == 0) {
		bool is_less = list.n > 0 && left.entries < was.entries;

		*out = is_less ? left : was;
		err = is_less ? put_sums(s, &left) : 0;
	}
	heard_list_release(&list);
	return err;
}

bool heard_eq(const struct heard *a, const struct heard *b)
{
	return a->entries == b->entries && a->feeds == b->feeds &&
	       a->begun == b->begun;
}
