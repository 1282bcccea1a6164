#include "node/safe/backup.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/seal.h"
#include "node/file.h"
#include "proto/charter.h"
#include "proto/rd.h"
#include "proto/roster/amendment.h"
#include "proto/wr.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "maillon-backup/1\n"
#define USE   "backup"

enum {
	VERSION = 1,
	PARTS = 14,
	MAGIC_N = sizeof(MAGIC) - 1,
	FIXED = 8192, /* of everything but contacts and rows */
	CONTACT = 64 + LIMIT_ADDRESSES * (LIMIT_ADDRESS + 8),
	ROW = 16, /* beside key and value */
	ROWS_MAX = 1 << 24
};

static const enum store_table tables[] = { TABLE_PRIVATE, TABLE_INVITES,
					   TABLE_PENDING };

/* Rows on their way into the file: counted first, then written. */
struct gather {
	struct wr w;
	enum store_table table;
	size_t n, bytes;
	bool is_writing;
};

static int visit(void *arg, const uint8_t *key, size_t key_n,
		 const uint8_t *value, size_t value_n)
{
	struct gather *g = arg;

	if (!g->is_writing) {
		g->n++;
		g->bytes += ROW + key_n + value_n;
		return g->bytes < BACKUP_MAX && g->n < ROWS_MAX ? 0 : ERR_LIMIT;
	}
	wr_array(&g->w, 3);
	wr_uint(&g->w, (uint64_t)g->table);
	wr_bin(&g->w, key, key_n);
	wr_bin(&g->w, value, value_n);
	return 0;
}

static int walk(struct gather *g, struct store *s)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && err == 0;
	     i++) {
		g->table = tables[i];
		err = store_each(s, tables[i], NULL, 0, visit, g);
	}
	return err;
}

static int fill_rows(struct backup *b, struct store *s)
{
	struct gather g = { .n = 0 };
	int err = walk(&g, s);

	if (err != 0)
		return err;
	b->rows = malloc(g.bytes + ROW);
	if (b->rows == NULL)
		return ERR_NOMEM;
	wr_init(&g.w, b->rows, g.bytes + ROW);
	wr_array(&g.w, (uint32_t)g.n);
	g.is_writing = true;
	err = walk(&g, s);
	return err == 0 ? wr_end(&g.w, &b->rows_n) : err;
}

/* Where the network is: whom we dial, and who has published an address. */
static int fill_contacts(struct backup *b, struct store *s,
			 const struct pubkey *own)
{
	int err = contacts_load(&b->contacts, s);

	if (err == 0)
		contacts_publish(&b->contacts, store_roster(s), own, 0, 0);
	return err;
}

int backup_fill(struct backup *b, struct store *s, const struct pubkey *me)
{
	const struct roster *r = store_roster(s);
	const struct charter *c = r != NULL ? roster_first_charter(r) : NULL;
	const struct member *m = r != NULL ? roster_member(r, me) : NULL;
	struct pubkey own;
	struct head head;
	struct id id;
	int err;

	if (!store_network(s, &b->network) || !store_own(s, &own))
		return ERR_STATE;
	if (c != NULL && charter_id(&id, c) == 0 && id_eq(&id, &b->network) &&
	    charter_encode(b->charter, &b->charter_n, c) != 0)
		b->charter_n = 0;
	b->is_founder = m != NULL && m->depth == 0 && b->charter_n > 0;
	err = store_head(s, &own, &head);
	if (err == 0) {
		b->has_after = true;
		b->after = (struct position){ own, head.seq, head.id };
		err = fill_contacts(b, s, &own);
	}
	return err == 0 ? fill_rows(b, s) : err;
}

static void put_text(struct wr *w, const char *text)
{
	wr_text(w, text, strlen(text));
}

static void put_contacts(struct wr *w, const struct contacts *all)
{
	wr_array(w, (uint32_t)all->n);
	for (size_t i = 0; i < all->n; i++) {
		const struct contact *c = &all->row[i];

		wr_array(w, 2);
		wr_bin(w, c->key.b, sizeof(c->key.b));
		wr_array(w, (uint32_t)c->address_n);
		for (size_t j = 0; j < c->address_n; j++)
			put_text(w, c->address[j]);
	}
}

static void put_after(struct wr *w, const struct backup *b)
{
	if (!b->has_after) {
		wr_nil(w);
		return;
	}
	wr_array(w, 3);
	wr_bin(w, b->after.feed.b, KEY_SIZE);
	wr_uint(w, b->after.seq);
	wr_bin(w, b->after.id.b, ID_SIZE);
}

static int encode(const struct backup *b, uint8_t *p, size_t max, size_t *n)
{
	struct wr w;

	wr_init(&w, p, max);
	wr_array(&w, PARTS);
	wr_uint(&w, VERSION);
	wr_bin(&w, b->network.b, ID_SIZE);
	wr_bin(&w, b->identity, SEED_SIZE);
	wr_bin(&w, b->transport, KEY_SIZE);
	wr_bin(&w, b->member, KEY_SIZE);
	wr_uint(&w, b->is_sealed);
	put_text(&w, b->profile.label);
	put_text(&w, b->profile.name);
	put_text(&w, b->profile.place);
	if (b->charter_n > 0)
		wr_bin(&w, b->charter, b->charter_n);
	else
		wr_nil(&w);
	wr_uint(&w, b->is_founder);
	put_after(&w, b);
	put_contacts(&w, &b->contacts);
	wr_raw(&w, b->rows, b->rows_n);
	return wr_end(&w, n);
}

int backup_write(const struct backup *b, const char *path,
		 const char *passphrase)
{
	size_t max = FIXED + b->contacts.n * CONTACT + b->rows_n, n = 0;
	uint8_t *plain = malloc(max);
	uint8_t *file = malloc(MAGIC_N + max + SEAL_EXTRA);
	int err = plain != NULL && file != NULL ? 0 : ERR_NOMEM;

	if (err == 0 && access(path, F_OK) == 0)
		err = ERR_EXISTS;
	if (err == 0)
		err = encode(b, plain, max, &n);
	if (err == 0) {
		memcpy(file, MAGIC, MAGIC_N);
		err = seal_make(file + MAGIC_N, plain, n, USE, passphrase);
	}
	if (err == 0)
		err = file_write(path, file, MAGIC_N + n + SEAL_EXTRA, 0600);
	if (plain != NULL)
		bytes_wipe(plain, max);
	free(plain);
	free(file);
	return err;
}

static void get_contacts(struct rd *r, struct contacts *all)
{
	uint32_t n = rd_array(r, CONTACTS_MAX);

	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		char address[LIMIT_ADDRESS + 1];
		struct curvekey key;
		uint32_t count;

		if (rd_array(r, 2) != 2)
			rd_fail(r, ERR_FORMAT);
		rd_fixed(r, key.b, sizeof(key.b));
		count = rd_array(r, LIMIT_ADDRESSES);
		for (uint32_t j = 0; j < count && r->err == 0; j++) {
			rd_plain(r, address, LIMIT_ADDRESS);
			if (r->err == 0)
				contacts_add(all, &key, address);
		}
	}
}

static void get_after(struct rd *r, struct backup *b)
{
	b->has_after = !rd_nil(r);
	if (!b->has_after)
		return;
	if (rd_array(r, 3) != 3)
		rd_fail(r, ERR_FORMAT);
	rd_fixed(r, b->after.feed.b, KEY_SIZE);
	b->after.seq = rd_uint(r, LIMIT_SEQ);
	rd_fixed(r, b->after.id.b, ID_SIZE);
}

static void get_charter(struct rd *r, struct backup *b)
{
	const uint8_t *p;
	size_t n = 0;

	if (rd_nil(r))
		return;
	p = rd_bin(r, LIMIT_CHARTER, &n);
	if (r->err != 0)
		return;
	memcpy(b->charter, p, n);
	b->charter_n = n;
}

static int decode(struct backup *b)
{
	struct rd r;

	rd_init(&r, b->plain, b->plain_n);
	if (rd_array(&r, PARTS) != PARTS || rd_uint(&r, VERSION) != VERSION)
		return ERR_FORMAT;
	rd_fixed(&r, b->network.b, ID_SIZE);
	rd_fixed(&r, b->identity, SEED_SIZE);
	rd_fixed(&r, b->transport, KEY_SIZE);
	rd_fixed(&r, b->member, KEY_SIZE);
	b->is_sealed = rd_uint(&r, 1) == 1;
	rd_plain(&r, b->profile.label, LIMIT_LABEL);
	rd_plain(&r, b->profile.name, LIMIT_NAME);
	rd_plain(&r, b->profile.place, LIMIT_PLACE);
	get_charter(&r, b);
	b->is_founder = rd_uint(&r, 1) == 1;
	get_after(&r, b);
	get_contacts(&r, &b->contacts);
	if (r.err != 0)
		return r.err;
	b->rows = b->plain + (b->plain_n - r.n);
	b->rows_n = r.n;
	return 0;
}

static int read_file(uint8_t **out, size_t *n, const char *path)
{
	struct stat st;
	char *p;
	int err;

	if (stat(path, &st) != 0)
		return ERR_NOT_FOUND;
	if (!S_ISREG(st.st_mode) || st.st_size > BACKUP_MAX)
		return ERR_FORMAT;
	p = malloc((size_t)st.st_size + 2);
	if (p == NULL)
		return ERR_NOMEM;
	err = file_read(p, (size_t)st.st_size + 2, n, path);
	if (err != 0)
		free(p);
	else
		*out = (uint8_t *)p;
	return err;
}

int backup_read(struct backup *b, const char *path, const char *passphrase)
{
	uint8_t *file = NULL;
	size_t n = 0;
	int err = read_file(&file, &n, path);

	if (err != 0)
		return err;
	if (n < MAGIC_N + SEAL_EXTRA || memcmp(file, MAGIC, MAGIC_N) != 0)
		err = ERR_FORMAT;
	if (err == 0) {
		b->plain_n = n - MAGIC_N - SEAL_EXTRA;
		b->plain = malloc(b->plain_n + 1);
		err = b->plain != NULL ? 0 : ERR_NOMEM;
	}
	if (err == 0)
		err = seal_open(b->plain, file + MAGIC_N, n - MAGIC_N, USE,
				passphrase);
	free(file);
	return err == 0 ? decode(b) : err;
}

static int keep_rows(const struct backup *b, struct store *s)
{
	struct rd r;
	uint32_t n;
	int err = 0;

	rd_init(&r, b->rows, b->rows_n);
	n = rd_array(&r, ROWS_MAX);
	for (uint32_t i = 0; i < n && err == 0; i++) {
		const uint8_t *key, *value;
		size_t key_n = 0, value_n = 0;
		uint64_t table;

		if (rd_array(&r, 3) != 3)
			return ERR_FORMAT;
		table = rd_uint(&r, TABLE_PENDING);
		key = rd_bin(&r, TABLE_KEY_MAX, &key_n);
		value = rd_bin(&r, TABLE_VALUE_MAX, &value_n);
		if (r.err != 0)
			return r.err;
		err = store_put(s, (enum store_table)table, key, key_n, value,
				value_n);
	}
	return err == 0 ? rd_end(&r) : err;
}

int backup_keep(const struct backup *b, struct store *s)
{
	int err = store_begin(s);

	for (size_t i = 0; i < b->contacts.n && err == 0; i++) {
		const struct contact *c = &b->contacts.row[i];
		struct invite inv = { .transport = c->key,
				      .addresses_n = c->address_n };

		memcpy(inv.addresses, c->address, sizeof(inv.addresses));
		err = contact_keep(s, &inv);
	}
	if (err == 0)
		err = keep_rows(b, s);
	if (err == 0)
		return store_commit(s);
	store_abort(s);
	return err;
}

void backup_release(struct backup *b)
{
	if (b->plain != NULL) {
		bytes_wipe(b->plain, b->plain_n);
		free(b->plain);
	} else if (b->rows != NULL) {
		bytes_wipe(b->rows, b->rows_n);
		free(b->rows);
	}
	bytes_wipe(b, sizeof(*b));
}
