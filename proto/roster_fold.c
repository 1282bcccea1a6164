#include "proto/roster_fold.h"

#include "crypto/err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void said_read(struct record *rec, const struct said *s)
{
	int err = record_decode(rec, s->kind, s->bytes, s->n);

	assert(err == 0); /* roster_add decoded the same bytes */
	(void)err;
}

void fold_release(struct roster *r)
{
	free(r->people);
	free(r->admissions);
	free(r->members);
	r->people = NULL;
	r->admissions = NULL;
	r->members = NULL;
	r->people_n = r->admissions_n = r->members_n = 0;
}

size_t fold_person(const struct roster *r, const struct pubkey *identity)
{
	size_t low = 0, high = r->people_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = pubkey_cmp(&r->people[mid].m.identity, identity);

		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return SIZE_MAX;
}

/* Does what was said count?  Its author's standing must be settled. */
static bool is_counted(const struct roster *r, const struct said *s,
		       size_t author)
{
	return author != SIZE_MAX && r->people[author].is_placed &&
	       s->seq <= fold_counted(r, author, &s->feed);
}

/* The first admission of this person; they are sorted by who. */
static size_t first_admission(const struct roster *r, size_t who)
{
	size_t low = 0, high = r->admissions_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->admissions[mid].who < who)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Climbs from person to admitters; depth falls at each step, so it ends. */
bool fold_is_below(const struct roster *r, size_t who, size_t above)
{
	if (r->people[who].m.depth <= r->people[above].m.depth)
		return false;
	for (size_t i = first_admission(r, who);
	     i < r->admissions_n && r->admissions[i].who == who; i++) {
		const struct admission *a = &r->admissions[i];

		if (a->is_valid &&
		    (a->author == above || fold_is_below(r, a->author, above)))
			return true;
	}
	return false;
}

/* How far the pins of the dismissal, raised by releases, let feed count. */
static uint64_t pinned(const struct roster *r, const struct person *p,
		       const struct pubkey *feed)
{
	const struct said *d = &r->said[p->dismissal];
	size_t by = fold_author(r, d);
	struct position *pins = malloc(LIMIT_PINS * sizeof(*pins));
	struct record rec;
	uint64_t upto = 0;
	size_t n;

	if (pins == NULL)
		return 0;
	said_read(&rec, d);
	n = record_positions(&rec, FACT_PINS, pins, LIMIT_PINS);
	for (size_t i = 0; i < n; i++)
		if (pubkey_eq(&pins[i].feed, feed))
			upto = pins[i].seq;
	for (size_t i = 0; i < r->said_n; i++) {
		const struct said *s = &r->said[i];
		struct pubkey who;
		size_t author;

		if (s->kind != KIND_RELEASE)
			continue;
		said_read(&rec, s);
		who = record_key(&rec, FACT_WHO);
		author = fold_author(r, s);
		if (!pubkey_eq(&who, &p->m.identity) ||
		    !is_counted(r, s, author) ||
		    (author != by && !fold_is_below(r, by, author)) ||
		    record_positions(&rec, FACT_POSITION, pins, 1) != 1)
			continue;
		if (pubkey_eq(&pins[0].feed, feed) && pins[0].seq > upto)
			upto = pins[0].seq;
	}
	free(pins);
	return upto;
}

uint64_t fold_counted(const struct roster *r, size_t person,
		      const struct pubkey *feed)
{
	const struct person *p;

	if (person == SIZE_MAX || !r->people[person].is_placed)
		return 0;
	p = &r->people[person];
	if (p->m.is_standing)
		return UINT64_MAX;
	return p->has_dismissal ? pinned(r, p, feed) : 0;
}

static void copy_text(char *out, const struct record *rec, enum fact f)
{
	out[0] = '\0';
	if (!record_has(rec, f))
		return;
	memcpy(out, rec->v[f].p, rec->v[f].n);
	out[rec->v[f].n] = '\0';
}

static void place_founders(struct roster *r)
{
	for (size_t i = 0; r->has_charter && i < r->charter.founders_n; i++) {
		const struct founder *f = &r->charter.founders[i];
		struct person *p = &r->people[fold_person(r, &f->identity)];
		struct member *m = &p->m;

		p->is_placed = true;
		m->depth = 0;
		m->role = ROLE_ASSOCIATION;
		m->may_admit = true;
		m->is_standing = true;
		memcpy(m->label, f->label, sizeof(m->label));
		memcpy(m->name, f->name, sizeof(m->name));
		memcpy(m->place, f->place, sizeof(m->place));
		m->association = m->identity;
	}
}

/* PROTOCOL: Role, label, name, place, the right to admit and the association
 * a member books to come from the standing admission with the smallest (depth
 * of author, author, id), or when none stands from the smallest of those
 * taken away. */
static void settle(struct roster *r, size_t who)
{
	struct person *p = &r->people[who];
	const struct admission *best = NULL;
	const struct person *author;
	struct record rec;

	if (p->m.depth == 0)
		return;
	for (size_t i = first_admission(r, who);
	     i < r->admissions_n && r->admissions[i].who == who; i++) {
		const struct admission *a = &r->admissions[i];

		if (a->is_valid &&
		    (best == NULL || (best->is_taken && !a->is_taken)))
			best = a;
	}
	assert(best != NULL); /* it was placed by a valid one */
	said_read(&rec, &r->said[best->said]);
	author = &r->people[best->author];
	p->m.is_standing = !best->is_taken;
	p->m.role = (enum role)record_uint(&rec, FACT_ROLE);
	p->m.may_admit = record_uint(&rec, FACT_MAY_ADMIT) != 0;
	copy_text(p->m.label, &rec, FACT_LABEL);
	copy_text(p->m.name, &rec, FACT_NAME);
	copy_text(p->m.place, &rec, FACT_PLACE);
	p->m.admitter = author->m.identity;
	if (p->m.role == ROLE_ASSOCIATION)
		p->m.association = p->m.identity;
	else
		p->m.association = author->m.association;
}

/* Admissions by the people at depth d become valid where they may be, and
 * place whom they admit one deeper.  Returns how many were placed. */
static size_t admit_from(struct roster *r, unsigned d)
{
	size_t placed = 0;

	for (size_t i = 0; i < r->admissions_n; i++) {
		struct admission *a = &r->admissions[i];
		const struct person *author = &r->people[a->author];
		struct person *who = &r->people[a->who];

		/* PROTOCOL: An admission counts if its author may admit and is
		 * less deep than whom it admits already is. */
		if (!author->is_placed || author->m.depth != d ||
		    !author->m.may_admit ||
		    (who->is_placed && who->m.depth <= d) ||
		    !is_counted(r, &r->said[a->said], a->author))
			continue;
		a->is_valid = true;
		if (!who->is_placed) {
			who->is_placed = true;
			who->m.depth = d + 1;
			placed++;
		}
	}
	return placed;
}

/* The admission with this id of this person, made at depth d. */
static struct admission *find_admission(struct roster *r, size_t who,
					const struct id *id, unsigned d)
{
	for (size_t i = first_admission(r, who);
	     i < r->admissions_n && r->admissions[i].who == who; i++) {
		struct admission *a = &r->admissions[i];

		if (a->is_valid && r->people[a->author].m.depth == d &&
		    id_eq(&r->said[a->said].id, id))
			return a;
	}
	return NULL;
}

static void replace_from(struct roster *r, unsigned d)
{
	for (size_t i = 0; i < r->admissions_n; i++) {
		struct admission *a = &r->admissions[i], *old;
		struct record rec;
		struct id id;

		if (!a->is_valid || r->people[a->author].m.depth != d)
			continue;
		said_read(&rec, &r->said[a->said]);
		if (!record_has(&rec, FACT_REPLACES))
			continue;
		id = record_id(&rec, FACT_REPLACES);
		old = find_admission(r, a->who, &id, d);
		if (old != NULL && old->author == a->author)
			old->is_taken = true;
	}
}

/* One dismissal, as far as it takes away admissions made at depth d. */
static void dismiss_one(struct roster *r, size_t said, unsigned d,
			struct id *ids)
{
	const struct said *s = &r->said[said];
	size_t by = fold_author(r, s);
	struct person *p;
	struct pubkey key;
	struct record rec;
	size_t n, who, taken = 0;

	if (by == SIZE_MAX || !r->people[by].is_placed ||
	    r->people[by].m.depth > d || !is_counted(r, s, by))
		return;
	said_read(&rec, s);
	key = record_key(&rec, FACT_WHO);
	who = fold_person(r, &key);
	n = record_ids(&rec, FACT_ADMITS, ids, LIMIT_PINS);
	for (size_t i = 0; i < n && who != SIZE_MAX; i++) {
		struct admission *a = find_admission(r, who, &ids[i], d);

		/* PROTOCOL: A dismissal takes away exactly the admissions it
		 * lists, each by its author or by someone below. */
		if (a == NULL ||
		    (a->author != by && !fold_is_below(r, a->author, by)))
			continue;
		a->is_taken = true;
		taken++;
	}
	if (taken == 0)
		return;
	p = &r->people[who];
	if (!p->has_dismissal || r->people[by].m.depth < p->dismissal_depth ||
	    (r->people[by].m.depth == p->dismissal_depth &&
	     id_cmp(&s->id, &r->said[p->dismissal].id) < 0)) {
		p->has_dismissal = true;
		p->dismissal = said;
		p->dismissal_depth = r->people[by].m.depth;
	}
}

static int dismiss_from(struct roster *r, unsigned d)
{
	struct id *ids = malloc(LIMIT_PINS * sizeof(*ids));

	if (ids == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < r->said_n; i++)
		if (r->said[i].kind == KIND_DISMISS)
			dismiss_one(r, i, d, ids);
	free(ids);
	return 0;
}

/* Level by level: whoever may take an admission away is less deep than whom
 * it places, so each level is settled before the next one depends on it. */
static int place_all(struct roster *r)
{
	size_t placed = 1;

	place_founders(r);
	for (unsigned d = 0; placed > 0; d++) {
		int err;

		placed = admit_from(r, d);
		replace_from(r, d);
		err = dismiss_from(r, d);
		if (err != 0)
			return err;
		for (size_t i = 0; i < r->people_n; i++)
			if (r->people[i].is_placed &&
			    r->people[i].m.depth == d + 1)
				settle(r, i);
	}
	return 0;
}

static void digest_member(struct hasher *h, const struct roster *r,
			  const struct person *p)
{
	uint8_t flags[4] = { (uint8_t)p->m.role, p->m.may_admit,
			     p->m.is_standing, p->has_dismissal };

	hasher_add(h, p->m.identity.b, KEY_SIZE);
	hasher_add(h, flags, sizeof(flags));
	hasher_add(h, p->m.admitter.b, KEY_SIZE);
	hasher_add(h, p->m.association.b, KEY_SIZE);
	hasher_add(h, p->m.label, sizeof(p->m.label));
	hasher_add(h, p->m.name, sizeof(p->m.name));
	hasher_add(h, p->m.place, sizeof(p->m.place));
	if (p->has_dismissal)
		hasher_add(h, r->said[p->dismissal].id.b, ID_SIZE);
}

static int publish(struct roster *r)
{
	struct id releases = { { 0 } };
	struct hasher h;

	r->members = calloc(r->people_n + 1, sizeof(*r->members));
	if (r->members == NULL)
		return ERR_NOMEM;
	hasher_init(&h);
	hasher_add(&h, r->network.b, ID_SIZE);
	for (size_t i = 0; i < r->people_n; i++) {
		if (!r->people[i].is_placed)
			continue;
		r->members[r->members_n++] = r->people[i].m;
		digest_member(&h, r, &r->people[i]);
	}
	for (size_t i = 0; i < r->said_n; i++)
		for (size_t k = 0; k < ID_SIZE; k++)
			if (r->said[i].kind == KIND_RELEASE)
				releases.b[k] ^= r->said[i].id.b[k];
	hasher_add(&h, releases.b, ID_SIZE);
	r->digest = hasher_id(&h);
	for (size_t i = 0; i < r->feeds_n; i++) {
		struct roster_feed *f = &r->feeds[i];

		f->counted_to =
			fold_counted(r, fold_person(r, &f->identity), &f->feed);
	}
	return 0;
}

int roster_fold(struct roster *r)
{
	struct roster old = *r;
	int err;

	r->people = NULL;
	r->admissions = NULL;
	r->members = NULL;
	r->people_n = r->admissions_n = r->members_n = 0;
	err = fold_collect(r);
	if (err == 0)
		err = place_all(r);
	if (err == 0)
		err = publish(r);
	if (err == 0) {
		fold_release(&old);
		return 0;
	}
	fold_release(r);
	r->people = old.people;
	r->people_n = old.people_n;
	r->admissions = old.admissions;
	r->admissions_n = old.admissions_n;
	r->members = old.members;
	r->members_n = old.members_n;
	r->digest = old.digest;
	return err;
}
