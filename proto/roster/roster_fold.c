#include "proto/roster/roster_fold.h"

#include "crypto/err.h"
#include "proto/wr.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void said_read(struct record *rec, const struct said *s)
{
	int err = record_decode(rec, s->kind, s->bytes, s->n);

	assert(err == 0); /* roster_add decoded the same bytes */
	(void)err;
}

void fold_release(struct fold *f)
{
	free(f->people);
	free(f->admissions);
	free(f->gave);
	free(f->verdicts);
	free(f->pins);
	free(f->members);
	free(f->queue);
	free(f->climb);
	free(f->is_seen);
	free(f->ids);
	free(f->positions);
	free(f->sponsored);
	free(f->limits);
	free(f->edges);
	free(f->aliases);
	free(f->keys);
	free(f->bars);
	memset(f, 0, sizeof(*f));
}

size_t fold_person(const struct fold *f, const struct pubkey *identity)
{
	size_t low = 0, high = f->people_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = pubkey_cmp(&f->people[mid].m.identity, identity);

		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return SIZE_MAX;
}

static uint64_t pinned(const struct fold *f, struct id *pin, size_t person,
		       const struct pubkey *feed)
{
	const struct person *p;
	size_t low, high;

	memset(pin, 0, sizeof(*pin));
	if (person == SIZE_MAX || !f->people[person].is_placed)
		return 0;
	p = &f->people[person];
	if (p->m.is_standing)
		return UINT64_MAX;
	low = p->pin;
	high = p->pin_end;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = pubkey_cmp(&f->pins[mid].feed, feed);

		if (c == 0) {
			*pin = f->pins[mid].id;
			return f->pins[mid].seq;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

uint64_t fold_counted(const struct fold *f, struct id *pin, size_t person,
		      const struct pubkey *feed)
{
	uint64_t n = pinned(f, pin, person, feed);
	const struct feed_limit *l = limits_find(f, feed);

	const struct bar *b = keys_bar(f, feed);

	if (l != NULL && n > l->limit) {
		memset(pin, 0, sizeof(*pin));
		n = l->limit;
	}
	if (b != NULL && n > b->seq) {
		*pin = b->id;
		n = b->seq;
	}
	return n;
}

bool fold_heard(const struct fold *f, size_t author, const struct said *s)
{
	struct id pin;

	return s->seq <= fold_counted(f, &pin, author, &s->feed);
}

/* Everybody's admitters are one less deep than it, so the climb ends; whoever
 * was seen is not climbed from twice, so it ends soon. */
bool fold_is_below(const struct fold *f, size_t who, size_t above)
{
	const struct person *top = &f->people[above];
	bool found = false;
	size_t n = 0;

	if (!f->people[who].is_placed || !top->is_placed ||
	    top->gave == top->gave_end)
		return false;
	f->climb[n++] = who;
	for (size_t i = 0; i < n && !found; i++) {
		const struct person *p = &f->people[f->climb[i]];

		for (size_t k = p->admitted;
		     k < p->admitted_end && p->m.depth > top->m.depth; k++) {
			const struct admission *a = &f->admissions[k];

			if (!a->is_valid || f->is_seen[a->author])
				continue;
			found = found || a->author == above;
			f->is_seen[a->author] = true;
			f->climb[n++] = a->author;
		}
	}
	for (size_t i = 1; i < n; i++)
		f->is_seen[f->climb[i]] = false;
	return found;
}

size_t fold_climb(const struct fold *f, size_t who)
{
	size_t n = 0;

	if (!f->people[who].is_placed)
		return 0;
	f->climb[n++] = who;
	for (size_t i = 0; i < n; i++) {
		const struct person *p = &f->people[f->climb[i]];

		for (size_t k = p->admitted; k < p->admitted_end; k++) {
			const struct admission *a = &f->admissions[k];

			if (!a->is_valid || f->is_seen[a->author])
				continue;
			f->is_seen[a->author] = true;
			f->climb[n++] = a->author;
		}
	}
	for (size_t i = 1; i < n; i++)
		f->is_seen[f->climb[i]] = false;
	return n;
}

enum { PASSES = 16 };

static size_t place_founders(struct fold *f)
{
	size_t n = f->charter.founders_n;

	for (size_t i = 0; i < n; i++) {
		const struct founder *founder = &f->charter.founders[i];
		size_t at = fold_person(f, &founder->identity);
		struct person *p = &f->people[at];
		struct member *m = &p->m;

		p->is_placed = true;
		m->role = ROLE_ASSOCIATION;
		m->may_admit = true;
		m->is_standing = true;
		memcpy(m->label, founder->label, sizeof(m->label));
		memcpy(m->name, founder->name, sizeof(m->name));
		memcpy(m->place, founder->place, sizeof(m->place));
		m->association = m->identity;
		m->key = m->identity;
		f->queue[i] = at;
	}
	return n;
}

/* The admissions that one person gave, who is judged.  Whom they place goes
 * to the end of the queue of n; returns its new length. */
static size_t admit(struct fold *f, const struct roster *r, size_t by, size_t n)
{
	const struct person *author = &f->people[by];

	for (size_t i = author->gave; i < author->gave_end; i++) {
		struct admission *a = &f->admissions[f->gave[i]];
		struct person *who = &f->people[a->who];

		/* PROTOCOL: An admission is valid if its author may admit, it
		 * counts, and its author is less deep than whom it admits. */
		if (!author->m.may_admit ||
		    (who->is_placed && who->m.depth <= author->m.depth) ||
		    !fold_heard(f, by, &r->said[a->said]))
			continue;
		if (!who->is_placed && !keys_admits(f, &who->m.identity))
			continue;
		a->is_valid = true;
		if (who->is_placed)
			continue;
		who->is_placed = true;
		who->m.depth = author->m.depth + 1;
		f->queue[n++] = a->who;
	}
	return n;
}

static int judge(struct fold *f, const struct roster *r, size_t who)
{
	int err = fold_judge(f, r, who);

	if (err == 0)
		err = keys_judge(f, r, who);
	if (err == 0)
		limits_raise(f, r, who);
	if (err == 0)
		limits_judge(f, r, who);
	return err;
}

/* PROTOCOL: All who validly admit one member are equally deep, and whoever
 * takes an admission away is not deeper than they are. */
static int place_all(struct fold *f, const struct roster *r)
{
	size_t end = place_founders(f), n = end;
	int err = 0;

	for (size_t i = 0; i < end && err == 0; i++)
		err = keys_judge(f, r, f->queue[i]);
	for (size_t i = 0; i < end && err == 0; i++)
		limits_raise(f, r, f->queue[i]);
	if (err == 0)
		err = limits_founders(f, r);
	for (size_t i = 0; i < n && err == 0; i++) {
		n = admit(f, r, f->queue[i], n);
		if (i + 1 < end)
			continue;
		while (end < n && err == 0)
			err = judge(f, r, f->queue[end++]);
	}
	for (size_t i = 0; i < f->people_n; i++)
		if (f->people[i].is_placed)
			f->members[f->members_n++] = i;
	return err;
}

static void add_packed(struct hasher *h, struct wr *w)
{
	hasher_add(h, w->p, w->n);
	w->n = 0;
}

static void digest_member(const struct fold *f, struct hasher *h, struct wr *w,
			  const struct person *p, bool has_keys)
{
	uint32_t valid = 0;

	for (size_t i = p->admitted; i < p->admitted_end; i++)
		valid += f->admissions[i].is_valid;
	has_keys = has_keys && p->keys != p->keys_end;
	wr_array(w, has_keys ? 5 : 4);
	wr_bin(w, p->m.identity.b, KEY_SIZE);
	wr_array(w, valid);
	add_packed(h, w);
	for (size_t i = p->admitted; i < p->admitted_end; i++) {
		const struct admission *a = &f->admissions[i];

		if (!a->is_valid)
			continue;
		wr_array(w, 2);
		wr_bin(w, a->id.b, ID_SIZE);
		wr_uint(w, a->is_replaced + 2U * a->is_dismissed);
		add_packed(h, w);
	}
	if (p->m.is_standing)
		wr_nil(w);
	else
		wr_bin(w, p->dismissal.b, ID_SIZE);
	wr_array(w, (uint32_t)(p->pin_end - p->pin));
	for (size_t i = p->pin; i < p->pin_end; i++) {
		wr_array(w, 3);
		wr_bin(w, f->pins[i].feed.b, KEY_SIZE);
		wr_uint(w, f->pins[i].seq);
		wr_bin(w, f->pins[i].id.b, ID_SIZE);
		add_packed(h, w);
	}
	add_packed(h, w);
	if (!has_keys)
		return;
	wr_array(w, (uint32_t)(p->keys_end - p->keys));
	for (size_t i = p->keys; i < p->keys_end; i++) {
		wr_bin(w, f->keys[i].b, KEY_SIZE);
		add_packed(h, w);
	}
	add_packed(h, w);
}

/* PROTOCOL: Left out are feeds whose `open` is held and whose identity is not
 * in it: nobody takes evidence for them any more. */
static bool is_left_out(const struct fold *f, const struct roster *r,
			const struct pubkey *feed)
{
	const struct roster_feed *rf = roster_feed(r, feed);
	size_t who = rf == NULL ? 0 : keys_person(f, &rf->certifier);

	return rf != NULL && (who == SIZE_MAX || !f->people[who].is_placed);
}

/* Whose limits a digest has. */
struct kept {
	const struct fold *fold;
	const struct roster *roster;
	roster_keep *keep; /* NULL: all that are not left out */
	void *arg;
};

static bool is_kept(const struct kept *k, const struct pubkey *feed)
{
	return !is_left_out(k->fold, k->roster, feed) &&
	       (k->keep == NULL || k->keep(k->arg, feed));
}

static struct id digest_limits(const struct kept *k)
{
	const struct fold *f = k->fold;
	struct hasher state = k->keep == NULL ? f->unlimited : f->keyless;
	struct hasher *h = &state;
	uint8_t buf[128];
	struct wr writer, *w = &writer;
	uint32_t n = 0;

	for (size_t i = 0; i < f->limits_n; i++)
		n += is_kept(k, &f->limits[i].feed);
	wr_init(w, buf, sizeof(buf));
	wr_array(w, n);
	for (size_t i = 0; i < f->limits_n; i++) {
		const struct feed_limit *l = &f->limits[i];

		if (!is_kept(k, &l->feed))
			continue;
		wr_array(w, 3);
		wr_bin(w, l->feed.b, KEY_SIZE);
		wr_uint(w, l->fork);
		wr_uint(w, l->end.seq);
		add_packed(h, w);
	}
	add_packed(h, w);
	assert(w->err == 0);
	return hasher_id(h);
}

struct id roster_digest_of(const struct roster *r, roster_keep *keep, void *arg)
{
	const struct kept k = { &r->fold, r, keep, arg };

	return digest_limits(&k);
}

/* PROTOCOL: The digest of a roster is the BLAKE2b-256 of the canonical array
 * [1, charter, members, limits]. */
static struct hasher begin_digest(const struct fold *f, bool has_keys)
{
	uint8_t buf[128];
	struct hasher h;
	struct wr w;

	hasher_init(&h);
	wr_init(&w, buf, sizeof(buf));
	wr_array(&w, 4);
	wr_uint(&w, 1);
	wr_bin(&w, f->charter_id.b, ID_SIZE);
	wr_array(&w, (uint32_t)f->members_n);
	add_packed(&h, &w);
	for (size_t i = 0; i < f->members_n; i++)
		digest_member(f, &h, &w, &f->people[f->members[i]], has_keys);
	assert(w.err == 0);
	return h;
}

static void digest_all(struct fold *f, const struct roster *r)
{
	const struct kept all = { f, r, NULL, NULL };
	bool has_keys = false;

	for (size_t i = 0; i < f->members_n; i++) {
		const struct person *p = &f->people[f->members[i]];

		has_keys = has_keys || p->keys != p->keys_end;
	}
	f->unlimited = begin_digest(f, true);
	f->keyless = has_keys ? begin_digest(f, false) : f->unlimited;
	f->digest = digest_limits(&all);
}

/* Begin again, but for what was found of the rotations. */
static void keys_rewind(struct fold *f)
{
	struct edge *edges = f->edges;
	size_t n = f->edges_n, passes = f->passes + 1;

	f->edges = NULL;
	fold_release(f);
	f->edges = edges;
	f->edges_n = n;
	f->passes = passes;
	for (size_t i = 0; i < n; i++) {
		edges[i].was_named = edges[i].is_named;
		edges[i].is_named = edges[i].is_entitled = false;
		edges[i].is_used = false;
		edges[i].depth = edges[i].missing = 0;
		edges[i].voices = 0;
		edges[i].was_agreed = edges[i].is_agreed;
		edges[i].is_agreed = false;
	}
}

static int pass(struct fold *f, const struct roster *r)
{
	int err = keys_alias(f);

	if (err == 0)
		err = fold_amend(f, r);
	if (err == 0)
		err = fold_collect(f, r);
	if (err == 0)
		err = limits_collect(f, r);
	return err == 0 ? place_all(f, r) : err;
}

/* PROTOCOL: The roster is folded again with what was found, until nothing more
 * is found, at most 16 times. */
static int fold_passes(struct fold *f, const struct roster *r)
{
	int err = keys_collect(f, r);

	if (err == 0)
		err = pass(f, r);
	while (err == 0 && keys_again(f, r) && f->passes + 1 < PASSES) {
		keys_rewind(f);
		err = pass(f, r);
	}
	return err;
}

int roster_fold(struct roster *r)
{
	struct fold f = { 0 };
	int err = fold_passes(&f, r);

	if (err != 0) {
		fold_release(&f);
		return err;
	}
	digest_all(&f, r);
	for (size_t i = 0; i < r->feeds_n; i++) {
		struct roster_feed *feed = &r->feeds[i];

		feed->identity = *keys_identity(&f, &feed->certifier);
		feed->counted_to = fold_counted(
			&f, &feed->pin, keys_person(&f, &feed->certifier),
			&feed->feed);
	}
	fold_release(&r->fold);
	r->fold = f;
	return 0;
}
