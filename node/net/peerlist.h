#ifndef NODE_NET_PEERLIST_H
#define NODE_NET_PEERLIST_H

#include "node/net/unequal.h"
#include "proto/limit.h"
#include "proto/rd.h"
#include "proto/wr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * peerlist -- the nodes that a running daemon talks to, for who asks it.
 *
 * State is a word: "down" (to be dialled again), "connecting", "hello" (not
 * proved yet who it is), "joining" (one is not in the other's roster), "sync",
 * "live", "stuck" (unequal with nothing left to exchange).
 */

enum { PEERLIST_STATE = 16, PEERLIST_FEED = 17, PEERLIST_MAX = 2048 };

struct peerlist_row {
	char label[LIMIT_LABEL + 1];     /* of a member, else digits of a key */
	char address[LIMIT_ADDRESS + 1]; /* as dialled, or where it is from */
	char state[PEERLIST_STATE];
	bool is_dialled;
	bool in_step;
	uint64_t last_ms; /* heard then, since 1970 UTC; 0: not yet */
	uint64_t bytes_in, bytes_out;
	char aside[PEERLIST_FEED]; /* a feed that is set aside, or "" */
	struct unequal unequal;    /* of "stuck" */
};

/* peerlist_state: the word for a person, in the language of messages. */
const char *peerlist_state(const char *state);

/* peerlist_json: one row as programs read it. */
json_t *peerlist_json(const struct peerlist_row *row);

/* peerlist_put: one row as the daemon's answer has it. */
void peerlist_put(struct wr *w, const struct peerlist_row *row);

/* peerlist_get: the whole answer; *rows is malloc'ed, NULL when *n is 0.
 * ERR_FORMAT, ERR_LIMIT, ERR_NOMEM. */
int peerlist_get(struct peerlist_row **rows, size_t *n, struct rd *r);

/* peerlist_ask: of the daemon whose control socket is at path.  ERR_NOT_FOUND:
 * none runs; else the errors of ctl_call and above. */
int peerlist_ask(struct peerlist_row **rows, size_t *n, const char *path);

#endif
