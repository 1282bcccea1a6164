#include "proto/audit/audit_scan.h"

#include "crypto/err.h"
#include "proto/audit/audit_over.h"
#include "proto/grow.h"
#include "proto/record.h"
#include "proto/roster/roster.h"

#include <stdlib.h>

enum { TOGETHER = 16 /* entries hashed at a time */ };

void scan_init(struct audit_scan *s, const struct pubkey *feed,
	       const struct id *network, bool every_signature)
{
	*s = (struct audit_scan){ .feed = *feed,
				  .network = *network,
				  .every_signature = every_signature,
				  .oldest_ms = UINT64_MAX };
}

static void break_at(struct audit_scan *s, enum finding_code code, uint64_t seq)
{
	s->is_broken = true;
	s->broken = code;
	s->broken_seq = seq;
}

int scan_expect(struct audit_scan *s, size_t n)
{
	return grow_to(&s->at, &s->max, n, sizeof(*s->at));
}

static int add_links(struct audit_scan *s, struct scanned *at,
		     const struct record *rec)
{
	struct scan_link link = { .at = (uint32_t)s->n };
	enum ref belongs = REF_COUNT;

	if (!book_has_refs(rec))
		return 0;
	at->is_part = book_ref(rec, &belongs, &link.target);
	for (enum ref ref = 0; ref < REF_COUNT; ref++) {
		int err;

		if (!book_refers(rec, ref, &link.target))
			continue;
		err = grow(&s->links, &s->links_max, s->links_n,
			   sizeof(*s->links));
		if (err != 0)
			return err;
		link.ref = ref;
		link.is_root = at->is_part && ref == belongs;
		s->links[s->links_n++] = link;
	}
	return 0;
}

static int add_key(struct audit_scan *s, const struct record *rec)
{
	int err;

	if (!record_has(rec, FACT_KEY))
		return 0;
	err = grow(&s->keys, &s->keys_max, s->keys_n, sizeof(*s->keys));
	if (err == 0)
		s->keys[s->keys_n++] =
			(struct scan_key){ (uint32_t)s->n,
					   record_tag(rec, FACT_KEY) };
	return err;
}

/* What became of the facts of an entry. */
enum { FACTS_OTHER, FACTS_RECORD, FACTS_BAD };

/* An entry, and the record in it if it holds one: facts are read once.  What
 * a later version may have meant is not bad. */
static int read_entry(struct entry *e, struct record *rec, int *what,
		      const void *raw, size_t n)
{
	const struct kind_rule *rule;
	struct rd r, facts;
	int err = entry_head(e, &r, raw, n);

	if (err != 0)
		return err;
	facts = r;
	rule = kind_rule(e->kind);
	*what = FACTS_OTHER;
	if (rule != NULL && rule->is_recorded) {
		err = record_read(rec, e->kind, &r);
		*what = err == 0             ? FACTS_RECORD
			: err == ERR_VERSION ? FACTS_OTHER
					     : FACTS_BAD;
	}
	if (*what != FACTS_RECORD) {
		r = facts;
		rd_skip(&r, LIMIT_DEPTH - 1);
	}
	return entry_rest(e, &r);
}

/* Kinds above all bits share the last. */
static unsigned kind_bit(uint32_t kind)
{
	return kind < 63 ? kind : 63;
}

bool scan_has(const struct audit_scan *s, uint32_t first, uint32_t last)
{
	uint64_t below = (1ULL << kind_bit(first)) - 1;

	return (s->kinds & ~below & (UINT64_MAX >> (63 - kind_bit(last)))) != 0;
}

/* Keep the entry, and what it says as far as it alone tells; rec is NULL when
 * that is nothing.  There is room: it was given. */
static int push(struct audit_scan *s, const struct entry *e,
		const struct id *id, const struct record *rec)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	struct scanned *at = &s->at[s->n];
	int err = 0;

	*at = (struct scanned){ .raw = e->raw,
				.raw_n = (uint16_t)e->raw_n,
				.facts = (uint16_t)(e->facts - e->raw),
				.kind = (uint16_t)e->kind,
				.is_record = rec != NULL,
				.has_seen = e->has_seen,
				.id = *id };
	s->kinds |= 1ULL << kind_bit(e->kind);
	s->has_roster =
		s->has_roster || (s->n > 0 && rule != NULL && rule->is_roster);
	if (rec != NULL)
		err = add_links(s, at, rec);
	if (rec != NULL && err == 0)
		err = add_key(s, rec);
	if (e->time_ms < s->oldest_ms)
		s->oldest_ms = e->time_ms;
	s->has_seen = s->has_seen || e->has_seen;
	s->goes_back = s->goes_back || e->time_ms < s->last_ms;
	s->last_ms = e->time_ms;
	if (err == 0)
		s->n++;
	return err;
}

static int break_here(struct audit_scan *s, enum finding_code code)
{
	break_at(s, code, s->n + 1);
	return 0;
}

/* The next entry, whose hash is id. */
static int check_entry(struct audit_scan *s, const struct scanned *at,
		       const struct id *id)
{
	const struct id *prev = s->n == 0 ? &s->network : &s->at[s->n - 1].id;
	uint64_t seq = s->n + 1;
	struct record rec;
	struct entry e;
	int what, err;

	if (read_entry(&e, &rec, &what, at->raw, at->raw_n) != 0)
		return break_here(s, LOG_05);
	if (pubkey_eq(&e.feed, &s->feed) && e.seq > seq)
		return break_here(s, LOG_03);
	if (!pubkey_eq(&e.feed, &s->feed) || entry_follows(&e, s->n, prev))
		return break_here(s, LOG_01);
	/* PROTOCOL: Every entry whose seq is divisible by 256 must be validly
	 * signed, else the feed ends before it. */
	if (s->every_signature || seq % SIGNED_EVERY == 0) {
		if (entry_verify(&e) != 0)
			return break_here(s, LOG_02);
		s->signed_n = seq;
	}
	err = push(s, &e, id, what == FACTS_RECORD ? &rec : NULL);
	if (err == 0 && what == FACTS_BAD)
		s->at[s->n - 1].is_bad = s->has_bad = true;
	return err;
}

int scan_entry(struct audit_scan *s, const void *raw, size_t n)
{
	/* One that is too long is so at its first byte too many. */
	size_t most = LIMIT_ENTRY + 1;
	int err = grow(&s->at, &s->max, s->given, sizeof(*s->at));

	if (err != 0)
		return err;
	s->at[s->given].raw = raw;
	s->at[s->given].raw_n = (uint16_t)(n < most ? n : most);
	s->given++;
	return 0;
}

void scan_tear(struct audit_scan *s)
{
	s->is_torn = true;
}

static struct message bytes_of(const struct scanned *at)
{
	return (struct message){ at->raw, at->raw_n };
}

/* The next entries, up to TOGETHER. */
static int check_some(struct audit_scan *s)
{
	size_t first = s->n, n = s->given - s->n;
	struct message at[TOGETHER] = { { NULL, 0 } };
	struct id ids[TOGETHER];
	int err = 0;

	if (n > TOGETHER)
		n = TOGETHER;
	for (size_t i = 0; i < n; i++)
		at[i] = bytes_of(&s->at[first + i]);
	hash_ids(ids, at, n);
	for (size_t i = 0; i < n && err == 0 && !s->is_broken; i++)
		err = check_entry(s, &s->at[first + i], &ids[i]);
	return err;
}

static int check_all(struct audit_scan *s)
{
	int err = 0;

	while (s->n < s->given && !s->is_broken && err == 0)
		err = check_some(s);
	if (s->is_torn && !s->is_broken && err == 0)
		break_here(s, LOG_05);
	return err == 0 ? over_mark(s) : err;
}

static bool is_signed(const struct message *m)
{
	struct entry e;

	return entry_decode(&e, m->p, m->n) == 0 && entry_verify(&e) == 0;
}

static bool is_certified(const struct message *m, const struct id *network)
{
	struct entry e;

	return entry_decode(&e, m->p, m->n) == 0 &&
	       roster_certified(network, &e);
}

/* An altered byte shows as a chain that breaks one entry later, so before a
 * break is reported the entries above the last known signature are asked for
 * theirs: the first of them that nothing vouches for is the one to name. */
static void check_signatures(struct audit_scan *s)
{
	size_t good = s->n;
	struct message m;

	if (s->n > 0) {
		m = bytes_of(&s->at[0]);
		s->is_certified = is_certified(&m, &s->network);
	}
	for (; good > s->signed_n; good--) {
		m = bytes_of(&s->at[good - 1]);
		if (is_signed(&m))
			break;
	}
	s->signed_n = good;
	if (good < s->n)
		break_at(s, LOG_02, good + 1);
	s->n = good;
}

int scan_end(struct audit_scan *s)
{
	int err = check_all(s);

	if (err == 0)
		check_signatures(s);
	return err;
}

/* Does the feed begin with what has a certificate? */
static bool opens(const struct audit_scan *s)
{
	struct record rec;
	struct entry e;

	return s->n > 0 && s->at[0].kind == KIND_OPEN &&
	       entry_decode(&e, s->at[0].raw, s->at[0].raw_n) == 0 &&
	       record_decode(&rec, e.kind, e.facts, e.facts_n) == 0;
}

int scan_trust(struct audit_scan *s, struct scan_due *due)
{
	int err = check_all(s);

	*due = (struct scan_due){ .network = s->network };
	if (err != 0)
		return err;
	if (s->is_broken) { /* and likely before a signature that holds */
		check_signatures(s);
		return 0;
	}
	s->is_certified = opens(s);
	if (s->is_certified)
		due->first = bytes_of(&s->at[0]);
	if (s->n > s->signed_n)
		due->last = bytes_of(&s->at[s->n - 1]);
	s->signed_n = s->n;
	return 0;
}

bool due_holds(const struct scan_due *due)
{
	return (due->first.p == NULL ||
		is_certified(&due->first, &due->network)) &&
	       (due->last.p == NULL || is_signed(&due->last));
}

void scan_release(struct audit_scan *s)
{
	free(s->at);
	free(s->links);
	free(s->keys);
	s->at = NULL;
	s->links = NULL;
	s->keys = NULL;
	s->n = s->given = s->max = 0;
	s->links_n = s->links_max = 0;
	s->keys_n = s->keys_max = 0;
}
