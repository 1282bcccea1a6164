#include "proto/charter.h"

#include "crypto/err.h"
#include "proto/form.h"
#include "proto/rd.h"
#include "proto/wr.h"

#include <string.h>

static void rd_founder(struct rd *r, struct founder *out)
{
	if (rd_array(r, 4) != 4)
		rd_fail(r, ERR_FORMAT);
	rd_fixed(r, out->identity.b, sizeof(out->identity.b));
	rd_plain(r, out->label, LIMIT_LABEL);
	rd_plain(r, out->name, LIMIT_NAME);
	rd_plain(r, out->place, LIMIT_PLACE);
	if (!label_is_valid(out->label, strlen(out->label)) ||
	    !place_is_valid(out->place, strlen(out->place)))
		rd_fail(r, ERR_FORMAT);
}

static void rd_founders(struct rd *r, struct charter *c)
{
	size_t n = rd_array(r, LIMIT_FOUNDERS);

	if (n == 0)
		rd_fail(r, ERR_FORMAT);
	for (size_t i = 0; i < n && r->err == 0; i++) {
		rd_founder(r, &c->founders[i]);
		if (i > 0 && pubkey_cmp(&c->founders[i - 1].identity,
					&c->founders[i].identity) >= 0)
			rd_fail(r, ERR_FORMAT);
	}
	c->founders_n = n;
}

int charter_decode(struct charter *out, const void *p, size_t n)
{
	struct charter c;
	uint32_t fields;
	struct rd r;

	if (n > LIMIT_CHARTER)
		return ERR_LIMIT;
	memset(&c, 0, sizeof(c));
	rd_init(&r, p, n);
	fields = rd_array(&r, UINT32_MAX);
	if (rd_uint(&r, UINT64_MAX) != 1)
		rd_fail(&r, ERR_VERSION);
	if (fields != 8)
		rd_fail(&r, ERR_FORMAT);
	rd_plain(&r, c.name, LIMIT_NAME);
	rd_plain(&r, c.currency, sizeof(c.currency) - 1);
	if (c.name[0] == '\0' ||
	    !currency_is_valid(c.currency, strlen(c.currency)))
		rd_fail(&r, ERR_FORMAT);
	rd_founders(&r, &c);
	c.is_public = rd_uint(&r, 1) == 1;
	c.quorum = (unsigned)rd_uint(&r, LIMIT_QUORUM);
	c.created_ms = rd_uint(&r, LIMIT_TIME_MS);
	rd_fixed(&r, c.nonce, sizeof(c.nonce));
	if (rd_end(&r) != 0)
		return rd_end(&r);
	*out = c;
	return 0;
}

static void wr_founder(struct wr *w, const struct founder *f)
{
	wr_array(w, 4);
	wr_bin(w, f->identity.b, sizeof(f->identity.b));
	wr_text(w, f->label, strlen(f->label));
	wr_text(w, f->name, strlen(f->name));
	wr_text(w, f->place, strlen(f->place));
}

/* The founder with the smallest identity above before; NULL when there is
 * none.  Founders who are named twice come out once, so the count disagrees
 * and the bytes do not decode. */
static const struct founder *founder_after(const struct charter *c,
					   const struct founder *before)
{
	const struct founder *best = NULL;

	for (size_t i = 0; i < c->founders_n; i++) {
		const struct founder *f = &c->founders[i];

		if (before != NULL &&
		    pubkey_cmp(&f->identity, &before->identity) <= 0)
			continue;
		if (best == NULL ||
		    pubkey_cmp(&f->identity, &best->identity) < 0)
			best = f;
	}
	return best;
}

int charter_encode(uint8_t out[static LIMIT_CHARTER], size_t *n,
		   const struct charter *c)
{
	const struct founder *f = NULL;
	struct charter again;
	struct wr w;
	size_t len;
	int err;

	if (c->founders_n > LIMIT_FOUNDERS)
		return ERR_LIMIT;
	wr_init(&w, out, LIMIT_CHARTER);
	wr_array(&w, 8);
	wr_uint(&w, 1);
	wr_text(&w, c->name, strlen(c->name));
	wr_text(&w, c->currency, strlen(c->currency));
	wr_array(&w, (uint32_t)c->founders_n);
	while ((f = founder_after(c, f)) != NULL)
		wr_founder(&w, f);
	wr_uint(&w, c->is_public);
	wr_uint(&w, c->quorum);
	wr_uint(&w, c->created_ms);
	wr_bin(&w, c->nonce, sizeof(c->nonce));
	err = wr_end(&w, &len);
	if (err == 0)
		err = charter_decode(&again, out, len);
	if (err == 0)
		*n = len;
	return err;
}

int charter_id(struct id *out, const struct charter *c)
{
	uint8_t buf[LIMIT_CHARTER];
	size_t n;
	int err = charter_encode(buf, &n, c);

	if (err == 0)
		*out = hash_id(buf, n);
	return err;
}

bool charter_has_founder(const struct charter *c, const struct pubkey *who)
{
	for (size_t i = 0; i < c->founders_n; i++)
		if (pubkey_eq(&c->founders[i].identity, who))
			return true;
	return false;
}
