#include "node/text/labels.h"

#include "crypto/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_label(const void *a, const void *b)
{
	const struct member *const *x = a, *const *y = b;

	return strcmp((*x)->label, (*y)->label);
}

static int by_key(const void *a, const void *b)
{
	return pubkey_cmp(a, b);
}

int labels_open(struct labels *l, const struct roster *roster)
{
	*l = (struct labels){ .roster = roster,
			      .members = roster_count(roster),
			      .feeds = roster_feed_count(roster) };
	l->member = calloc(l->members + 1, sizeof(const struct member *));
	l->owner = calloc(l->feeds + 1, sizeof(*l->owner));
	if (l->member == NULL || l->owner == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < l->members; i++)
		l->member[i] = roster_at(roster, i);
	for (size_t i = 0; i < l->feeds; i++)
		l->owner[i] = roster_feed_at(roster, i)->identity;
	qsort(l->member, l->members, sizeof(const struct member *), by_label);
	qsort(l->owner, l->feeds, sizeof(*l->owner), by_key);
	return 0;
}

void labels_close(struct labels *l)
{
	free(l->member);
	free(l->owner);
	*l = (struct labels){ .roster = NULL };
}

/* A member's label, when no other has it; else NULL. */
static const char *only_label(const struct labels *l,
			      const struct pubkey *identity)
{
	const struct member *m = roster_member(l->roster, identity);
	const struct member **at;
	size_t i;

	if (m == NULL)
		return NULL;
	at = bsearch(&m, l->member, l->members, sizeof(*at), by_label);
	if (at == NULL)
		return NULL;
	i = (size_t)(at - l->member);
	if ((i > 0 && strcmp(l->member[i - 1]->label, m->label) == 0) ||
	    (i + 1 < l->members &&
	     strcmp(l->member[i + 1]->label, m->label) == 0))
		return NULL;
	return m->label;
}

static bool has_one_feed(const struct labels *l, const struct pubkey *identity)
{
	const struct pubkey *at = bsearch(identity, l->owner, l->feeds,
					  sizeof(*l->owner), by_key);
	size_t i;

	if (at == NULL)
		return false;
	i = (size_t)(at - l->owner);
	return !(i > 0 && pubkey_eq(at, at - 1)) &&
	       !(i + 1 < l->feeds && pubkey_eq(at, at + 1));
}

void labels_member(const struct labels *l, char out[static PARTY_TEXT],
		   const struct pubkey *member)
{
	const char *label = only_label(l, member);

	if (label != NULL)
		snprintf(out, PARTY_TEXT, "%s", label);
	else
		member_text(out, l->roster, member);
}

void labels_feed(const struct labels *l, char out[static REF_TEXT],
		 const struct pubkey *feed)
{
	const struct roster_feed *f = roster_feed(l->roster, feed);
	const char *label = f == NULL || !has_one_feed(l, &f->identity)
				    ? NULL
				    : only_label(l, &f->identity);

	if (label != NULL)
		snprintf(out, REF_TEXT, "%s", label);
	else
		feed_text(out, l->roster, feed);
}

void labels_ref(const struct labels *l, char out[static REF_TEXT],
		const struct pubkey *feed, uint64_t seq)
{
	size_t n;

	labels_feed(l, out, feed);
	n = strlen(out);
	snprintf(out + n, REF_TEXT - n, "/%llu", (unsigned long long)seq);
}
