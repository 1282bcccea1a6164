#ifndef NODE_IMPORT_INTAKE_H
#define NODE_IMPORT_INTAKE_H

#include "node/ctl/ctl.h"
#include "node/keeper.h"

#include <stddef.h>
#include <stdint.h>

/*
 * intake -- take runs of others' entries into the ledger, off a file.
 *
 * The same checks as for a run from the network: form, chain, signatures, and
 * that somebody admitted the author.  A run may overlap with what is held.
 *
 * The control verb, which the daemon answers with intake_serve:
 *   take  [run(bin)...] -> [[fate, added]...]
 */

/* What became of a run. */
enum intake_fate {
	INTAKE_DONE,   /* all of it is held now */
	INTAKE_LATER,  /* its author or what it follows is not here (yet) */
	INTAKE_BROKEN, /* it ends before a bad signature, or makes no sense */
	INTAKE_FORK    /* the feed goes on otherwise here */
};

struct intake_row {
	enum intake_fate fate;
	uint64_t added; /* entries that were new */
};

/* One run, or one proof that a feed ends (evidence.h), as it stands in a file,
 * borrowed. */
struct intake_run {
	const uint8_t *p;
	size_t n;
};

enum {
	INTAKE_RUNS = 256,        /* runs of one batch */
	INTAKE_BYTES = 512 * 1024 /* and their bytes together */
};

/* intake_take: take in n runs, 1 to INTAKE_RUNS, in one durable batch, and say
 * in out what became of each.  Errors are those of the store; then nothing of
 * the batch is kept. */
int intake_take(struct keeper *k, struct intake_row *out,
		const struct intake_run *runs, size_t n);

/* intake_own: what runs of the home's own feed show that is not here: the
 * lowest seq at which another entry stands here, 0 for none, and whether they
 * go on beyond its head.  Either way the home is an old copy.  Only what is
 * validly signed shows anything.  Errors of the store; ERR_NOMEM. */
int intake_own(struct keeper *k, uint64_t *differs, bool *is_new,
	       const struct intake_run *runs, size_t n);

/* intake_serve: the daemon's side; ERR_NOT_FOUND for another verb.  Tells what
 * intake_own does, and when another entry stands here takes nothing yet. */
int intake_serve(struct keeper *k, struct ctl_request *req,
		 struct ctl_reply *reply, uint64_t *differs, bool *is_new);

/* intake_call: the same through a daemon's control socket. */
int intake_call(struct ctl *ctl, struct intake_row *out,
		const struct intake_run *runs, size_t n);

#endif
