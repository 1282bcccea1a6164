#include "node/join/ticket.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/rd.h"
#include "proto/wr.h"
#include "store/private.h"

#include <string.h>

enum { ROW_MAX = 64 + TICKET_USES * (KEY_SIZE + 2) };

/* [version, secret, role, auto, expires_s, uses, [identity...]] */
static int decode(struct ticket *out, const uint8_t *p, size_t n)
{
	struct rd r;
	uint64_t version;

	rd_init(&r, p, n);
	if (rd_array(&r, 7) != 7)
		rd_fail(&r, ERR_FORMAT);
	version = rd_uint(&r, UINT32_MAX);
	if (version != TICKET_VERSION)
		rd_fail(&r, ERR_VERSION);
	rd_fixed(&r, out->secret, sizeof(out->secret));
	out->role = (enum role)rd_uint(&r, ROLE_AUDITOR);
	out->is_auto = rd_uint(&r, 1) == 1;
	out->expires_s = rd_uint(&r, LIMIT_TIME_MS / 1000);
	out->uses = (uint32_t)rd_uint(&r, TICKET_USES);
	out->used = rd_array(&r, TICKET_USES);
	for (uint32_t i = 0; i < out->used; i++)
		rd_fixed(&r, out->by[i].b, KEY_SIZE);
	return rd_end(&r);
}

int ticket_get(struct ticket *out, struct store *s,
	       const uint8_t id[static INVITE_ID])
{
	uint8_t row[ROW_MAX];
	size_t n;
	int err = store_get(s, TABLE_INVITES, id, INVITE_ID, row, sizeof(row),
			    &n);

	if (err == 0)
		err = decode(out, row, n);
	bytes_wipe(row, sizeof(row));
	return err;
}

int ticket_put(const struct ticket *t, struct store *s)
{
	uint8_t id[INVITE_ID];
	uint8_t row[ROW_MAX];
	struct wr w;
	size_t n;
	int err;

	invite_id(id, t->secret);
	wr_init(&w, row, sizeof(row));
	wr_array(&w, 7);
	wr_uint(&w, TICKET_VERSION);
	wr_bin(&w, t->secret, sizeof(t->secret));
	wr_uint(&w, (uint64_t)t->role);
	wr_uint(&w, t->is_auto);
	wr_uint(&w, t->expires_s);
	wr_uint(&w, t->uses);
	wr_array(&w, t->used);
	for (uint32_t i = 0; i < t->used; i++)
		wr_bin(&w, t->by[i].b, KEY_SIZE);
	err = wr_end(&w, &n);
	if (err == 0)
		err = store_put(s, TABLE_INVITES, id, sizeof(id), row, n);
	bytes_wipe(row, sizeof(row));
	return err;
}

bool ticket_was_used_by(const struct ticket *t, const struct pubkey *identity)
{
	for (uint32_t i = 0; i < t->used; i++)
		if (pubkey_eq(&t->by[i], identity))
			return true;
	return false;
}

int ticket_use(struct ticket *t, const struct pubkey *identity)
{
	if (ticket_was_used_by(t, identity))
		return 0;
	if (t->used >= t->uses)
		return ERR_LIMIT;
	t->by[t->used++] = *identity;
	return 0;
}
