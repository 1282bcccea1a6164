#include "node/join/waiting.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/rd.h"
#include "proto/wr.h"
#include "store/private.h"

#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, PREFIX_MIN = 8 };

/* [version, refused, invite, feed, transport, role, asked_ms, label, place,
 *  name, [entry...]] */
static int decode(struct waiting *out, const uint8_t *p, size_t n)
{
	struct rd r;
	size_t raw_n;

	rd_init(&r, p, n);
	if (rd_array(&r, 11) != 11)
		rd_fail(&r, ERR_FORMAT);
	if (rd_uint(&r, UINT32_MAX) != VERSION)
		rd_fail(&r, ERR_VERSION);
	out->is_refused = rd_uint(&r, 1) == 1;
	rd_fixed(&r, out->invite, sizeof(out->invite));
	rd_fixed(&r, out->feed.b, sizeof(out->feed.b));
	rd_fixed(&r, out->transport.b, sizeof(out->transport.b));
	out->role = (enum role)rd_uint(&r, ROLE_AUDITOR);
	out->asked_ms = rd_uint(&r, UINT64_MAX);
	rd_plain(&r, out->label, LIMIT_LABEL);
	rd_plain(&r, out->place, LIMIT_PLACE);
	rd_plain(&r, out->name, LIMIT_NAME);
	out->entries.count = rd_array(&r, LIMIT_PENDING);
	out->entries.rd = r;
	for (uint32_t i = 0; i < out->entries.count; i++)
		rd_bin(&r, LIMIT_ENTRY, &raw_n);
	return rd_end(&r);
}

static void encode(struct wr *w, const struct waiting *row)
{
	struct msg_list entries = row->entries;
	const uint8_t *p;
	size_t n;

	wr_array(w, 11);
	wr_uint(w, VERSION);
	wr_uint(w, row->is_refused);
	wr_bin(w, row->invite, sizeof(row->invite));
	wr_bin(w, row->feed.b, sizeof(row->feed.b));
	wr_bin(w, row->transport.b, sizeof(row->transport.b));
	wr_uint(w, (uint64_t)row->role);
	wr_uint(w, row->asked_ms);
	wr_text(w, row->label, strlen(row->label));
	wr_text(w, row->place, strlen(row->place));
	wr_text(w, row->name, strlen(row->name));
	wr_array(w, entries.count);
	while (msg_next_bin(&entries, &p, &n))
		wr_bin(w, p, n);
}

int waiting_put(const struct waiting *row, struct store *s)
{
	uint8_t *room = malloc(TABLE_VALUE_MAX);
	struct wr w;
	size_t n;
	int err;

	if (room == NULL)
		return ERR_NOMEM;
	wr_init(&w, room, TABLE_VALUE_MAX);
	encode(&w, row);
	err = wr_end(&w, &n);
	if (err == 0)
		err = store_put(s, TABLE_PENDING, row->identity.b, KEY_SIZE,
				room, n);
	free(room);
	return err;
}

int waiting_del(const struct pubkey *identity, struct store *s)
{
	int err = store_del(s, TABLE_PENDING, identity->b, KEY_SIZE);

	return err == ERR_NOT_FOUND ? 0 : err;
}

struct visit {
	waiting_visit *visit;
	void *arg;
};

static int show_row(void *arg, const uint8_t *key, size_t key_n,
		    const uint8_t *value, size_t value_n)
{
	struct visit *v = arg;
	struct waiting row;

	memset(&row, 0, sizeof(row));
	if (key_n != KEY_SIZE || decode(&row, value, value_n) != 0)
		return 0;
	memcpy(row.identity.b, key, KEY_SIZE);
	return v->visit(v->arg, &row);
}

int waiting_each(struct store *s, waiting_visit *visit, void *arg)
{
	struct visit v = { visit, arg };

	return store_each(s, TABLE_PENDING, NULL, 0, show_row, &v);
}

int waiting_load(struct waiting *out, void **room,
		 const struct pubkey *identity, struct store *s)
{
	uint8_t *p = malloc(TABLE_VALUE_MAX);
	size_t n;
	int err;

	if (p == NULL)
		return ERR_NOMEM;
	err = store_get(s, TABLE_PENDING, identity->b, KEY_SIZE, p,
			TABLE_VALUE_MAX, &n);
	if (err == 0) {
		memset(out, 0, sizeof(*out));
		out->identity = *identity;
		err = decode(out, p, n);
	}
	if (err == 0)
		*room = p;
	else
		free(p);
	return err;
}

struct search {
	const char *text;
	struct pubkey found;
	size_t count;
};

/* Does text begin the hex digits of the key, with at least 8 of them? */
static bool is_prefix(const struct pubkey *key, const char *text)
{
	char hex[HEX_SIZE(KEY_SIZE)];
	size_t n = strlen(text);

	hex_encode(hex, key->b, KEY_SIZE);
	return n >= PREFIX_MIN && n < sizeof(hex) && strncmp(hex, text, n) == 0;
}

/* The letters and digits of a fingerprint, without dashes, in capitals. */
static void bare(char out[static FINGERPRINT_SIZE], const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n + 1 < FINGERPRINT_SIZE; text++)
		if (*text >= 'a' && *text <= 'z')
			out[n++] = (char)(*text - 'a' + 'A');
		else if (*text != '-')
			out[n++] = *text;
	out[n] = '\0';
}

static int look(void *arg, const struct waiting *row)
{
	struct search *s = arg;
	char print[FINGERPRINT_SIZE];
	char want[FINGERPRINT_SIZE], have[FINGERPRINT_SIZE];

	fingerprint(print, &row->identity);
	bare(have, print);
	bare(want, s->text);
	if (strcmp(row->label, s->text) != 0 && strcmp(want, have) != 0 &&
	    !is_prefix(&row->identity, s->text))
		return 0;
	s->found = row->identity;
	s->count++;
	return 0;
}

int waiting_find(struct pubkey *out, struct store *s, const char *text)
{
	struct search search = { .text = text };
	int err = waiting_each(s, look, &search);

	if (err != 0)
		return err;
	if (search.count == 1)
		*out = search.found;
	if (search.count > 1)
		return ERR_EXISTS;
	return search.count == 1 ? 0 : ERR_NOT_FOUND;
}
