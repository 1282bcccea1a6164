#include "proto/audit/audit_case.h"

#include "crypto/bytes.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

int cases_add(struct cases *all, const struct audit_case *one)
{
	int err = grow(&all->at, &all->max, all->n, sizeof(*all->at));

	if (err == 0)
		all->at[all->n++] = *one;
	return err;
}

int cases_join(struct cases *all, const struct cases *more)
{
	int err = 0;

	for (size_t i = 0; i < more->n && err == 0; i++)
		err = cases_add(all, &more->at[i]);
	return err;
}

void cases_release(struct cases *all)
{
	free(all->at);
	*all = (struct cases){ .at = NULL };
}

static int number_cmp(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int who_cmp(const struct member *a, const struct member *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return pubkey_cmp(&a->identity, &b->identity);
}

/* Are two cases one finding?  0: they are. */
static int finding_cmp(const struct audit_case *a, const struct audit_case *b)
{
	size_t n = a->item_n < b->item_n ? a->item_n : b->item_n;
	int c = number_cmp(a->code, b->code);

	if (c == 0)
		c = who_cmp(a->who, b->who);
	if (c == 0 && n > 0)
		c = memcmp(a->item, b->item, n);
	return c != 0 ? c : number_cmp(a->item_n, b->item_n);
}

static int case_cmp(const void *a, const void *b)
{
	const struct audit_case *x = a, *y = b;
	int c = finding_cmp(x, y);

	if (c == 0)
		c = number_cmp(x->feed, y->feed);
	return c != 0 ? c : number_cmp(x->at, y->at);
}

/* The subject is the member, or the item, or both. */
static struct finding start(const struct audit_case *c)
{
	struct finding x = { .code = c->code };
	size_t n = 0, room = sizeof(x.item) - 1;

	if (c->who != NULL) {
		hex_encode(x.subject, c->who->identity.b, KEY_SIZE);
		n = strlen(x.subject);
		memcpy(x.who, c->who->label, sizeof(c->who->label));
	}
	if (c->item_n == 0)
		return x;
	room = c->item_n < room ? c->item_n : room;
	memcpy(x.item, c->item, room);
	if (n > 0)
		x.subject[n++] = ' ';
	memcpy(x.subject + n, x.item, room + 1);
	return x;
}

/* Cases [i, end) are one finding, in order of their entries. */
static int tell_one(struct fold *f, const struct cases *all, size_t i,
		    size_t end)
{
	struct finding x = start(&all->at[i]);

	for (; i < end; i++) {
		const struct audit_case *c = &all->at[i];
		const struct audit_scan *s = f->feeds[c->feed].scan;
		struct position at = { s->feed, c->at + 1UL, s->at[c->at].id };

		if (i > 0 && case_cmp(&all->at[i - 1], c) == 0)
			continue;
		x.amount += c->amount;
		finding_prove(&x, &at);
	}
	return findings_add(&f->a->findings, &x);
}

int cases_tell(struct fold *f, struct cases *all)
{
	size_t end;
	int err = 0;

	if (all->n > 0)
		qsort(all->at, all->n, sizeof(*all->at), case_cmp);
	for (size_t i = 0; i < all->n && err == 0; i = end) {
		for (end = i + 1; end < all->n; end++)
			if (finding_cmp(&all->at[i], &all->at[end]) != 0)
				break;
		err = tell_one(f, all, i, end);
	}
	return err;
}
