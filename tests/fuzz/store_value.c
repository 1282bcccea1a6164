#include "store/row.h"

#include <stdlib.h>
#include <string.h>

/*
 * store_value -- the decoders of what stands in the tables, given any bytes.
 * What one of them accepts must come out of its encoder again.
 */

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void same(struct span in, const uint8_t *out, size_t n)
{
	if (in.n != n || memcmp(in.p, out, n) != 0)
		abort();
}

static void try_fixed(struct span in)
{
	uint8_t feed[FEED_ROW_SIZE], place[PLACE_SIZE], no[NO_SIZE];
	uint8_t columns[COLUMNS_SIZE];
	int64_t col[COL_COUNT];
	struct feed_row row;
	struct place at;
	uint32_t number;

	if (feed_row_decode(&row, 1, in) == 0) {
		feed_row_encode(feed, &row);
		same(in, feed, sizeof(feed));
	}
	if (place_decode(&at, in) == 0) {
		place_encode(place, at);
		same(in, place, sizeof(place));
	}
	if (no_decode(&number, in) == 0) {
		no_encode(no, number);
		same(in, no, sizeof(no));
	}
	if (columns_decode(col, in) == 0) {
		columns_encode(columns, col);
		same(in, columns, sizeof(columns));
		columns_add(col, col, false);
		columns_add(col, col, true);
		if (!columns_are_zero(col))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t key[BOOK_KEY_SIZE];
	struct span in = { p, n };
	struct holder holder;
	const char *item;
	size_t item_n;

	try_fixed(in);
	if (book_key_decode(&holder, &item, &item_n, in) == 0)
		same(in, key, book_key(key, &holder, item, item_n));
	(void)tail_seq(in);
	return 0;
}
