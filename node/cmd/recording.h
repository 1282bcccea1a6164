#ifndef NODE_CMD_RECORDING_H
#define NODE_CMD_RECORDING_H

#include "node/cmd/cmd.h"
#include "node/cmd/remark.h"
#include "node/ctl/desk.h"
#include "node/text/form.h"
#include "proto/book/book.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * recording -- what every verb that records does in the same way.
 *
 *   code = recording_open(&r, ctx, args, KIND_PRODUCE);
 *   if (code == EXIT_DONE)
 *           code = recording_options(&r, table);
 *   ...
 *   return recording_end(&r, code);
 *
 * recording_end signs and prints `REF ID` when everything before went well,
 * says what was remarked upon (remark.h), and closes in any case.  All
 * functions say what is wrong, and return exit codes: what a person typed
 * wrong is EXIT_DATA.
 */

struct recording {
	struct ctx *ctx;
	const struct args *args;
	struct desk desk;
	struct form *form;
	struct form *earlier; /* see recording_earlier; owned */
	struct remarks remarks;
};

/* recording_open: the desk, a form of this kind, and the common options --when
 * --for --key --doc. */
int recording_open(struct recording *r, struct ctx *ctx,
		   const struct args *args, enum kind kind);

/* An option that is one fact. */
struct option_fact {
	const char *option;
	enum fact fact;
};

/* recording_options: set the facts of those options that were given; the table
 * ends with a NULL option. */
int recording_options(struct recording *r, const struct option_fact *table);

/* recording_set: one fact from a text. */
int recording_set(struct recording *r, enum fact fact, const char *text);

/* recording_file: the SHA-256 of the file that an option names, if it does. */
int recording_file(struct recording *r, const char *option, enum fact fact);

/* recording_goods: goods from arguments ("QTY ITEM" as one or two), or from
 * all values of an option; recording_lines sets them as a fact. */
int recording_goods(struct recording *r, struct goods out[static LIMIT_LINES],
		    size_t *n, const char *const *arg, size_t arg_n);
int recording_lines(struct recording *r, enum fact fact, const char *const *arg,
		    size_t arg_n);
int recording_option_lines(struct recording *r, enum fact fact,
			   const char *option);

/* recording_ref: find the record that text names.  kind 0: any. */
int recording_ref(struct recording *r, struct ref_found *out, const char *text,
		  enum kind kind);

/* recording_earlier: what this member recorded before under the --key that was
 * given, if it is of the same kind: facts that follow from the state of the
 * book are taken from it, so that the same command gives the same record. */
const struct record *recording_earlier(const struct recording *r);

/* recording_date: when it happened, as far as it is known now: --when, else the
 * clock; ms since 1970. */
uint64_t recording_date(const struct recording *r);

/* recording_needs: EXIT_DONE when the option was given, else EXIT_USAGE after
 * saying so. */
int recording_needs(const struct recording *r, const struct command *cmd,
		    const char *option);

/* recording_end: record, print, warn where more leaves a shelf than is on it,
 * and close.  Returns code when that is not EXIT_DONE. */
int recording_end(struct recording *r, int code);

/* recording_refuse: say why; EXIT_DATA for what is wrong with the data, else
 * the exit code of err. */
int recording_refuse(int err, const struct reason *why);

/* party_is_final: do goods delivered to them stay there, if nobody says
 * otherwise?  Recipients and outsiders; not makers, couriers, associations. */
bool party_is_final(const struct roster *roster, const struct party *p);

/* delivery_open: what of line i nobody has accepted, refused or lost yet. */
uint64_t delivery_open(const struct delivery *d, size_t i);

#endif
