#include "node/report/audit_load.h"

#include "crypto/err.h"
#include "node/ledger.h"
#include "node/report/audit_pool.h"
#include "node/text/i18n.h"
#include "proto/bundle.h"
#include "proto/charter.h"
#include "proto/grow.h"
#include "proto/run.h"
#include "store/book.h"
#include "store/evidence.h"
#include "store/log.h"
#include "store/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Entries of a bundle are rebuilt into blocks of this size. */
enum { BLOCK = 1 << 20 };

/* A head is believed to have so many entries until they are there. */
enum { EXPECTED = 1 << 12 };

struct load_feed {
	struct scan_due due;
	int err; /* of its scan */
	bool is_bad;
};

/* Room for the scans of so many feeds: they must not move. */
static int make_room(struct audit_load *l, size_t feeds,
		     const struct audit_how *how)
{
	l->how = *how;
	l->feeds_max = feeds;
	l->scans = calloc(feeds + 1, sizeof(*l->scans));
	l->feeds = calloc(feeds + 1, sizeof(*l->feeds));
	return l->scans == NULL || l->feeds == NULL
		       ? ERR_NOMEM
		       : pool_open(&l->pool, how->threads);
}

/* Wait until all is scanned; err is what went wrong before, or 0. */
static int all_scanned(struct audit_load *l, int err)
{
	if (l->pool != NULL)
		pool_wait(l->pool, POOL_SOON);
	for (size_t i = 0; i < l->feeds_n && err == 0; i++)
		err = l->feeds[i].err;
	return err;
}

/* Feeds come in rising order. */
static struct audit_scan *begin_feed(struct audit_load *l,
				     const struct pubkey *feed)
{
	struct audit_scan *scan = &l->scans[l->feeds_n];

	assert(l->feeds_n < l->feeds_max);
	scan_init(scan, feed, &l->network, l->how.every_signature);
	l->scans_n = ++l->feeds_n;
	return scan;
}

static void check_due(void *feeds, size_t i)
{
	struct load_feed *feed = (struct load_feed *)feeds + i;

	feed->is_bad = !due_holds(&feed->due);
}

static void scan_feed(void *load, size_t i)
{
	struct audit_load *l = load;
	struct load_feed *feed = &l->feeds[i];

	if (l->how.is_strict) {
		feed->err = scan_end(&l->scans[i]);
		return;
	}
	feed->err = scan_trust(&l->scans[i], &feed->due);
	pool_add(l->pool, POOL_LATER, check_due, l->feeds, i);
}

/* The feed begun last is whole. */
static void end_feed(struct audit_load *l)
{
	pool_add(l->pool, POOL_SOON, scan_feed, l, l->feeds_n - 1);
}

static int take_entry(void *arg, const uint8_t *raw, size_t n)
{
	return scan_entry(arg, raw, n);
}

/* A feed whose owner nobody admitted, or whose admission is gone, is kept
 * aside: it is in no peer's frontier and in no cut, and nothing of it in the
 * book.  Our own is one while this home waits. */
static bool is_aside(struct store *s, const struct pubkey *feed)
{
	const struct roster *roster = store_roster(s);
	const struct roster_feed *row = roster_feed(roster, feed);
	struct pubkey own;

	if (row != NULL)
		return roster_member(roster, &row->identity) == NULL;
	return store_own(s, &own) && pubkey_eq(&own, feed);
}

/* Only feeds of which nothing counts may be aside; mostly there is none, and
 * nobody needs the roster. */
static int drop_aside(struct audit_load *l)
{
	size_t kept = 0;
	int err = 0;

	if (!l->is_any_uncounted)
		return 0;
	if (store_roster(l->store) == NULL)
		err = store_refresh(l->store);
	for (size_t i = 0; i < l->scans_n && err == 0; i++)
		if (is_aside(l->store, &l->scans[i].feed))
			scan_release(&l->scans[i]);
		else
			l->scans[kept++] = l->scans[i];
	if (err == 0)
		l->scans_n = kept;
	return err;
}

static int take_head(void *arg, const struct head *head)
{
	struct audit_load *l = arg;
	struct audit_scan *scan = begin_feed(l, &head->feed);
	int err = scan_expect(scan, head->seq < EXPECTED ? (size_t)head->seq
							 : EXPECTED);

	if (head->counted == 0)
		l->is_any_uncounted = true;
	if (err == 0)
		err = store_entries(l->store, &head->feed, 1, take_entry, scan);
	if (err == ERR_FORMAT)
		scan_tear(scan);
	else if (err != 0)
		return err;
	end_feed(l);
	return 0;
}

static int add_proof(struct audit_load *l, const uint8_t *p, size_t n)
{
	int err = grow(&l->proofs, &l->proofs_max, l->proofs_n,
		       sizeof(*l->proofs));

	if (err == 0)
		l->proofs[l->proofs_n++] = (struct audit_proof){ p, n };
	return err;
}

static int take_proof(void *arg, const uint8_t *p, size_t n)
{
	return add_proof(arg, p, n);
}

int load_audit(struct audit **out, const struct audit_load *l,
	       const uint64_t *as_of_ms)
{
	const struct audit_proofs proofs = { l->proofs, l->proofs_n };
	const struct audit_given given = { &proofs, as_of_ms };
	const struct audit_crew crew = pool_crew(l->pool);

	return audit_open_with(out, &l->network, l->scans, l->scans_n, &given,
			       l->how.threads > 1 ? &crew : NULL);
}

bool load_holds(struct audit_load *l)
{
	pool_wait(l->pool, POOL_LATER);
	for (size_t i = 0; i < l->feeds_n; i++)
		if (l->feeds[i].is_bad)
			return false;
	return true;
}

int load_store(struct audit_load *l, struct store *s,
	       const struct audit_how *how)
{
	struct book_view view;
	uint64_t feeds;
	int err;

	l->store = s;
	if (!store_network(s, &l->network))
		return ERR_NOT_FOUND;
	/* The view keeps one reader's transaction open, so that the bytes stay
	 * where they are until the audit is done. */
	err = store_view_open(l->store, &view);
	l->has_view = err == 0;
	if (err == 0)
		err = store_feed_count(l->store, &feeds);
	if (err == 0)
		err = make_room(l, (size_t)feeds, how);
	if (err == 0)
		err = store_heads(l->store, take_head, l);
	if (err == 0)
		err = store_evidence_each(l->store, take_proof, l);
	err = all_scanned(l, err);
	return err == 0 ? drop_aside(l) : err;
}

int load_home(struct audit_load *l, const struct home *home,
	      const struct audit_how *how, struct reason *why)
{
	struct store *s = NULL;
	struct id network;
	int err = ledger_open(&s, home, STORE_GLANCE);

	if (err != 0)
		return reason_set(why, err, _("cannot open the ledger in %s"),
				  home->ledger);
	l->owned = s;
	if (!store_network(s, &network))
		return reason_set(why, ERR_NOT_FOUND,
				  _("%s belongs to no network yet"),
				  home->ledger);
	err = load_store(l, s, how);
	if (err != 0)
		return reason_set(why, err, _("cannot read the ledger in %s"),
				  home->ledger);
	return 0;
}

/* Keep n bytes for as long as the load lives. */
static int keep(struct audit_load *l, const uint8_t **out, const uint8_t *p,
		size_t n)
{
	if (l->blocks_n == 0 || n > BLOCK - l->used) {
		int err = grow(&l->blocks, &l->blocks_max, l->blocks_n,
			       sizeof(*l->blocks));
		uint8_t *block = err == 0 ? malloc(BLOCK) : NULL;

		if (block == NULL)
			return ERR_NOMEM;
		l->blocks[l->blocks_n++] = block;
		l->used = 0;
	}
	*out = l->blocks[l->blocks_n - 1] + l->used;
	memcpy(l->blocks[l->blocks_n - 1] + l->used, p, n);
	l->used += n;
	return 0;
}

static int run_cmp(const void *a, const void *b)
{
	const struct run *x = a, *y = b;
	int c = pubkey_cmp(&x->feed, &y->feed);

	if (c != 0)
		return c;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* Runs may overlap (bundles merge): entries that are there are passed over. */
static int take_run(struct audit_load *l, struct audit_scan *scan,
		    const struct run *run)
{
	uint8_t buf[LIMIT_ENTRY];
	struct run_walk walk;
	struct entry e;
	struct id id;
	int err;

	run_walk_init(&walk, run);
	for (;;) {
		const uint8_t *p;

		err = run_walk_next(&walk, &e, &id, buf);
		if (err != 0)
			break;
		if (e.seq <= scan->given)
			continue;
		err = keep(l, &p, e.raw, e.raw_n);
		if (err == 0)
			err = scan_entry(scan, p, e.raw_n);
		if (err != 0)
			return err;
	}
	if (err != ERR_NOT_FOUND)
		scan_tear(scan);
	return 0;
}

static int take_runs(struct audit_load *l, struct run *runs, size_t n)
{
	struct audit_scan *scan = NULL;

	if (n > 0)
		qsort(runs, n, sizeof(*runs), run_cmp);
	for (size_t i = 0; i < n; i++) {
		int err = 0;

		if (i == 0 || !pubkey_eq(&runs[i - 1].feed, &runs[i].feed))
			scan = begin_feed(l, &runs[i].feed);
		if (!scan->is_torn)
			err = take_run(l, scan, &runs[i]);
		if (err != 0)
			return err;
		if (i + 1 == n || !pubkey_eq(&runs[i].feed, &runs[i + 1].feed))
			end_feed(l);
	}
	return 0;
}

static int read_bundle(struct audit_load *l, struct run **runs, size_t *n)
{
	struct bundle_record rec;
	struct bundle b;
	size_t max = 0;
	int err = bundle_open(&b, l->map.p, l->map.n);

	if (err != 0)
		return err;
	while ((err = bundle_next(&b, &rec)) == 0) {
		if (rec.type == BUNDLE_CHARTER)
			l->network = hash_id(rec.body, rec.body_n);
		if (rec.type == BUNDLE_EVIDENCE &&
		    add_proof(l, rec.body, rec.body_n) != 0)
			return ERR_NOMEM;
		if (rec.type != BUNDLE_RUN)
			continue;
		if (grow(runs, &max, *n, sizeof(**runs)) != 0)
			return ERR_NOMEM;
		if (run_decode(&(*runs)[*n], rec.body, rec.body_n) == 0)
			(*n)++;
	}
	l->was_cut = err != ERR_NOT_FOUND;
	return 0;
}

int load_bundle(struct audit_load *l, const char *path,
		const struct audit_how *how, struct reason *why)
{
	struct run *runs = NULL;
	size_t runs_n = 0;
	int err = filemap_open(&l->map, path);

	if (err == 0)
		err = read_bundle(l, &runs, &runs_n);
	if (err == 0)
		err = make_room(l, runs_n, how);
	if (err == 0)
		err = take_runs(l, runs, runs_n);
	err = all_scanned(l, err);
	free(runs);
	if (err == ERR_FORMAT)
		return reason_set(why, err, _("%s is not a bundle of Maillon"),
				  path);
	if (err != 0)
		return reason_set(why, err, _("cannot read %s"), path);
	return 0;
}

void load_close(struct audit_load *l)
{
	pool_close(l->pool);
	free(l->feeds);
	for (size_t i = 0; i < l->scans_n; i++)
		scan_release(&l->scans[i]);
	free(l->scans);
	free(l->proofs);
	for (size_t i = 0; i < l->blocks_n; i++)
		free(l->blocks[i]);
	free(l->blocks);
	filemap_close(&l->map);
	if (l->has_view)
		store_view_close(l->store);
	store_close(l->owned);
	*l = (struct audit_load){ .scans = NULL };
}
