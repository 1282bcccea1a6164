#include "crypto/err.h"
#include "proto/roster_fold.h"

#include <stdlib.h>

size_t fold_author(const struct roster *r, const struct said *s)
{
	const struct roster_feed *f = roster_feed(r, &s->feed);

	return f == NULL ? SIZE_MAX : fold_person(r, &f->identity);
}

static int by_identity(const void *a, const void *b)
{
	return pubkey_cmp(&((const struct person *)a)->m.identity,
			  &((const struct person *)b)->m.identity);
}

/* Everybody who founded, or whom somebody said to admit. */
static int collect_people(struct roster *r)
{
	size_t n = 0, max = r->said_n + LIMIT_FOUNDERS;
	struct person *p = calloc(max, sizeof(*p));
	size_t kept = 0;

	if (p == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; r->has_charter && i < r->charter.founders_n; i++)
		p[n++].m.identity = r->charter.founders[i].identity;
	for (size_t i = 0; i < r->said_n; i++) {
		struct record rec;

		if (r->said[i].kind != KIND_ADMIT)
			continue;
		said_read(&rec, &r->said[i]);
		p[n++].m.identity = record_key(&rec, FACT_WHO);
	}
	qsort(p, n, sizeof(*p), by_identity);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || by_identity(&p[kept - 1], &p[i]) != 0)
			p[kept++] = p[i];
	r->people = p;
	r->people_n = kept;
	return 0;
}

/* What an admission is sorted by, beside its indices. */
struct sortable {
	struct admission a;
	struct id id;
};

static int by_who(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;

	if (x->a.who != y->a.who)
		return x->a.who < y->a.who ? -1 : 1;
	if (x->a.author != y->a.author)
		return x->a.author < y->a.author ? -1 : 1;
	return id_cmp(&x->id, &y->id);
}

/* People are sorted by identity, so "the smallest author" is the smallest
 * index. */
static int collect_admissions(struct roster *r)
{
	struct sortable *s = calloc(r->said_n + 1, sizeof(*s));
	size_t n = 0;

	if (s == NULL)
		return ERR_NOMEM;
	r->admissions = calloc(r->said_n + 1, sizeof(*r->admissions));
	if (r->admissions == NULL) {
		free(s);
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < r->said_n; i++) {
		size_t author = fold_author(r, &r->said[i]);
		struct pubkey who;
		struct record rec;

		if (r->said[i].kind != KIND_ADMIT || author == SIZE_MAX)
			continue;
		said_read(&rec, &r->said[i]);
		who = record_key(&rec, FACT_WHO);
		s[n].a.said = i;
		s[n].a.author = author;
		s[n].a.who = fold_person(r, &who);
		s[n].id = r->said[i].id;
		n++;
	}
	qsort(s, n, sizeof(*s), by_who);
	for (size_t i = 0; i < n; i++)
		r->admissions[i] = s[i].a;
	r->admissions_n = n;
	free(s);
	return 0;
}

int fold_collect(struct roster *r)
{
	int err = collect_people(r);

	return err == 0 ? collect_admissions(r) : err;
}
