#include "proto/audit/audit_scan.h"

#include "crypto/err.h"
#include "proto/grow.h"
#include "proto/record.h"
#include "proto/roster/roster.h"

#include <assert.h>
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

void scan_break(struct audit_scan *s, enum finding_code code)
{
	if (!s->is_broken)
		break_at(s, code, s->n + 1);
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
 * that is nothing. */
static int push(struct audit_scan *s, const struct entry *e,
		const struct id *id, const struct record *rec)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	struct scanned *at;
	int err = grow(&s->at, &s->max, s->n, sizeof(*s->at));

	if (err != 0)
		return err;
	at = &s->at[s->n];
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
	if (e->kind == KIND_OPEN && s->n == 0)
		s->is_certified = roster_certified(&s->network, e);
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

/* The next entry, whose hash is id. */
static int take(struct audit_scan *s, const void *raw, size_t n,
		const struct id *id)
{
	const struct id *prev = s->n == 0 ? &s->network : &s->at[s->n - 1].id;
	uint64_t seq = s->n + 1;
	struct record rec;
	struct entry e;
	int what, err;

	if (read_entry(&e, &rec, &what, raw, n) != 0) {
		scan_break(s, LOG_05);
		return 0;
	}
	if (pubkey_eq(&e.feed, &s->feed) && e.seq > seq) {
		scan_break(s, LOG_03);
		return 0;
	}
	if (!pubkey_eq(&e.feed, &s->feed) || entry_follows(&e, s->n, prev)) {
		scan_break(s, LOG_01);
		return 0;
	}
	/* PROTOCOL: Every entry whose seq is divisible by 256 must be validly
	 * signed, else the feed ends before it. */
	if (s->every_signature || seq % SIGNED_EVERY == 0) {
		if (entry_verify(&e) != 0) {
			scan_break(s, LOG_02);
			return 0;
		}
		s->signed_n = seq;
	}
	err = push(s, &e, id, what == FACTS_RECORD ? &rec : NULL);
	if (err == 0 && what == FACTS_BAD)
		s->at[s->n - 1].is_bad = s->has_bad = true;
	return err;
}

int scan_entry(struct audit_scan *s, const void *raw, size_t n)
{
	return scan_entries(s, &(struct message){ raw, n }, 1);
}

int scan_entries(struct audit_scan *s, const struct message *at, size_t n)
{
	struct id ids[TOGETHER];
	int err = 0;

	for (size_t i = 0; i < n && err == 0 && !s->is_broken; i++) {
		size_t left = n - i;

		if (i % TOGETHER == 0)
			hash_ids(ids, at + i,
				 left < TOGETHER ? left : TOGETHER);
		err = take(s, at[i].p, at[i].n, &ids[i % TOGETHER]);
	}
	return err;
}

static bool is_signed(const struct audit_scan *s, size_t seq)
{
	const struct scanned *x = &s->at[seq - 1];
	struct entry e;
	int err = entry_decode(&e, x->raw, x->raw_n);

	assert(err == 0); /* scan_entry decoded the same bytes */
	(void)err;
	return entry_verify(&e) == 0;
}

/* An altered byte shows as a chain that breaks one entry later, so before a
 * break is reported the entries above the last known signature are asked for
 * theirs: the first of them that nothing vouches for is the one to name. */
void scan_end(struct audit_scan *s)
{
	size_t good = s->n;

	while (good > s->signed_n && !is_signed(s, good))
		good--;
	s->signed_n = good;
	if (good < s->n)
		break_at(s, LOG_02, good + 1);
	s->n = good;
}

void scan_release(struct audit_scan *s)
{
	free(s->at);
	free(s->links);
	free(s->keys);
	s->at = NULL;
	s->links = NULL;
	s->keys = NULL;
	s->n = s->max = 0;
	s->links_n = s->links_max = 0;
	s->keys_n = s->keys_max = 0;
}
