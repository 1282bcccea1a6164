#include "node/export/export.h"

#include "crypto/err.h"
#include "proto/bundle.h"
#include "proto/charter.h"
#include "proto/roster/amendment.h"
#include "proto/run.h"
#include "store/evidence.h"
#include "store/log.h"
#include "store/store.h"

#include <stdlib.h>

/* A bundle on its way out. */
struct packing {
	struct store *store;
	const struct roster *roster;
	FILE *file;
	bool want_admitting; /* which feeds this pass takes */
	struct bundle_writer bundle;
	struct run_writer run;
	uint8_t body[LIMIT_FRAME];
	uint8_t out[BUNDLE_ROOM];
};

static int put(struct packing *p, enum bundle_type type, const void *body,
	       size_t n)
{
	size_t out_n;
	int err = bundle_put(&p->bundle, p->out, &out_n, type, body, n);

	if (err != 0)
		return err;
	return fwrite(p->out, 1, out_n, p->file) == out_n ? 0 : ERR_IO;
}

static int end_run(struct packing *p)
{
	size_t n;
	int err = run_writer_end(&p->run, &n);

	if (err == ERR_STATE)
		return 0;
	return err == 0 ? put(p, BUNDLE_RUN, p->body, n) : err;
}

static int pack_entry(void *arg, const uint8_t *raw, size_t n)
{
	struct packing *p = arg;
	int err = run_writer_add(&p->run, raw, n);

	if (err != ERR_LIMIT)
		return err;
	err = end_run(p);
	run_writer_init(&p->run, p->body, sizeof(p->body), &p->run.feed);
	return err == 0 ? run_writer_add(&p->run, raw, n) : err;
}

static int pack_feed(void *arg, const struct head *head)
{
	struct packing *p = arg;
	const struct roster_feed *f = roster_feed(p->roster, &head->feed);
	int err;

	/* A feed that nobody admitted stays with whom it waits for. */
	if (f == NULL || roster_member(p->roster, &f->identity) == NULL)
		return 0;
	if (roster_may_admit(p->roster, &f->identity) != p->want_admitting)
		return 0;
	run_writer_init(&p->run, p->body, sizeof(p->body), &head->feed);
	err = store_entries(p->store, &head->feed, 1, pack_entry, p);
	return err == 0 ? end_run(p) : err;
}

static int pack_proof(void *arg, const uint8_t *raw, size_t n)
{
	return put(arg, BUNDLE_EVIDENCE, raw, n);
}

static int pack_all(struct packing *p)
{
	const struct charter *charter = roster_first_charter(p->roster);
	uint8_t buf[LIMIT_CHARTER];
	size_t n;
	int err;

	if (charter == NULL)
		return ERR_NOT_FOUND;
	err = charter_encode(buf, &n, charter);
	if (err == 0)
		err = put(p, BUNDLE_CHARTER, buf, n);
	if (err == 0)
		err = store_evidence_each(p->store, pack_proof, p);
	/* Those who admit go first, so that whoever takes the file in knows
	 * whose the other feeds are. */
	p->want_admitting = true;
	if (err == 0)
		err = store_heads(p->store, pack_feed, p);
	p->want_admitting = false;
	if (err == 0)
		err = store_heads(p->store, pack_feed, p);
	if (err == 0)
		err = bundle_put_end(&p->bundle, p->out, &n);
	if (err == 0 && fwrite(p->out, 1, n, p->file) != n)
		err = ERR_IO;
	return err;
}

int export_bundle(const struct exporting *x)
{
	struct packing *p = calloc(1, sizeof(*p));
	int err;

	if (p == NULL)
		return ERR_NOMEM;
	p->store = x->store;
	p->roster = x->roster;
	p->file = x->file;
	bundle_writer_init(&p->bundle);
	err = pack_all(p);
	free(p);
	return err;
}
