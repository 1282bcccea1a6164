#include "proto/audit/audit_mark.h"

#include "crypto/err.h"
#include "proto/book/closing.h"
#include "proto/grow.h"

#include <string.h>

void mark_add(struct hasher *h, const void *p, size_t n)
{
	uint64_t size = n;

	hasher_add(h, &size, sizeof(size));
	if (n > 0)
		hasher_add(h, p, n);
}

void mark_fact(struct hasher *h, const struct record *rec, enum fact f)
{
	uint64_t head[2] = { f, rec->v[f].u };

	if (!record_has(rec, f))
		return;
	mark_add(h, head, sizeof(head));
	mark_add(h, rec->v[f].p, rec->v[f].n);
}

struct tag mark_end(struct hasher *h)
{
	struct id id = hasher_id(h);
	struct tag tag;

	memcpy(tag.b, id.b, TAG_SIZE);
	return tag;
}

int mark_leave(const struct look *l, enum mark_kind kind, struct tag hash,
	       const struct member *who)
{
	struct marks *m = l->marks;
	int err = grow(&m->at, &m->max, m->n, sizeof(*m->at));

	if (err == 0)
		m->at[m->n++] = (struct mark){ .hash = hash,
					       .kind = kind,
					       .feed = (uint32_t)l->feed,
					       .at = (uint32_t)l->at,
					       .date_ms = record_date(l->rec),
					       .who = who };
	return err;
}
