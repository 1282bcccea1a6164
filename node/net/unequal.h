#ifndef NODE_NET_UNEQUAL_H
#define NODE_NET_UNEQUAL_H

#include "node/text/json.h"
#include "proto/rd.h"
#include "proto/session/session.h"
#include "proto/wr.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * unequal -- what a session is stuck on: the first feeds that differ, or that
 * it is only the list of members.
 */

struct roster;

struct unequal {
	bool is_known;  /* else it is not stuck, and the rest says nothing */
	bool has_other; /* list of members */
	size_t n;
	struct session_differ row[SESSION_DIFFERS];
};

/* unequal_look: what s is stuck on; s may be NULL. */
void unequal_look(struct unequal *out, const struct session *s);

/* unequal_put, unequal_get: as a daemon's answer has it. */
void unequal_put(struct wr *w, const struct unequal *u);
void unequal_get(struct rd *r, struct unequal *out);

/* unequal_text: a phrase for a person, of one that is known. */
enum { UNEQUAL_TEXT = 1024 };
void unequal_text(char out[static UNEQUAL_TEXT], const struct unequal *u,
		  const struct roster *r);

/* unequal_json: null when it is not known. */
json_t *unequal_json(const struct unequal *u);

#endif
