#ifndef NODE_CMD_NEWEST_H
#define NODE_CMD_NEWEST_H

#include "node/cmd/narrow.h"
#include "node/text/json.h"
#include "proto/book/glimpse.h"
#include "proto/entry.h"

#include <stddef.h>
#include <stdint.h>

/*
 * newest -- the newest entries of feeds that are not replayed yet, for those
 * who show them (store/recent.h): signed, and part of no figure.
 */

struct store;

/* newest_each: visit the entries that are beyond the head of their feed, feed
 * by feed.  Valid during the call; other than 0 ends it and is returned.
 * Errors of the store. */
typedef int newest_visit(void *arg, const struct entry *e);
int newest_each(struct store *s, newest_visit *visit, void *arg);

/* What they say of goods. */
struct newest {
	struct glimpse glimpse;
	size_t feeds;
	size_t entries;
};

/* newest_sum: add up those that narrow (NULL: all) lets through; none is
 * fine.  newest_release: free.  Errors of the store, ERR_NOMEM. */
int newest_sum(struct newest *out, struct store *s,
	       const struct narrow *narrow);
void newest_release(struct newest *n);

/* newest_json: {"feeds","entries","items":[{"item","produced","delivered",
 * "received"}...]}.  newest_table: the same for people, under a line that says
 * what it is; an exit code. */
json_t *newest_json(const struct newest *n);
int newest_table(const struct newest *n);

#endif
