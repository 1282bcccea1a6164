#include "node/safe/resay.h"

#include "crypto/err.h"
#include "node/cmd/cmd.h"
#include "node/safe/aside.h"
#include "proto/book/reissue.h"
#include "proto/record.h"
#include "proto/roster/roster.h"
#include "proto/roster/rotation.h"
#include "proto/wr.h"
#include "store/log.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

enum { AGAINS = 64 /* that one record was recorded again */ };

static bool is_among(const struct id *ids, size_t n, const struct id *id)
{
	while (n > 0 && !id_eq(&ids[n - 1], id))
		n--;
	return n > 0;
}

static int in_order(const void *a, const void *b)
{
	return id_cmp(a, b);
}

/* Which admissions a dismissal takes away: those recorded again, too. */
static int name_admits(struct resaying *r, struct record *rec)
{
	size_t count = record_ids(rec, FACT_ADMITS, r->ids, LIMIT_PINS), n;
	struct wr w;
	int err;

	for (size_t i = 0; i < count; i++) {
		struct id next;

		if (count < LIMIT_PINS &&
		    again_id(r->store, &next, &r->ids[i]) &&
		    !is_among(r->ids, count, &next))
			r->ids[count++] = next;
	}
	qsort(r->ids, count, sizeof(*r->ids), in_order);
	wr_init(&w, r->room, sizeof(r->room));
	wr_array(&w, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		wr_bin(&w, r->ids[i].b, ID_SIZE);
	err = wr_end(&w, &n);
	if (err == 0)
		record_set_bytes(rec, FACT_ADMITS, r->room, n);
	return err;
}

/* Is it here, and not left behind under a key that was followed? */
static bool counts(struct store *s, const struct id *id)
{
	struct position at;

	return store_find(s, id, &at) == 0 &&
	       at.seq <= roster_barred(store_roster(s), &at.feed);
}

/* Where what this one refers to stands now. */
static void name_newest(struct store *s, struct id *id, struct record *rec,
			enum fact fact)
{
	struct id next;

	*id = record_id(rec, fact);
	for (int i = 0; i < AGAINS && !counts(s, id) && again_id(s, &next, id);
	     i++)
		*id = next;
	record_set_bytes(rec, fact, id->b, ID_SIZE);
}

/* PROTOCOL: The id of a record that is not here is a name of its re-issue only
 * if the re-issue refers to nothing else. */
static bool is_nameless(struct resaying *r, const struct record *rec)
{
	struct id target = record_id(rec, FACT_TARGET), next, own;
	struct position at;
	struct record to;
	struct entry e;
	enum ref ref;
	size_t n;

	if (!again_id(r->store, &next, &target) ||
	    store_find(r->store, &next, &at) != 0 ||
	    store_entry(r->store, &at.feed, at.seq, r->facts, &n) != 0 ||
	    entry_decode(&e, r->facts, n) != 0 ||
	    record_decode(&to, e.kind, e.facts, e.facts_n) != 0)
		return false;
	own = record_id(&to, FACT_ORPHAN);
	return !id_eq(&own, &target) || reissue_own(&to, &ref, &own);
}

/* A signed rotation counts wherever it stands; under another id it might go
 * before one that it does not go before. */
static bool is_known_rotation(struct store *s, const struct record *rec)
{
	const struct roster *r = store_roster(s);
	struct pubkey who = record_key(rec, FACT_WHO);
	struct pubkey from = record_key(rec, FACT_IDENTITY);
	struct pubkey to = record_key(rec, FACT_SUCCESSOR);

	for (size_t i = 0; i < roster_rotation_count(r); i++) {
		struct rotation x = roster_rotation_at(r, i);

		if (x.is_signed && pubkey_eq(&x.who, &who) &&
		    pubkey_eq(&x.from, &from) && pubkey_eq(&x.to, &to))
			return true;
	}
	return false;
}

static int by_feed(const void *a, const void *b)
{
	const struct position *x = a, *y = b;

	return pubkey_cmp(&x->feed, &y->feed);
}

static int set_runs(struct resaying *r, struct record *rec, size_t count)
{
	struct wr w;
	size_t n;
	int err;

	qsort(r->runs, count, sizeof(*r->runs), by_feed);
	wr_init(&w, r->room, sizeof(r->room));
	wr_array(&w, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		wr_array(&w, 3);
		wr_bin(&w, r->runs[i].feed.b, KEY_SIZE);
		wr_uint(&w, r->runs[i].seq);
		wr_bin(&w, r->runs[i].id.b, ID_SIZE);
	}
	err = wr_end(&w, &n);
	if (err == 0)
		record_set_bytes(rec, FACT_RUNS, r->room, n);
	return err;
}

/* How far a feed goes that counts no further than some entry. */
static int end_of(struct store *s, struct position *at)
{
	uint64_t upto = roster_barred(store_roster(s), &at->feed);
	uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	struct head head;
	size_t n;
	int err = store_head(s, &at->feed, &head);

	if (err != 0)
		return err;
	at->seq = head.seq < upto ? head.seq : upto;
	at->id = head.id;
	if (at->seq == head.seq || at->seq == 0)
		return 0;
	err = store_entry(s, &at->feed, at->seq, raw, &n);
	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err == 0)
		at->id = entry_id(&e);
	return err;
}

/* A closing covers what it had read, wherever that stands now: of its own feed
 * all that came before it, the end of which was said again just now. */
static int name_runs(struct resaying *r, struct record *rec,
		     const struct entry *e)
{
	size_t n = record_positions(rec, FACT_RUNS, r->runs, LIMIT_PINS);
	struct position at = { .feed = e->feed };
	size_t i = 0;
	int err;

	while (i < n && !pubkey_eq(&r->runs[i].feed, &e->feed))
		i++;
	if (!r->is_plain || i == n || n == LIMIT_PINS ||
	    r->runs[i].seq + 1 != e->seq)
		return 0;
	err = end_of(r->store, &at);
	if (err != 0 || at.seq >= r->runs[i].seq)
		return err;
	r->runs[i] = at;
	if (at.seq == 0)
		r->runs[i] = r->runs[--n];
	r->runs[n].feed = r->feed;
	err = end_of(r->store, &r->runs[n]);
	return err == 0 ? set_runs(r, rec, n + 1) : err;
}

static int name_all(struct resaying *r, struct record *rec, struct id *newest,
		    const struct entry *e)
{
	switch (e->kind) {
	case KIND_ADMIT:
		if (record_has(rec, FACT_REPLACES))
			name_newest(r->store, newest, rec, FACT_REPLACES);
		return 0;
	case KIND_CORRECT:
	case KIND_ATTACH:
		if (is_nameless(r, rec))
			name_newest(r->store, newest, rec, FACT_TARGET);
		return 0;
	case KIND_DISMISS:
		return name_admits(r, rec);
	case KIND_PERIOD:
		return name_runs(r, rec, e);
	case KIND_ROTATE:
		return is_known_rotation(r->store, rec) ? ERR_FORMAT : 0;
	}
	return 0;
}

int resay(struct draft *d, struct resaying *r, const struct entry *e)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	struct id id = entry_id(e), newest;
	struct record rec;
	int err;

	r->is_plain = r->is_plain &&
		      (pubkey_is_zero(&r->of) || pubkey_eq(&r->of, &e->feed));
	r->of = e->feed;
	if (rule == NULL || e->kind == KIND_OPEN || e->kind == KIND_ADDRESS ||
	    (!rule->is_recorded && !rule->is_roster))
		return ERR_FORMAT;
	err = record_decode(&rec, e->kind, e->facts, e->facts_n);
	if (err != 0)
		return ERR_FORMAT;
	if (rule->is_recorded && !record_has(&rec, FACT_ORPHAN))
		record_set_bytes(&rec, FACT_ORPHAN, id.b, ID_SIZE);
	/* It is signed now, so no clock goes back that did not; one that was
	 * ahead was. */
	d->time_ms = cmd_now();
	if (d->time_ms < e->time_ms)
		d->time_ms = e->time_ms;
	if (rule->is_recorded && !record_has(&rec, FACT_WHEN))
		record_set_uint(&rec, FACT_WHEN, e->time_ms);
	err = name_all(r, &rec, &newest, e);
	d->kind = e->kind;
	d->facts = r->facts;
	if (err == 0)
		err = record_encode(&rec, r->facts, LIMIT_ENTRY, &d->facts_n);
	return err == 0 ? 0 : ERR_FORMAT;
}
