#include "proto/audit_scan.h"

#include "proto/grow.h"

#include <assert.h>
#include <stdlib.h>

void scan_init(struct audit_scan *s, const struct pubkey *feed,
	       const struct id *network, bool every_signature)
{
	*s = (struct audit_scan){ .feed = *feed,
				  .network = *network,
				  .every_signature = every_signature };
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

static int push(struct audit_scan *s, const struct entry *e)
{
	struct scanned *at;
	int err;

	err = grow(&s->at, &s->max, s->n, sizeof(*s->at));
	if (err != 0)
		return err;
	at = &s->at[s->n++];
	*at = (struct scanned){ .raw = e->raw,
				.raw_n = (uint32_t)e->raw_n,
				.kind = (uint16_t)e->kind,
				.id = entry_id(e) };
	return 0;
}

int scan_entry(struct audit_scan *s, const void *raw, size_t n)
{
	const struct id *prev = s->n == 0 ? &s->network : &s->at[s->n - 1].id;
	uint64_t seq = s->n + 1;
	struct entry e;

	if (s->is_broken)
		return 0;
	if (entry_decode(&e, raw, n) != 0) {
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
	return push(s, &e);
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
	s->at = NULL;
	s->n = s->max = 0;
}
