#include "proto/session/scope.h"

#include "crypto/err.h"

bool scope_eq(const struct msg_scope *a, const struct msg_scope *b)
{
	if (a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (!pubkey_eq(&a->who[i], &b->who[i]))
			return false;
	return true;
}

void scope_read(struct rd *r, struct msg_scope *out)
{
	out->n = rd_array(r, MSG_SCOPE);
	for (uint32_t i = 0; i < out->n && r->err == 0; i++) {
		rd_fixed(r, out->who[i].b, KEY_SIZE);
		if (i > 0 && pubkey_cmp(&out->who[i - 1], &out->who[i]) >= 0)
			rd_fail(r, ERR_FORMAT);
	}
}

void scope_write(struct wr *w, const struct msg_scope *s)
{
	wr_array(w, s->n);
	for (uint32_t i = 0; i < s->n; i++)
		wr_bin(w, s->who[i].b, KEY_SIZE);
}
