#include "crypto/err.h"
#include "proto/roster/limits.h"
#include "proto/roster/roster_fold.h"
#include "proto/roster/rotation.h"

#include <stdlib.h>

const struct id *roster_network(const struct roster *r)
{
	return &r->network;
}

const struct charter *roster_charter(const struct roster *r)
{
	return r->fold.charter.founders_n > 0 ? &r->fold.charter : NULL;
}

/* Whoever has, or had, this identity key. */
static size_t person_of(const struct fold *f, const struct pubkey *identity)
{
	return fold_person(f, keys_identity(f, identity));
}

const struct member *roster_member(const struct roster *r,
				   const struct pubkey *identity)
{
	size_t i = person_of(&r->fold, identity);

	if (i == SIZE_MAX || !r->fold.people[i].is_placed)
		return NULL;
	return &r->fold.people[i].m;
}

size_t roster_count(const struct roster *r)
{
	return r->fold.members_n;
}

const struct member *roster_at(const struct roster *r, size_t i)
{
	if (i >= r->fold.members_n)
		return NULL;
	return &r->fold.people[r->fold.members[i]].m;
}

bool roster_is_below(const struct roster *r, const struct pubkey *who,
		     const struct pubkey *above)
{
	size_t a = person_of(&r->fold, who), b = person_of(&r->fold, above);

	return a != SIZE_MAX && b != SIZE_MAX && fold_is_below(&r->fold, a, b);
}

int roster_above(const struct roster *r, const struct pubkey *who,
		 roster_visit *visit, void *arg)
{
	const struct fold *f = &r->fold;
	size_t w = person_of(f, who);
	size_t n = w == SIZE_MAX ? 0 : fold_climb(f, w);
	int err = 0;

	for (size_t i = 1; i < n && err == 0; i++)
		err = visit(arg, &f->people[f->climb[i]].m);
	return err;
}

/* PROTOCOL: What vouches for a member are its standing admissions, and when
 * none stands, those that the dismissal which set the pins took away. */
static bool vouches(const struct admission *a, const struct person *p)
{
	if (!a->is_valid || a->is_replaced)
		return false;
	return p->m.is_standing ? !a->is_dismissed : a->is_pinned;
}

/* PROTOCOL: A founder who was added is vouched for by the founders who signed
 * the amendment that added it. */
static bool founder_is_vouched(const struct fold *f, const struct pubkey *who,
			       size_t sender)
{
	const struct sponsored *s = fold_sponsored(f, who);

	for (size_t i = 0; s != NULL && i < s->by_n; i++)
		if (!fold_depends(f, fold_person(f, &s->by[i]), sender))
			return true;
	return s == NULL;
}

/* PROTOCOL: if each rotation that leads to it in the chain (*Rotation*) is
 * signed by the key before, or is named by somebody who does not depend on the
 * sender. */
static bool step_is_vouched(const struct roster *r, const struct person *p,
			    const struct pubkey *to, size_t sender)
{
	const struct fold *f = &r->fold;
	const struct edge *e;

	for (size_t i = keys_first(f, &p->m.identity);
	     (e = keys_edge(f, i, &p->m.identity)) != NULL; i++) {
		const struct roster_feed *feed =
			roster_feed(r, &r->said[e->said].feed);

		if (!e->is_used || !pubkey_eq(&e->to, to))
			continue;
		if (e->is_signed ||
		    !fold_depends(f, keys_person(f, &feed->certifier), sender))
			return true;
	}
	return false;
}

static bool key_is_vouched(const struct roster *r, const struct person *p,
			   const struct pubkey *key, size_t sender)
{
	if (pubkey_eq(key, &p->m.identity))
		return true;
	for (size_t i = 0; i < p->keys_end - p->keys; i++) {
		const struct pubkey *at = &r->fold.keys[p->keys + i];

		if (!step_is_vouched(r, p, at, sender))
			return false;
		if (pubkey_eq(at, key))
			break;
	}
	return true;
}

bool roster_is_vouched(const struct roster *r, const struct pubkey *key,
		       const struct pubkey *sender)
{
	const struct fold *f = &r->fold;
	size_t w = person_of(f, key), s = person_of(f, sender);
	const struct person *p;

	if (w == SIZE_MAX || !f->people[w].is_placed ||
	    !key_is_vouched(r, &f->people[w], key, s))
		return false;
	p = &f->people[w];
	if (p->m.depth == 0)
		return founder_is_vouched(f, &p->m.identity, s);
	for (size_t i = p->admitted; i < p->admitted_end; i++) {
		const struct admission *a = &f->admissions[i];

		if (vouches(a, p) && !fold_depends(f, a->author, s))
			return true;
	}
	return false;
}

bool roster_may_admit(const struct roster *r, const struct pubkey *identity)
{
	const struct member *m = roster_member(r, identity);

	return m != NULL && m->is_standing && m->may_admit;
}

bool roster_standing_admit(const struct roster *r, struct id *out,
			   const struct pubkey *who,
			   const struct pubkey *author)
{
	const struct fold *f = &r->fold;
	size_t w = person_of(f, who), by = person_of(f, author);

	if (w == SIZE_MAX)
		return false;
	for (size_t i = f->people[w].admitted; i < f->people[w].admitted_end;
	     i++) {
		const struct admission *a = &f->admissions[i];

		if (a->author == by && a->is_valid && !a->is_replaced &&
		    !a->is_dismissed) {
			*out = a->id;
			return true;
		}
	}
	return false;
}

struct id roster_digest(const struct roster *r)
{
	return r->fold.digest;
}

/* Asking writes to nothing but the scratch of fold_is_below. */
int roster_reader(struct roster **out, const struct roster *r)
{
	struct roster *x = malloc(sizeof(*x));
	size_t n = r->fold.people_n + 1;

	if (x == NULL)
		return ERR_NOMEM;
	*x = *r;
	x->fold.climb = calloc(n, sizeof(*x->fold.climb));
	x->fold.is_seen = calloc(n, sizeof(*x->fold.is_seen));
	if (x->fold.climb == NULL || x->fold.is_seen == NULL) {
		roster_reader_close(x);
		return ERR_NOMEM;
	}
	*out = x;
	return 0;
}

void roster_reader_close(struct roster *reader)
{
	if (reader == NULL)
		return;
	free(reader->fold.climb);
	free(reader->fold.is_seen);
	free(reader);
}
