#include "node/proof/treecache.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/private.h"

#include <string.h>

enum {
	KEY_ROOM = 4 + KEY_SIZE,
	ROW_MAX = 8 + MERKLE_LEVELS * sizeof(struct sha) /* size, range */
};

static void row_key(uint8_t out[static KEY_ROOM], const struct pubkey *feed)
{
	memcpy(out, "tree", 4);
	memcpy(out + 4, feed->b, KEY_SIZE);
}

/* Does a checkpoint of the tree say the same? */
static bool is_ours(const struct attest *tree, const struct merkle *m)
{
	struct sha root = merkle_root(m);

	for (size_t i = tree->marks_n; i > 0; i--) {
		const struct treehead *head = &tree->marks[i - 1].head;

		if (head->size == m->size)
			return sha_eq(&head->root, &root);
	}
	return false;
}

int treecache_load(struct merkle *out, struct store *s,
		   const struct attest *tree)
{
	uint8_t key[KEY_ROOM], row[ROW_MAX];
	struct merkle m;
	size_t n;
	int err;

	merkle_init(out);
	merkle_init(&m);
	row_key(key, &tree->feed);
	err = store_get(s, TABLE_META, key, sizeof(key), row, sizeof(row), &n);
	if (err != 0)
		return err == ERR_NOT_FOUND || err == ERR_LIMIT ? 0 : err;
	if (n < 8)
		return 0;
	m.size = be64_get(row);
	if (m.size > tree->size ||
	    n != 8 + merkle_width(m.size) * sizeof(m.range[0]))
		return 0;
	memcpy(m.range, row + 8, n - 8);
	if (is_ours(tree, &m))
		*out = m;
	return 0;
}

int treecache_save(struct store *s, const struct pubkey *feed,
		   const struct merkle *tree)
{
	size_t width = merkle_width(tree->size) * sizeof(struct sha);
	uint8_t key[KEY_ROOM], row[ROW_MAX];
	int err = store_begin(s);

	if (err != 0)
		return err;
	row_key(key, feed);
	be64_put(row, tree->size);
	memcpy(row + 8, tree->range, width);
	err = store_put(s, TABLE_META, key, sizeof(key), row, 8 + width);
	if (err == 0)
		return store_commit(s);
	store_abort(s);
	return err;
}
