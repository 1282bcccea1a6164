#include "node/import/import_bundle.h"

#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/import/filemap.h"
#include "node/import/intake.h"
#include "node/net/heard.h"
#include "node/safe/renewal.h"
#include "node/safe/unsent.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/progress.h"
#include "node/text/say.h"
#include "proto/bundle.h"
#include "proto/grow.h"
#include "store/store.h"

#include <stdlib.h>

/* A file on its way in. */
struct unpacking {
	struct desk *desk;
	const char *path;
	struct filemap map;
	struct id network;
	bool was_cut;
	struct intake_run *runs; /* in the file, not taken in yet */
	size_t runs_n, runs_max;
	uint64_t added;
	size_t broken;
	size_t forks; /* of the runs: tell another story, as things are */
};

static int read_records(struct unpacking *u)
{
	struct bundle_record rec;
	struct bundle b;
	int err = bundle_open(&b, u->map.p, u->map.n);

	if (err != 0)
		return err;
	while ((err = bundle_next(&b, &rec)) == 0) {
		if (rec.type == BUNDLE_CHARTER)
			u->network = hash_id(rec.body, rec.body_n);
		if (rec.type != BUNDLE_RUN && rec.type != BUNDLE_EVIDENCE)
			continue;
		if (grow(&u->runs, &u->runs_max, u->runs_n, sizeof(*u->runs)) !=
		    0)
			return ERR_NOMEM;
		u->runs[u->runs_n++] =
			(struct intake_run){ rec.body, rec.body_n };
	}
	u->was_cut = err != ERR_NOT_FOUND;
	return 0;
}

static int check_network(const struct unpacking *u)
{
	struct id ours;

	if (store_network(u->desk->store, &ours) && id_eq(&ours, &u->network))
		return EXIT_DONE;
	say_error(_("%s is of another network than this home; nothing was "
		    "taken in"),
		  u->path);
	return EXIT_DATA;
}

/* How many runs one batch takes from `at` on, at least 1. */
static size_t batch_size(const struct unpacking *u, size_t at)
{
	size_t bytes = 0, n = 0;

	while (at + n < u->runs_n && n < INTAKE_RUNS) {
		bytes += u->runs[at + n].n;
		if (bytes > INTAKE_BYTES && n > 0)
			break;
		n++;
	}
	return n;
}

static int take(struct unpacking *u, struct intake_row *rows, size_t at,
		size_t n)
{
	if (u->desk->keeper != NULL)
		return intake_take(u->desk->keeper, rows, u->runs + at, n);
	return intake_call(&u->desk->ctl, rows, u->runs + at, n);
}

/* One pass over what is left; what has to wait stays for the next. */
static int take_pass(struct unpacking *u, struct progress *bar)
{
	struct intake_row rows[INTAKE_RUNS];
	size_t kept = 0, n = 0;

	u->forks = 0;
	for (size_t at = 0; at < u->runs_n; at += n) {
		int err;

		n = batch_size(u, at);
		err = take(u, rows, at, n);
		if (err != 0)
			return err;
		for (size_t i = 0; i < n; i++) {
			u->added += rows[i].added;
			u->broken += rows[i].fate == INTAKE_BROKEN;
			u->forks += rows[i].fate == INTAKE_FORK;
			if (rows[i].fate == INTAKE_LATER ||
			    rows[i].fate == INTAKE_FORK)
				u->runs[kept++] = u->runs[at + i];
		}
		progress_at(bar, at + n, u->runs_n);
	}
	u->runs_n = kept;
	return 0;
}

/* Whoever is admitted by an entry of this pass has its own feed taken in by
 * the next, and so has a chain that was named, so passes end when one brings
 * nothing. */
static int take_all(struct unpacking *u)
{
	struct progress bar;
	uint64_t before;
	int err;

	progress_start(&bar, _("taking in"));
	do {
		before = u->added;
		err = take_pass(u, &bar);
	} while (err == 0 && u->runs_n > 0 && u->added > before);
	progress_end(&bar);
	return err;
}

/* What the home has lost of its own feed comes back, and its key has signed
 * more than is here: what it recorded since is recorded again under a new one.
 * A node that runs is told so by its peers. */
static int take_with_own(struct unpacking *u)
{
	struct keeper *k = u->desk->keeper;
	uint64_t differs = 0;
	bool is_new = false;
	int err = k == NULL ? 0
			    : intake_own(k, &differs, &is_new, u->runs,
					 u->runs_n);

	if (err == 0 && differs > 0)
		err = unsent_cut(k, differs);
	if (err == 0)
		err = take_all(u);
	if (err != 0 || (differs == 0 && !is_new))
		return err;
	/* What is left is on the feed. */
	err = renewal_met(k, UINT64_MAX);
	if (err == 0)
		err = renewal_begin(k, NULL);
	if (err == 0)
		err = unsent_reissue(k);
	if (err == 0)
		say_note(_("this home is an old copy of itself; it goes on "
			   "under a new node key, and what it has lost comes "
			   "back from its peers"));
	return err;
}

static int report(const struct unpacking *u)
{
	size_t waiting = u->runs_n - u->forks;
	json_t *o;

	if (u->desk->ctx->is_json) {
		o = json_object();
		json_put(&o, "schema", json_string("maillon.import-bundle/1"));
		json_put(&o, "added", json_integer((json_int_t)u->added));
		json_put(&o, "waiting", json_integer((json_int_t)waiting));
		json_put(&o, "broken", json_integer((json_int_t)u->broken));
		json_put(&o, "forked", json_integer((json_int_t)u->forks));
		json_put(&o, "whole", json_boolean(!u->was_cut));
		if (json_line(stdout, o) != EXIT_DONE)
			return EXIT_IO;
	} else {
		say_note(P_("%s: %llu entry was new",
			    "%s: %llu entries were "
			    "new",
			    u->added),
			 u->path, (unsigned long long)u->added);
	}
	if (waiting > 0)
		say_warn(P_("%zu run was left out: nobody known here admitted "
			    "its author, or what it follows is missing",
			    "%zu runs were left out: nobody known here "
			    "admitted their authors, or what they follow is "
			    "missing",
			    waiting),
			 waiting);
	if (u->broken > 0)
		say_warn(P_("%zu run is damaged; what of it is validly signed "
			    "was taken in",
			    "%zu runs are damaged; what of them is validly "
			    "signed was taken in",
			    u->broken),
			 u->broken);
	if (u->forks > 0)
		say_warn(P_("%zu run tells another story than the entries held "
			    "here and was left out",
			    "%zu runs tell another story than the entries held "
			    "here and were left out",
			    u->forks),
			 u->forks);
	if (u->was_cut)
		say_warn(_("the file was cut or altered: what could be read of "
			   "it was taken in"));
	return u->runs_n + u->broken > 0 || u->was_cut ? EXIT_NO : EXIT_DONE;
}

static int unpack(struct unpacking *u)
{
	struct heard left;
	int err = filemap_open(&u->map, u->path);
	int code;

	if (err != 0) {
		say_error(_("cannot read %s: %s"), u->path, err_reason(err));
		return EXIT_INPUT;
	}
	err = read_records(u);
	if (err == ERR_FORMAT || err == ERR_VERSION) {
		say_error(_("%s is not a bundle of Maillon"), u->path);
		return EXIT_DATA;
	}
	code = err == 0 ? check_network(u) : EXIT_DONE;
	if (code != EXIT_DONE)
		return code;
	if (err == 0)
		err = take_with_own(u);
	/* Of what peers have told of this may have been a part. */
	if (err == 0 && u->desk->keeper != NULL)
		err = heard_lower(u->desk->keeper->store, &left);
	if (err == ERR_STATE || err == ERR_SIGNATURE)
		return renewal_sealed(err);
	if (err != 0) {
		say_error(_("%s was not taken in to the end: %s"), u->path,
			  err_reason(err));
		return exit_of(err);
	}
	return report(u);
}

int import_bundle(struct ctx *ctx, const char *path)
{
	struct desk d = { .store = NULL };
	struct unpacking u = { .desk = &d, .path = path };
	int code = desk_open(&d, ctx);

	if (code == EXIT_DONE)
		code = unpack(&u);
	free(u.runs);
	filemap_close(&u.map);
	desk_close(&d);
	return code;
}
