#ifndef NODE_PROOF_CHECKPOINTING_H
#define NODE_PROOF_CHECKPOINTING_H

#include "node/ctl/ctl.h"
#include "node/keeper.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * checkpointing -- making checkpoints and cosigning those of others, on top of
 * the keeper (PROTOCOL.md, "Checkpoints", "Cosignatures").
 *
 * Whoever holds the keeper does it, so that nothing comes in between: a
 * command of its own, or the daemon for it.  Everything is on the disk when a
 * function returns 0.  now_ms is the wall clock (cmd_now).  In a daemon the
 * host's batch is flushed before, and the host refreshed after.
 *
 * The control verbs, which the daemon answers with checkpointing_serve:
 *   checkpoint         -> [seq, id, size, is_new 0|1]
 *   cosign     feed    -> [enum cosign_answer, seq, id, size, had]
 */

/* Between the checkpoints that a running node makes by itself, and between its
 * start and the first of them.  MAILLON_CHECKPOINT_MS in the environment makes
 * it less: an aid for tests. */
enum { CHECKPOINT_PERIOD_MS = 60 * 60 * 1000 };

/* checkpoint_due: is it time, on a clock that never jumps?  *next_ms is when
 * it is, 0 at the start; moves on when it was. */
bool checkpoint_due(uint64_t *next_ms, uint64_t now_ms);

/* checkpoint_may: would a running node make checkpoints by itself?  An
 * association's, unless another node of its member does. */
bool checkpoint_may(struct keeper *k);

/* The newest checkpoint of this node. */
struct checkpointed {
	uint64_t seq;
	struct id id;
	uint64_t size; /* leaves */
	bool is_new;   /* made now; else nothing new was there to attest */
};

/* checkpoint_make: attest what is new and close it, if anything is.
 * ERR_DENIED: this member is no association; ERR_STATE: entries that were
 * attested are not here any more; and the errors of keeper_record. */
int checkpoint_make(struct keeper *k, struct checkpointed *out,
		    uint64_t now_ms);

/* What a witness says to a tree. */
enum cosign_answer {
	COSIGN_DONE,
	COSIGN_ALREADY,   /* the newest checkpoint is the one cosigned last */
	COSIGN_NOTHING,   /* there is no checkpoint */
	COSIGN_UNCHECKED, /* entries that it covers are not here */
	COSIGN_WRONG,     /* it is not that of the entries attested */
	COSIGN_SMALLER,   /* smaller than the one cosigned last */
	COSIGN_SPLIT,     /* does not extend the one cosigned last */
	COSIGN_CLOCK      /* this clock cannot be right: nobody waits so long */
};

struct cosign_result {
	enum cosign_answer answer;
	uint64_t seq; /* of the `cosign` entry, when done or already */
	struct id id;
	uint64_t size; /* of the checkpoint */
	uint64_t had;  /* size of the one cosigned last, 0 for none */
};

/* cosign_make: the newest checkpoint of this feed's tree.  ERR_DENIED: this
 * member is no witness of it. */
int cosign_make(struct keeper *k, struct cosign_result *out,
		const struct pubkey *feed, uint64_t now_ms);

/* checkpointing_serve: the daemon's side of the verbs above: ERR_NOT_FOUND for
 * a verb that is not one of them. */
int checkpointing_serve(struct keeper *k, struct ctl_request *req,
			struct ctl_reply *reply);

#endif
