#ifndef PROTO_AUDIT_AUDIT_SCAN_H
#define PROTO_AUDIT_AUDIT_SCAN_H

#include "proto/audit/finding.h"
#include "proto/book/book.h"
#include "proto/entry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit_scan -- check one feed from its first entry: form, chain, signature.
 *
 * Given all entries a scan is ended, which checks them.  Feeds do not depend on
 * one another, so scans may run in several threads, one scan in one thread at a
 * time.  The entries' bytes are borrowed and must stay where they are until the
 * audit is closed.  What an audit asks of each entry alone is found out here
 * too: is it a record, what does it refer to, under which key; and is the
 * certificate of the feed's `open` good.
 *
 * PROTOCOL.md, "Checking a feed": one valid signature covers all entries
 * before it, so the last entry's is checked and that of every 256th; where the
 * chain or a signature breaks, the feed counts up to the last entry before the
 * break that is covered by a valid signature, and the break is a finding.
 */

/* One entry that stood the checks; 48 bytes, for there may be millions. */
struct scanned {
	const uint8_t *raw;
	uint16_t raw_n; /* LIMIT_ENTRY at most */
	uint16_t facts; /* where they begin in raw */
	uint16_t kind;
	bool is_record : 1;   /* of a recording kind, and its facts decode */
	bool is_bad : 1;      /* of such a kind, and its facts break a rule */
	bool is_part : 1;     /* belongs to what it refers to (book_ref) */
	bool is_shadowed : 1; /* another record with its key counts instead */
	bool is_again : 1;    /* and both are one, by orphan and facts */
	bool is_target : 1;   /* some record that counts refers to it */
	bool has_seen : 1;    /* it names a checkpoint as seen */
	struct id id;
};

/* One way in which a record refers to another. */
struct scan_link {
	struct scan_link *next; /* the index's */
	uint32_t feed;          /* the index's: which scan */
	uint32_t at;            /* the record that refers: its seq - 1 */
	enum ref ref;
	bool is_root; /* the target is what the record belongs to */
	bool is_here; /* the index's: and it is a record that counts */
	bool is_over; /* after LIMIT_REFS of its feed (audit_over.h) */
	struct id target;
};

/* A record's idempotency key. */
struct scan_key {
	uint32_t at; /* its seq - 1 */
	struct tag tag;
};

struct audit_scan {
	struct pubkey feed;
	struct id network;
	bool every_signature;
	struct scanned *at;      /* at[seq - 1], owned */
	size_t n, max;           /* n stood the checks */
	size_t given;            /* of these n; beyond only raw is known */
	bool is_torn;            /* what follows them could not be read */
	struct scan_link *links; /* rising at, owned; some perhaps beyond n */
	size_t links_n, links_max;
	struct scan_key *keys; /* the same */
	size_t keys_n, keys_max;
	uint64_t kinds;  /* bit k: there may be entries of kind k (scan_has) */
	bool has_roster; /* perhaps the roster's, beside the first entry */
	bool has_bad;    /* is_bad of any */
	bool is_certified; /* the first entry opens the feed as it should */
	size_t signed_n;   /* entries covered by a valid signature */
	uint64_t oldest_ms, last_ms; /* times that entries say */
	bool goes_back;              /* does one say less than the last? */
	bool has_seen;               /* does one name a checkpoint as seen? */
	bool is_broken;
	enum finding_code broken; /* which LOG finding, at entry broken_seq */
	uint64_t broken_seq;
};

/* scan_init: nothing read yet.  Cannot fail. */
void scan_init(struct audit_scan *s, const struct pubkey *feed,
	       const struct id *network, bool every_signature);

/* scan_expect: n entries will come, or about as many.  ERR_NOMEM. */
int scan_expect(struct audit_scan *s, size_t n);

/* scan_entry: the next entry, in rising order of seq; looked at when the scan
 * is ended.  ERR_NOMEM. */
int scan_entry(struct audit_scan *s, const void *raw, size_t n);

/* scan_tear: what should be the next entry cannot even be read: the feed ends
 * before it. */
void scan_tear(struct audit_scan *s);

/* scan_end: no more entries: check them.  ERR_NOMEM. */
int scan_end(struct audit_scan *s);

/* The two signatures that a feed hangs on, which take longer to check than all
 * else and hardly ever say no: the one of its last entry, and the certificate
 * in its first.  Entries as they were given; NULL where nothing is due. */
struct scan_due {
	struct id network;
	struct message first, last;
};

/* scan_trust: scan_end, but the signatures that are still due of a feed in
 * which nothing is wrong are taken for good, so that an audit can be made
 * meanwhile.  If due_holds says no, that audit is void: give new scans the same
 * entries and scan_end them. */
int scan_trust(struct audit_scan *s, struct scan_due *due);
bool due_holds(const struct scan_due *due);

/* scan_has: false when no entry is of one of these kinds, as of most kinds in
 * most feeds: who looks for them need not go through it. */
bool scan_has(const struct audit_scan *s, uint32_t first, uint32_t last);

/* scan_release: free; a zeroed one is fine. */
void scan_release(struct audit_scan *s);

#endif
