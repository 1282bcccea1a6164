#include "crypto/err.h"
#include "proto/grow.h"
#include "proto/roster/roster_fold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The valid admission of `who` by author with this id, NULL when none. */
static struct admission *find_admission(struct fold *f, const struct person *p,
					size_t author, const struct id *id)
{
	size_t low = p->admitted, high = p->admitted_end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct admission *a = &f->admissions[mid];
		int c = id_cmp(&a->id, id);

		if (a->author == author && c == 0)
			return a->is_valid ? a : NULL;
		if (a->author < author || (a->author == author && c < 0))
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static void replace(struct fold *f, const struct roster *r,
		    const struct person *p)
{
	for (size_t i = p->admitted; i < p->admitted_end; i++) {
		const struct admission *a = &f->admissions[i];
		struct admission *old;
		struct record rec;
		struct id id;

		if (!a->is_valid)
			continue;
		said_read(&rec, &r->said[a->said]);
		if (!record_has(&rec, FACT_REPLACES))
			continue;
		id = record_id(&rec, FACT_REPLACES);
		old = find_admission(f, p, a->author, &id);
		if (old != NULL)
			old->is_replaced = true;
	}
}

static int id_order(const void *a, const void *b)
{
	return id_cmp(a, b);
}

/* Does this dismissal take the admission away?  f->ids has the n it lists. */
static bool takes(const struct fold *f, size_t by, const struct admission *a,
		  size_t n)
{
	/* PROTOCOL: A dismissal takes away those of the admissions it lists
	 * that its author, or somebody below its author, gave. */
	return a->is_valid &&
	       bsearch(&a->id, f->ids, n, sizeof(*f->ids), id_order) != NULL &&
	       (a->author == by || fold_is_below(f, a->author, by));
}

/* Is what was said heard, from somebody less deep than whom it is about? */
static bool is_heard_above(const struct fold *f, const struct verdict *v,
			   const struct said *s, const struct person *about)
{
	const struct person *by = &f->people[v->author];

	return by->is_placed && by->m.depth < about->m.depth &&
	       fold_heard(f, v->author, s);
}

/* All dismissals of p; the one that sets the pins, or NULL. */
static const struct verdict *dismiss(struct fold *f, const struct roster *r,
				     const struct person *p)
{
	const struct verdict *first = NULL;

	/* Verdicts stand in rising order of id. */
	for (size_t i = p->verdict; i < p->verdict_end; i++) {
		const struct verdict *v = &f->verdicts[i];
		const struct said *s = &r->said[v->said];
		bool any = false;
		struct record rec;
		size_t n;

		if (s->kind != KIND_DISMISS || !is_heard_above(f, v, s, p))
			continue;
		said_read(&rec, s);
		n = record_ids(&rec, FACT_ADMITS, f->ids, LIMIT_PINS);
		for (size_t k = p->admitted; k < p->admitted_end; k++) {
			struct admission *a = &f->admissions[k];

			if (!takes(f, v->author, a, n))
				continue;
			a->is_dismissed = true;
			any = true;
		}
		/* PROTOCOL: Of several dismissals of one member the one with
		 * the smallest (depth of author, id) sets the pins. */
		if (any &&
		    (first == NULL || f->people[v->author].m.depth <
					      f->people[first->author].m.depth))
			first = v;
	}
	return first;
}

/* The admission that says who p is: the first that stands, else the first
 * that was dismissed, of those that were not replaced; they are sorted by
 * (author, id).  One always is: nothing can replace what replaces it. */
static const struct admission *governing(const struct fold *f,
					 const struct person *p)
{
	const struct admission *best = NULL;

	for (size_t i = p->admitted; i < p->admitted_end; i++) {
		const struct admission *a = &f->admissions[i];

		if (a->is_valid && !a->is_replaced &&
		    (best == NULL || (best->is_dismissed && !a->is_dismissed)))
			best = a;
	}
	assert(best != NULL); /* a valid one placed p */
	return best;
}

static void copy_text(char *out, const struct record *rec, enum fact f)
{
	out[0] = '\0';
	if (!record_has(rec, f))
		return;
	memcpy(out, rec->v[f].p, rec->v[f].n);
	out[rec->v[f].n] = '\0';
}

static void settle(struct fold *f, const struct roster *r, struct person *p)
{
	/* PROTOCOL: Role, label, name, place, the right to admit and the
	 * association a member books to come from the standing admission with
	 * the smallest (author, id), and when none stands from the smallest of
	 * those that were dismissed. */
	const struct admission *a = governing(f, p);
	const struct member *author = &f->people[a->author].m;
	struct member *m = &p->m;
	struct record rec;

	said_read(&rec, &r->said[a->said]);
	m->is_standing = !a->is_dismissed;
	m->role = (enum role)record_uint(&rec, FACT_ROLE);
	m->may_admit = record_uint(&rec, FACT_MAY_ADMIT) != 0;
	copy_text(m->label, &rec, FACT_LABEL);
	copy_text(m->name, &rec, FACT_NAME);
	copy_text(m->place, &rec, FACT_PLACE);
	m->admitter = author->identity;
	m->association =
		m->role == ROLE_ASSOCIATION ? m->identity : author->association;
}

static int add_pins(struct fold *f, const struct record *rec, enum fact fact)
{
	size_t n = record_positions(rec, fact, f->positions, LIMIT_PINS);

	for (size_t i = 0; i < n; i++) {
		int err = grow(&f->pins, &f->pins_max, f->pins_n,
			       sizeof(*f->pins));

		if (err != 0)
			return err;
		f->pins[f->pins_n++] = f->positions[i];
	}
	return 0;
}

/* The highest pin of a feed comes first. */
static int pin_order(const void *a, const void *b)
{
	const struct position *x = a, *y = b;
	int c = pubkey_cmp(&x->feed, &y->feed);

	if (c != 0)
		return c;
	if (x->seq != y->seq)
		return x->seq > y->seq ? -1 : 1;
	return id_cmp(&x->id, &y->id);
}

/* PROTOCOL: A release raises one pin if its author is that of the dismissal
 * which set the pins, or above that one. */
static int add_releases(struct fold *f, const struct roster *r,
			const struct person *p, size_t by)
{
	for (size_t i = p->verdict; i < p->verdict_end; i++) {
		const struct verdict *v = &f->verdicts[i];
		const struct said *s = &r->said[v->said];
		struct record rec;
		int err;

		if (s->kind != KIND_RELEASE ||
		    (v->author != by && !fold_is_below(f, by, v->author)) ||
		    !is_heard_above(f, v, s, p))
			continue;
		said_read(&rec, s);
		if (record_has(&rec, FACT_NUMBER))
			continue; /* of an end */
		err = add_pins(f, &rec, FACT_POSITION);
		if (err != 0)
			return err;
	}
	return 0;
}

static int pin(struct fold *f, const struct roster *r, struct person *p,
	       const struct verdict *dismissal)
{
	const struct said *s = &r->said[dismissal->said];
	struct record rec;
	size_t n;
	int err;

	said_read(&rec, s);
	p->dismissal = s->id;
	p->m.dismisser = f->people[dismissal->author].m.identity;
	n = record_ids(&rec, FACT_ADMITS, f->ids, LIMIT_PINS);
	for (size_t k = p->admitted; k < p->admitted_end; k++)
		f->admissions[k].is_pinned =
			takes(f, dismissal->author, &f->admissions[k], n);
	p->pin = f->pins_n;
	err = add_pins(f, &rec, FACT_PINS);
	if (err == 0)
		err = add_releases(f, r, p, dismissal->author);
	if (err != 0)
		return err;
	if (f->pins_n > p->pin)
		qsort(f->pins + p->pin, f->pins_n - p->pin, sizeof(*f->pins),
		      pin_order);
	p->pin_end = p->pin;
	for (size_t i = p->pin; i < f->pins_n; i++)
		if (p->pin_end == p->pin ||
		    !pubkey_eq(&f->pins[p->pin_end - 1].feed, &f->pins[i].feed))
			f->pins[p->pin_end++] = f->pins[i];
	f->pins_n = p->pin_end;
	return 0;
}

int fold_judge(struct fold *f, const struct roster *r, size_t who)
{
	struct person *p = &f->people[who];
	const struct verdict *dismissal;

	replace(f, r, p);
	dismissal = dismiss(f, r, p);
	settle(f, r, p);
	if (p->m.is_standing)
		return 0;
	assert(dismissal != NULL); /* something took them away */
	return pin(f, r, p, dismissal);
}
