#ifndef PROTO_SESSION_MSG_LIST_H
#define PROTO_SESSION_MSG_LIST_H

#include "crypto/sign.h"
#include "proto/limit.h"
#include "proto/rd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * msg_list -- the lists in frames: checked once, then read element by element.
 *
 * A list borrows the frame.  Copy it to read it twice.
 */

enum {
	MSG_SHORT = 8,         /* bytes of an id in a row of HEADS */
	MSG_PRINTS_MAX = 4096, /* bytes of fingerprints in a row of WALK, */
	MSG_PRINTS_FEW = 96,   /* of single heads above the lowest level */
	MSG_WALK_MAX = 1024    /* rows of WALK */
};

/* A list whose form has been checked. */
struct msg_list {
	uint32_t count; /* elements left */
	struct rd rd;   /* before the next one */
};

/* A row of LIMITS. */
struct msg_limit {
	struct pubkey feed;
	uint64_t fork; /* where it forked, 0: not */
	uint64_t end;  /* where its identity closed it, 0: not */
};

/* A row of HEADS.  is_short: only the first MSG_SHORT bytes of the feed are
 * known, the others are 0; so in FETCH. */
struct msg_head {
	struct pubkey feed;
	bool is_short;
	uint64_t seq; /* at least 1 */
	uint8_t id[MSG_SHORT];
};

/* A row of FETCH. */
struct msg_want {
	struct pubkey feed;
	bool is_short;
	uint64_t from; /* at least 1 */
	uint64_t to;   /* the last that is asked for; 0: all there is */
};

/* What a row of WALK says of its node. */
enum msg_prints {
	PRINTS_CHILDREN, /* the fingerprints of its children */
	PRINTS_HEADS,    /* those of the heads below it */
	PRINTS_UNKNOWN,  /* of these, those that the other side lacks */
	PRINTS_FORMS
};

/* A row of WALK. */
struct msg_node {
	uint32_t node; /* of tree.h */
	enum msg_prints form;
	const uint8_t *prints; /* borrowed */
	size_t prints_n;       /* bytes, a multiple of TREE_PRINT */
};

/* Feeds of which the sender has evidence; struct msg_limit rows, rising. */
struct msg_limits {
	bool is_last; /* there is no more */
	struct msg_list rows;
};

struct msg_proof {
	bool is_last; /* of the pieces of this proof */
	const uint8_t *p;
	size_t n; /* at least 1 */
};

/* msg_read_*: take a whole list, which is the last element of its frame, and
 * check it; r fails when it is not one.  Nodes of WALK rise.  Byte strings
 * have 1 to max bytes, and n of them. */
void msg_read_limits(struct rd *r, struct msg_list *out);
void msg_read_heads(struct rd *r, struct msg_list *out);
void msg_read_wants(struct rd *r, struct msg_list *out);
void msg_read_nodes(struct rd *r, struct msg_list *out);
void msg_read_bins(struct rd *r, struct msg_list *out, uint32_t n, size_t max);

/* msg_next_*: take the next element; false after the last. */
bool msg_next_limit(struct msg_list *list, struct msg_limit *out);
bool msg_next_head(struct msg_list *list, struct msg_head *out);
bool msg_next_want(struct msg_list *list, struct msg_want *out);
bool msg_next_node(struct msg_list *list, struct msg_node *out);
bool msg_next_bin(struct msg_list *list, const uint8_t **p, size_t *n);

#endif
