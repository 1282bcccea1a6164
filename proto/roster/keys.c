#include "proto/roster/keys.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"
#include "proto/roster/roster_fold.h"

#include <stdlib.h>
#include <string.h>

static int by_who(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	int c = pubkey_cmp(&x->who, &y->who);

	return c != 0 ? c : id_cmp(&x->id, &y->id);
}

int keys_collect(struct fold *f, const struct roster *r)
{
	size_t n = 0;

	if (!r->has_rotations)
		return 0;
	for (size_t i = 0; i < r->said_n; i++)
		n += r->said[i].kind == KIND_ROTATE;
	f->edges = calloc(n + 1, sizeof(*f->edges));
	if (f->edges == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < r->said_n; i++) {
		const struct said *s = &r->said[i];
		struct edge *e = &f->edges[f->edges_n];
		struct record rec;

		if (s->kind != KIND_ROTATE)
			continue;
		said_read(&rec, s);
		e->said = i;
		e->id = s->id;
		e->who = record_key(&rec, FACT_WHO);
		e->from = record_key(&rec, FACT_IDENTITY);
		e->to = record_key(&rec, FACT_SUCCESSOR);
		f->edges_n++;
	}
	qsort(f->edges, f->edges_n, sizeof(*f->edges), by_who);
	return 0;
}

/* PROTOCOL: A key is a later key of one member only: of the one named by the
 * signed rotation to it with the smallest id, else by the smallest of those
 * that were named. */
static int by_key(const void *a, const void *b)
{
	const struct alias *x = a, *y = b;
	int c = pubkey_cmp(&x->key, &y->key);

	if (c != 0)
		return c;
	if (x->edge->is_signed != y->edge->is_signed)
		return x->edge->is_signed ? -1 : 1;
	return id_cmp(&x->edge->id, &y->edge->id);
}

int keys_alias(struct fold *f)
{
	size_t n = 0;

	if (f->edges_n == 0)
		return 0;
	f->aliases = calloc(f->edges_n, sizeof(*f->aliases));
	if (f->aliases == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < f->edges_n && f->passes > 0; i++) {
		const struct edge *e = &f->edges[i];

		if (!e->is_void && (e->is_signed || e->was_named) &&
		    !pubkey_eq(&e->to, &e->who))
			f->aliases[n++] = (struct alias){ .key = e->to,
							  .who = e->who,
							  .edge = e };
	}
	qsort(f->aliases, n, sizeof(*f->aliases), by_key);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !pubkey_eq(&f->aliases[f->aliases_n - 1].key,
					 &f->aliases[i].key))
			f->aliases[f->aliases_n++] = f->aliases[i];
	return 0;
}

struct alias *keys_alias_of(const struct fold *f, const struct pubkey *key)
{
	size_t low = 0, high = f->aliases_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = pubkey_cmp(&f->aliases[mid].key, key);

		if (c == 0)
			return &f->aliases[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct pubkey *keys_root(const struct fold *f,
			       const struct pubkey *certifier)
{
	const struct alias *a = keys_alias_of(f, certifier);

	return a == NULL ? certifier : &a->who;
}

const struct pubkey *keys_last(const struct fold *f,
			       const struct pubkey *certifier)
{
	size_t who = keys_person(f, certifier);

	return who == SIZE_MAX || !f->people[who].is_placed
		       ? certifier
		       : &f->people[who].m.key;
}

size_t keys_person(const struct fold *f, const struct pubkey *certifier)
{
	return fold_person(f, keys_root(f, certifier));
}

const struct pubkey *keys_identity(const struct fold *f,
				   const struct pubkey *certifier)
{
	const struct alias *a = keys_alias_of(f, certifier);

	return a == NULL || !a->is_used ? certifier : &a->who;
}

bool keys_admits(struct fold *f, const struct pubkey *who)
{
	struct alias *a = keys_alias_of(f, who);

	if (a != NULL)
		a->is_admitted = true;
	return a == NULL;
}

/* The rotations of one member stand together. */
size_t keys_first(const struct fold *f, const struct pubkey *who)
{
	size_t low = 0, high = f->edges_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&f->edges[mid].who, who) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct edge *keys_edge(const struct fold *f, size_t i, const struct pubkey *who)
{
	if (i >= f->edges_n || !pubkey_eq(&f->edges[i].who, who))
		return NULL;
	return &f->edges[i];
}

bool keys_concern(const struct fold *f, const struct pubkey *key)
{
	return keys_edge(f, keys_first(f, key), key) != NULL ||
	       keys_alias_of(f, key) != NULL;
}

/* PROTOCOL: A signed rotation counts wherever it stands in a feed of somebody
 * in the roster, whoever recorded it. */
static bool is_heard(const struct fold *f, const struct roster *r,
		     const struct said *s)
{
	const struct roster_feed *feed = roster_feed(r, &s->feed);
	size_t who;

	if (feed == NULL)
		return false;
	who = fold_person(f, keys_identity(f, &feed->certifier));
	return who != SIZE_MAX && f->people[who].is_placed;
}

bool keys_again(struct fold *f, const struct roster *r)
{
	bool again = f->passes == 0 && f->edges_n > 0;

	for (size_t i = 0; i < f->edges_n; i++) {
		struct edge *e = &f->edges[i];
		const struct alias *a = keys_alias_of(f, &e->to);
		size_t who = fold_person(f, &e->to);

		/* PROTOCOL: An admission goes before a rotation */
		if (!e->is_void && ((a != NULL && a->is_admitted) ||
				    (a == NULL && who != SIZE_MAX &&
				     f->people[who].is_placed))) {
			e->is_void = true;
			again = true;
		}
		if (!e->is_signed && r->said[e->said].is_signed &&
		    is_heard(f, r, &r->said[e->said])) {
			e->is_signed = true;
			again = true;
		}
		again = again || e->was_named != e->is_named;
	}
	return again;
}

bool keys_is_twin(const struct edge *a, const struct edge *b)
{
	return pubkey_eq(&a->who, &b->who) && pubkey_eq(&a->from, &b->from) &&
	       pubkey_eq(&a->to, &b->to);
}

bool keys_has_signed(const struct fold *f, const struct edge *e)
{
	const struct edge *x;

	for (size_t i = keys_first(f, &e->who);
	     (x = keys_edge(f, i, &e->who)) != NULL; i++)
		if (x->is_signed && keys_is_twin(x, e))
			return true;
	return false;
}

/* PROTOCOL: if it is by the association that admitted the member or by somebody
 * above that one, or by the member itself in a feed that its key in force
 * certified */
static bool may_release(const struct fold *f, const struct roster *r,
			size_t who, const struct verdict *v)
{
	const struct person *p = &f->people[who];
	const struct said *s = &r->said[v->said];
	const struct roster_feed *feed = roster_feed(r, &s->feed);
	size_t admitter;

	if (v->author == who)
		return feed != NULL && pubkey_eq(&feed->certifier, &p->m.key) &&
		       s->seq <= limits_undisputed(r, &s->feed);
	admitter = fold_person(f, &p->m.admitter);
	return admitter != SIZE_MAX && f->people[v->author].is_placed &&
	       (v->author == admitter || fold_is_below(f, admitter, v->author));
}

bool keys_release(struct bar *out, uint64_t *end, const struct fold *f,
		  const struct roster *r, size_t who, const struct verdict *v)
{
	const struct said *s = &r->said[v->said];
	struct position at;
	struct record rec;

	if (s->kind != KIND_RELEASE || !may_release(f, r, who, v) ||
	    !fold_heard(f, v->author, s))
		return false;
	said_read(&rec, s);
	if (record_positions(&rec, FACT_POSITION, &at, 1) != 1)
		return false;
	*out = (struct bar){ at.feed, at.seq, at.id };
	*end = 0;
	return !record_has(&rec, FACT_NUMBER) ||
	       dec_decode(end, LIMIT_SEQ, (const char *)rec.v[FACT_NUMBER].p,
			  rec.v[FACT_NUMBER].n) == 0;
}

/* PROTOCOL: A rotation is *named* if it counts, and is by the association that
 * admitted the member or by somebody above that one */
void keys_name(struct fold *f, const struct roster *r, struct edge *e,
	       size_t who)
{
	const struct said *s = &r->said[e->said];
	const struct roster_feed *feed = roster_feed(r, &s->feed);
	const struct person *p = &f->people[who];
	size_t by = feed == NULL ? SIZE_MAX : keys_person(f, &feed->certifier);
	size_t admitter = fold_person(f, &p->m.admitter);
	size_t ticks;
	struct id pin;

	if (p->m.depth == 0) {
		e->is_named = e->is_agreed;
		return;
	}
	if (by == SIZE_MAX || admitter == SIZE_MAX ||
	    (by != admitter && !fold_is_below(f, admitter, by)) ||
	    !fold_heard(f, by, s))
		return;
	ticks = rotation_ticks(r, s, fold_counted(f, &pin, by, &s->feed));
	e->is_entitled = true;
	e->depth = f->people[by].m.depth;
	e->missing = ticks < ROTATION_CHECKPOINTS
			     ? (unsigned)(ROTATION_CHECKPOINTS - ticks)
			     : 0;
	/* PROTOCOL: it names at once
	 * what is signed */
	if (keys_has_signed(f, e))
		e->missing = 0;
	e->is_named = e->missing == 0;
}
