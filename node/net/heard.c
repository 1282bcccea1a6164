#include "node/net/heard.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/private.h"

#include <string.h>

/* META "heard" -> three be64. */
enum { ROW = 3 * 8 };

static const char key[] = "heard";

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
	return 0;
}

int heard_put(struct store *s, const struct heard *h)
{
	uint8_t row[ROW];

	be64_put(row, h->entries);
	be64_put(row + 8, h->feeds);
	be64_put(row + 16, h->begun);
	return store_put(s, TABLE_META, key, strlen(key), row, sizeof(row));
}

bool heard_eq(const struct heard *a, const struct heard *b)
{
	return a->entries == b->entries && a->feeds == b->feeds &&
	       a->begun == b->begun;
}
