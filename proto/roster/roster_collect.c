#include "crypto/err.h"
#include "proto/roster/roster_fold.h"

#include <stdlib.h>
#include <string.h>

static int by_identity(const void *a, const void *b)
{
	return pubkey_cmp(&((const struct person *)a)->m.identity,
			  &((const struct person *)b)->m.identity);
}

/* Everybody who founded, or whom somebody said to admit. */
static int collect_people(struct fold *f, const struct roster *r)
{
	size_t n = 0, max = r->said_n + LIMIT_FOUNDERS;
	struct person *p = calloc(max, sizeof(*p));

	if (p == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < f->charter.founders_n; i++)
		p[n++].m.identity = f->charter.founders[i].identity;
	for (size_t i = 0; i < r->said_n; i++)
		if (r->said[i].kind == KIND_ADMIT)
			memcpy(p[n++].m.identity.b, r->said[i].key, KEY_SIZE);
	qsort(p, n, sizeof(*p), by_identity);
	f->people = p;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || by_identity(&p[f->people_n - 1], &p[i]) != 0)
			p[f->people_n++] = p[i];
	return 0;
}

/* Something to be sorted by two numbers and an id.  People are sorted by
 * identity, so the smallest index is the smallest identity. */
struct sortable {
	size_t a, b;
	struct id id;
	size_t value;
};

static int by_all(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	if (x->b != y->b)
		return x->b < y->b ? -1 : 1;
	return id_cmp(&x->id, &y->id);
}

static size_t author_of(const struct fold *f, const struct roster *r,
			const struct said *s)
{
	const struct roster_feed *feed = roster_feed(r, &s->feed);

	return feed == NULL ? SIZE_MAX : keys_person(f, &feed->certifier);
}

/* What was said by people about people, sorted by (about, 0, id) or, for
 * admissions, (about, author, id).  Returns how many. */
static size_t gather(struct sortable *out, const struct fold *f,
		     const struct roster *r, bool is_admit)
{
	size_t n = 0;

	for (size_t i = 0; i < r->said_n; i++) {
		const struct said *s = &r->said[i];
		struct pubkey key;
		size_t who, author;

		if (is_admit ? s->kind != KIND_ADMIT
			     : s->kind != KIND_DISMISS &&
				       s->kind != KIND_RELEASE)
			continue;
		memcpy(key.b, s->key, KEY_SIZE);
		who = fold_person(f, &key);
		author = author_of(f, r, s);
		if (who != SIZE_MAX && author != SIZE_MAX)
			out[n++] =
				(struct sortable){ who, is_admit ? author : 0,
						   s->id, i };
	}
	qsort(out, n, sizeof(*out), by_all);
	return n;
}

static int collect_admissions(struct fold *f, const struct roster *r,
			      struct sortable *s)
{
	size_t n = gather(s, f, r, true);

	f->admissions = calloc(n + 1, sizeof(*f->admissions));
	f->gave = calloc(n + 1, sizeof(*f->gave));
	if (f->admissions == NULL || f->gave == NULL)
		return ERR_NOMEM;
	f->admissions_n = n;
	for (size_t i = 0; i < n; i++) {
		struct admission *a = &f->admissions[i];
		struct person *p = &f->people[s[i].a];

		a->said = s[i].value;
		a->id = s[i].id;
		a->author = s[i].b;
		a->who = s[i].a;
		if (p->admitted_end == 0)
			p->admitted = i;
		p->admitted_end = i + 1;
		s[i] = (struct sortable){ a->author, a->who, a->id, i };
	}
	qsort(s, n, sizeof(*s), by_all);
	for (size_t i = 0; i < n; i++) {
		struct person *p = &f->people[s[i].a];

		f->gave[i] = s[i].value;
		if (p->gave_end == 0)
			p->gave = i;
		p->gave_end = i + 1;
	}
	return 0;
}

static int collect_verdicts(struct fold *f, const struct roster *r,
			    struct sortable *s)
{
	size_t n = gather(s, f, r, false);

	f->verdicts = calloc(n + 1, sizeof(*f->verdicts));
	if (f->verdicts == NULL)
		return ERR_NOMEM;
	f->verdicts_n = n;
	for (size_t i = 0; i < n; i++) {
		struct person *p = &f->people[s[i].a];

		f->verdicts[i].said = s[i].value;
		f->verdicts[i].author = author_of(f, r, &r->said[s[i].value]);
		if (p->verdict_end == 0)
			p->verdict = i;
		p->verdict_end = i + 1;
	}
	return 0;
}

static int get_scratch(struct fold *f)
{
	size_t n = f->people_n + 1;

	f->members = calloc(n, sizeof(*f->members));
	f->queue = calloc(n, sizeof(*f->queue));
	f->climb = calloc(n, sizeof(*f->climb));
	f->is_seen = calloc(n, sizeof(*f->is_seen));
	f->ids = calloc(LIMIT_PINS, sizeof(*f->ids));
	f->positions = calloc(LIMIT_PINS, sizeof(*f->positions));
	if (f->members == NULL || f->queue == NULL || f->climb == NULL ||
	    f->is_seen == NULL || f->ids == NULL || f->positions == NULL)
		return ERR_NOMEM;
	return 0;
}

int fold_collect(struct fold *f, const struct roster *r)
{
	struct sortable *s = calloc(r->said_n + 1, sizeof(*s));
	int err = s == NULL ? ERR_NOMEM : collect_people(f, r);

	if (err == 0)
		err = collect_admissions(f, r, s);
	if (err == 0)
		err = collect_verdicts(f, r, s);
	if (err == 0)
		err = get_scratch(f);
	free(s);
	return err;
}
