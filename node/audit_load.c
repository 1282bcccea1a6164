#include "node/audit_load.h"

#include "crypto/err.h"
#include "node/audit_scan_all.h"
#include "node/i18n.h"
#include "proto/bundle.h"
#include "proto/charter.h"
#include "proto/grow.h"
#include "proto/run.h"
#include "store/book.h"
#include "store/log.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* Entries of a bundle are rebuilt into blocks of this size. */
enum { BLOCK = 1 << 20 };

/* The entries of all feeds, one feed after the other, before they are
 * scanned. */
struct gather {
	struct audit_load *load;
	struct raw *raws;
	size_t raws_n, raws_max;
	struct place {
		struct pubkey feed;
		size_t first, n;
		bool is_torn;
	} * feeds;
	size_t feeds_n, feeds_max;
};

static void gather_release(struct gather *g)
{
	free(g->raws);
	free(g->feeds);
}

static int add_feed(struct gather *g, const struct pubkey *feed)
{
	int err = grow(&g->feeds, &g->feeds_max, g->feeds_n, sizeof(*g->feeds));

	if (err == 0)
		g->feeds[g->feeds_n++] =
			(struct place){ *feed, g->raws_n, 0, false };
	return err;
}

/* Add an entry to the newest feed. */
static int add_raw(struct gather *g, const uint8_t *p, size_t n)
{
	int err = grow(&g->raws, &g->raws_max, g->raws_n, sizeof(*g->raws));

	if (err != 0)
		return err;
	g->raws[g->raws_n++] = (struct raw){ p, n };
	g->feeds[g->feeds_n - 1].n++;
	return 0;
}

/* Scan what was gathered; feeds are rising by now. */
static int scan_gathered(struct gather *g, const struct audit_how *how)
{
	struct audit_load *l = g->load;
	struct raw_feed *feeds = calloc(g->feeds_n + 1, sizeof(*feeds));
	int err;

	l->scans = calloc(g->feeds_n + 1, sizeof(*l->scans));
	if (feeds == NULL || l->scans == NULL) {
		free(feeds);
		return ERR_NOMEM;
	}
	l->scans_n = g->feeds_n;
	for (size_t i = 0; i < g->feeds_n; i++) {
		const struct place *p = &g->feeds[i];

		scan_init(&l->scans[i], &p->feed, &l->network,
			  how->every_signature);
		feeds[i] = (struct raw_feed){ &l->scans[i], g->raws + p->first,
					      p->n, p->is_torn };
	}
	err = scan_all(feeds, g->feeds_n, how->threads);
	free(feeds);
	return err;
}

static int take_entry(void *arg, const uint8_t *raw, size_t n)
{
	return add_raw(arg, raw, n);
}

static int take_head(void *arg, const struct head *head)
{
	struct gather *g = arg;
	const struct roster *roster = store_roster(g->load->store);
	const struct roster_feed *row = roster_feed(roster, &head->feed);
	struct pubkey own;
	int err;

	/* While this home waits to be admitted its own feed is nobody's
	 * concern but its own. */
	if (store_own(g->load->store, &own) && pubkey_eq(&own, &head->feed) &&
	    (row == NULL || roster_member(roster, &row->identity) == NULL))
		return 0;
	err = add_feed(g, &head->feed);
	if (err == 0)
		err = store_entries(g->load->store, &head->feed, 1, take_entry,
				    g);
	if (err == ERR_FORMAT) {
		g->feeds[g->feeds_n - 1].is_torn = true;
		err = 0;
	}
	return err;
}

int load_home(struct audit_load *l, const char *dir,
	      const struct audit_how *how, struct reason *why)
{
	struct gather g = { .load = l };
	struct book_view view;
	int err = store_open(&l->store, dir, STORE_READ);

	if (err != 0)
		return reason_set(why, err, _("cannot open the ledger in %s"),
				  dir);
	if (!store_network(l->store, &l->network))
		return reason_set(why, ERR_NOT_FOUND,
				  _("%s belongs to no network yet"), dir);
	/* The view keeps one reader's transaction open, so that the bytes stay
	 * where they are until the audit is done. */
	err = store_view_open(l->store, &view);
	if (err == 0)
		err = store_heads(l->store, take_head, &g);
	if (err == 0)
		err = scan_gathered(&g, how);
	gather_release(&g);
	if (err != 0)
		return reason_set(why, err, _("cannot read the ledger in %s"),
				  dir);
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
static int take_run(struct gather *g, const struct run *run)
{
	struct place *place = &g->feeds[g->feeds_n - 1];
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
		if (e.seq <= place->n)
			continue;
		err = keep(g->load, &p, e.raw, e.raw_n);
		if (err == 0)
			err = add_raw(g, p, e.raw_n);
		if (err != 0)
			return err;
		place = &g->feeds[g->feeds_n - 1];
	}
	if (err != ERR_NOT_FOUND)
		place->is_torn = true;
	return 0;
}

static int take_runs(struct gather *g, struct run *runs, size_t n)
{
	if (n > 0)
		qsort(runs, n, sizeof(*runs), run_cmp);
	for (size_t i = 0; i < n; i++) {
		int err = 0;

		if (i == 0 || !pubkey_eq(&runs[i - 1].feed, &runs[i].feed))
			err = add_feed(g, &runs[i].feed);
		if (err == 0 && !g->feeds[g->feeds_n - 1].is_torn)
			err = take_run(g, &runs[i]);
		if (err != 0)
			return err;
	}
	return 0;
}

static int read_bundle(struct gather *g, struct run **runs, size_t *n)
{
	struct bundle_record rec;
	struct bundle b;
	size_t max = 0;
	int err = bundle_open(&b, g->load->map.p, g->load->map.n);

	if (err != 0)
		return err;
	while ((err = bundle_next(&b, &rec)) == 0) {
		if (rec.type == BUNDLE_CHARTER)
			g->load->network = hash_id(rec.body, rec.body_n);
		if (rec.type != BUNDLE_RUN)
			continue;
		if (grow(runs, &max, *n, sizeof(**runs)) != 0)
			return ERR_NOMEM;
		if (run_decode(&(*runs)[*n], rec.body, rec.body_n) == 0)
			(*n)++;
	}
	g->load->was_cut = err != ERR_NOT_FOUND;
	return 0;
}

int load_bundle(struct audit_load *l, const char *path,
		const struct audit_how *how, struct reason *why)
{
	struct gather g = { .load = l };
	struct run *runs = NULL;
	size_t runs_n = 0;
	int err = filemap_open(&l->map, path);

	if (err == 0)
		err = read_bundle(&g, &runs, &runs_n);
	if (err == 0)
		err = take_runs(&g, runs, runs_n);
	if (err == 0)
		err = scan_gathered(&g, how);
	free(runs);
	gather_release(&g);
	if (err == ERR_FORMAT)
		return reason_set(why, err, _("%s is not a bundle of Maillon"),
				  path);
	if (err != 0)
		return reason_set(why, err, _("cannot read %s"), path);
	return 0;
}

void load_close(struct audit_load *l)
{
	for (size_t i = 0; i < l->scans_n; i++)
		scan_release(&l->scans[i]);
	free(l->scans);
	for (size_t i = 0; i < l->blocks_n; i++)
		free(l->blocks[i]);
	free(l->blocks);
	filemap_close(&l->map);
	store_close(l->store);
	*l = (struct audit_load){ .scans = NULL };
}
