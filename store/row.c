#include "store/row.h"

#include "crypto/bytes.h"
#include "crypto/err.h"

#include <string.h>

void feed_row_encode(uint8_t out[static FEED_ROW_SIZE],
		     const struct feed_row *row)
{
	memcpy(out, row->feed.b, KEY_SIZE);
	memcpy(out + 32, row->identity.b, KEY_SIZE);
	memcpy(out + 64, row->tip.b, ID_SIZE);
	be64_put(out + 96, row->seq);
	be64_put(out + 104, row->counted);
	be64_put(out + 112, row->arrival);
}

int feed_row_decode(struct feed_row *out, uint32_t no, struct span value)
{
	struct feed_row row = { .no = no };

	if (value.n != FEED_ROW_SIZE || no == 0)
		return ERR_FORMAT;
	memcpy(row.feed.b, value.p, KEY_SIZE);
	memcpy(row.identity.b, value.p + 32, KEY_SIZE);
	memcpy(row.tip.b, value.p + 64, ID_SIZE);
	row.seq = be64_get(value.p + 96);
	row.counted = be64_get(value.p + 104);
	row.arrival = be64_get(value.p + 112);
	if (row.seq > LIMIT_SEQ || row.counted > row.seq || row.arrival == 0)
		return ERR_FORMAT;
	*out = row;
	return 0;
}

void no_encode(uint8_t out[static NO_SIZE], uint32_t no)
{
	be32_put(out, no);
}

int no_decode(uint32_t *out, struct span bytes)
{
	uint32_t no;

	if (bytes.n != NO_SIZE)
		return ERR_FORMAT;
	no = be32_get(bytes.p);
	if (no == 0)
		return ERR_FORMAT;
	*out = no;
	return 0;
}

void place_encode(uint8_t out[static PLACE_SIZE], struct place at)
{
	be32_put(out, at.no);
	be64_put(out + 4, at.seq);
}

int place_decode(struct place *out, struct span bytes)
{
	struct place at;

	if (bytes.n != PLACE_SIZE)
		return ERR_FORMAT;
	at.no = be32_get(bytes.p);
	at.seq = be64_get(bytes.p + 4);
	if (at.no == 0 || at.seq == 0 || at.seq > LIMIT_SEQ)
		return ERR_FORMAT;
	*out = at;
	return 0;
}

void columns_encode(uint8_t out[static COLUMNS_SIZE],
		    const int64_t col[static COL_COUNT])
{
	for (size_t i = 0; i < COL_COUNT; i++)
		be64_put(out + 8 * i, (uint64_t)col[i]);
}

/* Two's complement without relying on how the compiler narrows. */
static int64_t to_signed(uint64_t u)
{
	return u <= INT64_MAX ? (int64_t)u : -(int64_t)(UINT64_MAX - u) - 1;
}

int columns_decode(int64_t out[static COL_COUNT], struct span value)
{
	if (value.n != COLUMNS_SIZE)
		return ERR_FORMAT;
	for (size_t i = 0; i < COL_COUNT; i++)
		out[i] = to_signed(be64_get(value.p + 8 * i));
	return 0;
}

void columns_add(int64_t to[static COL_COUNT],
		 const int64_t by[static COL_COUNT], bool is_minus)
{
	for (size_t i = 0; i < COL_COUNT; i++) {
		uint64_t u = (uint64_t)by[i];

		to[i] = to_signed((uint64_t)to[i] + (is_minus ? 0 - u : u));
	}
}

bool columns_are_zero(const int64_t col[static COL_COUNT])
{
	for (size_t i = 0; i < COL_COUNT; i++)
		if (col[i] != 0)
			return false;
	return true;
}

void ref_key(uint8_t out[static REF_KEY_SIZE], const struct id *target,
	     enum ref ref, const struct pubkey *feed, uint64_t seq)
{
	memcpy(out, target->b, HALF_SIZE);
	out[HALF_SIZE] = (uint8_t)ref;
	memcpy(out + HALF_SIZE + 1, feed->b, KEY_SIZE);
	be64_put(out + HALF_SIZE + 1 + KEY_SIZE, seq);
}

void key_key(uint8_t out[static KEY_KEY_SIZE], const struct pubkey *member,
	     const struct tag *tag, const struct pubkey *feed, uint64_t seq)
{
	memcpy(out, member->b, HALF_SIZE);
	memcpy(out + HALF_SIZE, tag->b, TAG_SIZE);
	memcpy(out + HALF_SIZE + TAG_SIZE, feed->b, KEY_SIZE);
	be64_put(out + HALF_SIZE + TAG_SIZE + KEY_SIZE, seq);
}

void sent_key(uint8_t out[static SENT_KEY_SIZE], const struct pubkey *member,
	      struct place at)
{
	memcpy(out, member->b, KEY_SIZE);
	place_encode(out + KEY_SIZE, at);
}

size_t item_key(uint8_t out[static ITEM_KEY_SIZE], const char *item,
		size_t item_n, const struct pubkey *feed, uint64_t seq)
{
	memcpy(out, item, item_n);
	out[item_n] = 0;
	memcpy(out + item_n + 1, feed->b, KEY_SIZE);
	be64_put(out + item_n + 1 + KEY_SIZE, seq);
	return item_n + 1 + KEY_SIZE + 8;
}

uint64_t tail_seq(struct span key)
{
	return key.n < 8 ? 0 : be64_get(key.p + key.n - 8);
}

size_t purse_key(uint8_t out[static BOOK_KEY_SIZE], const struct posting *p)
{
	memcpy(out, p->holder.member.b, KEY_SIZE);
	memcpy(out + KEY_SIZE, p->currency, 3);
	if (p->item_n > 0)
		memcpy(out + KEY_SIZE + 3, p->item, p->item_n);
	return KEY_SIZE + 3 + p->item_n;
}

size_t book_key(uint8_t out[static BOOK_KEY_SIZE], const struct holder *holder,
		const char *item, size_t item_n)
{
	memcpy(out, holder->member.b, KEY_SIZE);
	memcpy(out + KEY_SIZE, holder->outsider.b, TAG_SIZE);
	memcpy(out + KEY_SIZE + TAG_SIZE, item, item_n);
	return KEY_SIZE + TAG_SIZE + item_n;
}

int book_key_decode(struct holder *holder, const char **item, size_t *item_n,
		    struct span key)
{
	if (key.n <= KEY_SIZE + TAG_SIZE || key.n > BOOK_KEY_SIZE)
		return ERR_FORMAT;
	memcpy(holder->member.b, key.p, KEY_SIZE);
	memcpy(holder->outsider.b, key.p + KEY_SIZE, TAG_SIZE);
	*item = (const char *)key.p + KEY_SIZE + TAG_SIZE;
	*item_n = key.n - KEY_SIZE - TAG_SIZE;
	return 0;
}
