#ifndef NODE_REPORT_AUDIT_LOAD_H
#define NODE_REPORT_AUDIT_LOAD_H

#include "crypto/hash.h"
#include "node/home.h"
#include "node/import/filemap.h"
#include "node/text/say.h"
#include "proto/audit/audit.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * audit_load -- bring the feeds of a home or of a bundle file before an audit.
 *
 * All entries are read where they lie (in LMDB's map, or rebuilt from the
 * bundle's runs), and each feed is scanned meanwhile, by as many threads as
 * asked for.  The result does not depend on how many there were.
 *
 * Half of an audit's time goes into two signatures of each feed.  They are
 * checked while the feeds are folded already, as if all were good (scan_trust),
 * so nothing of an audit may be told before load_holds.
 */

struct store;

struct audit_how {
	bool every_signature;
	bool is_strict;   /* nothing is taken for good before it is checked */
	unsigned threads; /* 1 to AUDIT_THREADS */
};

enum { AUDIT_THREADS = 64 };

struct load_feed; /* a feed on its way through the threads */

struct audit_load {
	struct audit_how how;
	struct id network;
	struct audit_scan *scans; /* rising feed, ended */
	size_t scans_n;
	struct load_feed *feeds; /* as they were read */
	size_t feeds_n, feeds_max;
	struct audit_pool *pool;
	struct store *store;   /* lends the bytes of a home */
	struct store *owned;   /* the same, if it was opened here */
	bool has_view;         /* which keeps the bytes where they are */
	bool is_any_uncounted; /* a feed of which nothing is in the book */
	struct audit_proof
		*proofs; /* that feeds end; borrowed as entries are */
	size_t proofs_n, proofs_max;
	struct filemap map; /* the bundle file */
	uint8_t **blocks;   /* entries rebuilt from the bundle */
	size_t blocks_n, blocks_max;
	size_t used;  /* bytes of the last block */
	bool was_cut; /* the bundle ends before its end */
};

/* load_home: every feed of the ledger of a home that belongs to the
 * network: those of people whom nobody admitted stay out.  Errors of
 * ledger_open; why says more.  A reader's transaction stays open until
 * load_close. */
int load_home(struct audit_load *l, const struct home *home,
	      const struct audit_how *how, struct reason *why);

/* load_store: the same of a store that the caller has open and closes after
 * load_close.  ERR_NOT_FOUND: no network yet; errors of the store, ERR_NOMEM.
 */
int load_store(struct audit_load *l, struct store *s,
	       const struct audit_how *how);

/* load_bundle: every feed in the file at path.  ERR_NOT_FOUND, ERR_DENIED,
 * ERR_IO; ERR_FORMAT: not a bundle, or nothing in it can be read.  What is
 * wrong inside a feed is left to the audit to find. */
int load_bundle(struct audit_load *l, const char *path,
		const struct audit_how *how, struct reason *why);

/* load_audit: make the audit of what was loaded, ages measured at as_of_ms,
 * which may be NULL.  ERR_NOMEM. */
int load_audit(struct audit **out, const struct audit_load *l,
	       const uint64_t *as_of_ms);

/* load_holds: when all signatures are checked.  False: one is not good, and the
 * audit is void; make another of the same, loaded again strictly. */
bool load_holds(struct audit_load *l);

/* load_close: free all; a zeroed or failed one is fine. */
void load_close(struct audit_load *l);

#endif
