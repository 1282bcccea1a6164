#include "node/cmd/pending.h"

#include "node/text/i18n.h"

#include <stdio.h>

static bool waits(struct rotation *out, const struct roster *r, size_t i)
{
	const struct member *m;

	*out = roster_rotation_at(r, i);
	if (out->state != ROTATION_WAITS)
		return false;
	/* Said once more, of a key that has followed already. */
	m = roster_member(r, &out->to);
	return m == NULL || !pubkey_eq(&m->identity, &out->who);
}

/* Was it said before?  All of one member stand together. */
static bool is_again(const struct roster *r, size_t i, const struct rotation *x)
{
	for (; i > 0; i--) {
		struct rotation y = roster_rotation_at(r, i - 1);

		if (!pubkey_eq(&y.who, &x->who))
			break;
		if (pubkey_eq(&y.to, &x->to) && y.state == ROTATION_WAITS)
			return true;
	}
	return false;
}

bool pending_next(struct rotation *out, size_t *at, const struct roster *r)
{
	for (size_t i = *at; i < roster_rotation_count(r); i++)
		if (waits(out, r, i) && !is_again(r, i, out)) {
			*at = i + 1;
			return true;
		}
	return false;
}

bool pending_find(struct rotation *out, const struct roster *r,
		  const struct pubkey *who, const struct pubkey *to)
{
	size_t at = 0;

	while (pending_next(out, &at, r))
		if ((who == NULL || pubkey_eq(who, &out->who)) &&
		    (to == NULL || pubkey_eq(to, &out->to)))
			return true;
	return false;
}

void pending_text(char out[static PENDING_TEXT], const struct rotation *x)
{
	char print[FINGERPRINT_SIZE];

	fingerprint(print, &x->to);
	if (x->voices > 0)
		snprintf(out, PENDING_TEXT,
			 P_("new key %s once %zu more founder says so",
			    "new key %s once %zu more founders say so",
			    x->voices),
			 print, x->voices);
	else
		snprintf(out, PENDING_TEXT,
			 P_("new key %s after %u checkpoint",
			    "new key %s after %u checkpoints", x->missing),
			 print, x->missing);
}

json_t *pending_json(const struct rotation *x)
{
	json_t *o = json_object();

	json_put(&o, "key", json_key(&x->to));
	json_put(&o, "checkpoints", json_integer(x->missing));
	json_put(&o, "founders", json_integer((json_int_t)x->voices));
	return o;
}
