#ifndef NODE_JOIN_NEWHOME_H
#define NODE_JOIN_NEWHOME_H

#include "crypto/sign.h"
#include "node/cmd/cmd.h"

/*
 * newhome -- a member's keys and what it says about itself, made by `init`, or
 * by `join` when there is none yet.
 */

/* newhome_make: from the options --label, --name, --place and
 * --passphrase-file of a command.  EXIT_USAGE: label or place is missing;
 * EXIT_DATA: one is not of its form; EXIT_CREATE: keys are there already, or
 * cannot be written.  All after saying so. */
int newhome_make(struct ctx *ctx, const struct args *args,
		 const struct command *cmd);

/* newhome_reader: keys, and a profile that says nothing, for who only reads.
 * EXIT_CREATE, after saying so. */
int newhome_reader(struct ctx *ctx);

/* newhome_change: replace in the profile what the options say; nothing when
 * there are none.  EXIT_USAGE: label or place stands in neither; EXIT_DATA: one
 * is not of its form, or the profile cannot be read.  All after saying so. */
int newhome_change(struct ctx *ctx, const struct args *args,
		   const struct command *cmd);

/* newhome_identity: whose home it is.  An exit code, after saying why not. */
int newhome_identity(const struct ctx *ctx, struct pubkey *out);

/* newhome_begin_failed: say why membership_begin did not make the ledger; its
 * errors but for ERR_EXISTS, which is the caller's to explain.  The exit
 * code. */
int newhome_begin_failed(const struct ctx *ctx, int err);

#endif
