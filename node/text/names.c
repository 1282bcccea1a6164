#include "node/text/names.h"

#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "proto/record.h"
#include "store/private.h"

#include <stdlib.h>
#include <string.h>

void names_key(uint8_t out[static NAMES_KEY], const struct tag *outsider)
{
	memcpy(out, "handle:", 7);
	memcpy(out + 7, outsider->b, TAG_SIZE);
}

static void put_row(struct names *out, size_t i, const struct party *p)
{
	size_t n = strlen(p->name);

	names_key(out->key[i], &p->outsider);
	out->value[i][0] = p->is_public ? '=' : '~';
	memcpy(out->value[i] + 1, p->name, n);
	out->rows[i] = (struct keepsake){ out->key[i], NAMES_KEY, out->value[i],
					  1 + n };
	out->rows_n = i + 1;
}

static void put_draft(struct names *out, const struct party *p, uint64_t ms)
{
	uint8_t *facts = out->facts[out->drafts_n];
	struct draft *d = &out->drafts[out->drafts_n];
	struct record rec;

	record_init(&rec, KIND_PARTY);
	record_set_bytes(&rec, FACT_OUTSIDER, p->outsider.b, TAG_SIZE);
	record_set_bytes(&rec, FACT_NAME, p->name, strlen(p->name));
	*d = (struct draft){ KIND_PARTY, ms, facts, 0 };
	/* party_resolve has checked the name, so this cannot fail. */
	if (record_encode(&rec, facts, NAMES_FACTS, &d->facts_n) == 0)
		out->drafts_n++;
}

void names_fill(struct names *out, const struct party *parties, size_t n,
		uint64_t time_ms)
{
	out->rows_n = 0;
	out->drafts_n = 0;
	for (size_t i = 0; i < n && i < NAMES_MAX; i++) {
		put_row(out, i, &parties[i]);
		if (parties[i].is_public)
			put_draft(out, &parties[i], time_ms);
	}
}

/* Does this home remember the name, and the network too if it is public? */
static bool is_known(struct desk *d, const struct party *p)
{
	const struct roster *r = desk_roster(d);
	uint8_t key[NAMES_KEY], value[1 + PARTY_NAME];
	char name[LIMIT_NAME + 1];
	size_t n = strlen(p->name), got;

	names_key(key, &p->outsider);
	if (store_get(d->store, TABLE_PRIVATE, key, sizeof(key), value,
		      sizeof(value), &got) != 0 ||
	    got != 1 + n || memcmp(value + 1, p->name, n) != 0)
		return false;
	if (!p->is_public)
		return true;
	/* Before the member is admitted its own `party` entries do not count
	 * yet; the row tells that one was made. */
	if (r == NULL || roster_member(r, &d->identity) == NULL)
		return value[0] == '=';
	return roster_party_name(r, name, &d->identity, &p->outsider);
}

int party_keep(struct desk *d, const struct party *p)
{
	if (p->is_member || is_known(d, p))
		return 0;
	for (size_t i = 0; i < d->kept_n; i++)
		if (memcmp(d->kept[i].outsider.b, p->outsider.b, TAG_SIZE) ==
			    0 &&
		    d->kept[i].is_public >= p->is_public)
			return 0;
	if (d->kept_n == NAMES_MAX)
		return ERR_LIMIT;
	if (d->kept == NULL)
		d->kept = calloc(NAMES_MAX, sizeof(*d->kept));
	if (d->kept == NULL)
		return ERR_NOMEM;
	d->kept[d->kept_n++] = *p;
	return 0;
}
