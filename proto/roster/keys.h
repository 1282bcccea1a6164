#ifndef PROTO_ROSTER_KEYS_H
#define PROTO_ROSTER_KEYS_H

#include "proto/limit.h"
#include "proto/roster/rotation.h"

/*
 * keys -- the parts of a fold that say which keys are a member's; only
 * roster*.c and amendment.c include it.
 */

struct fold;
struct said;
struct verdict;

/* One `rotate`, and what is made of it. */
struct edge {
	size_t said;
	struct id id;
	struct pubkey who, from, to;
	bool is_signed;   /* by both keys, and a pass found that it counts */
	bool is_void;     /* `to` is somebody else */
	bool was_named;   /* is_named in the pass before */
	bool is_named;    /* by the admitter or above, and not too early */
	bool is_entitled; /* by one of those, perhaps too early */
	bool is_used;     /* in the chain */
	unsigned depth;   /* of the author, when entitled */
	unsigned missing; /* checkpoints */
	bool is_agreed;   /* of a founder's key, by the others */
	bool was_agreed;  /* in the pass before */
	size_t voices;    /* of founders, that are missing */
};

/* A key that is, or may be, a later one of somebody. */
struct alias {
	struct pubkey key, who;
	const struct edge *edge; /* that made it so */
	bool is_used;            /* it is in the chain */
	bool is_admitted;        /* somebody admitted it all the same */
};

/* A feed that counts only so far, because its key was followed by another. */
struct bar {
	struct pubkey feed;
	uint64_t seq; /* 0: nothing of it */
	struct id id; /* zero: any chain */
};

/* A checkpoint that a rotation may wait for. */
struct tick {
	struct pubkey feed;
	uint64_t seq;
};

/* The keys of one member, the first one first. */
struct chain {
	struct pubkey key[LIMIT_ROTATIONS + 1];
	size_t n;
};

/* keys_collect: the edges of an empty fold, by (who, id).  keys_alias: whose
 * each later key is, from what the pass before found out.  ERR_NOMEM. */
int keys_collect(struct fold *f, const struct roster *r);
int keys_alias(struct fold *f);

/* keys_judge: of a person whose admitters are judged: which keys are its own,
 * and how far the feeds of those before the last count.  ERR_NOMEM. */
int keys_judge(struct fold *f, const struct roster *r, size_t who);

/* keys_again: take note of what this pass found; is another one needed? */
bool keys_again(struct fold *f, const struct roster *r);

/* keys_admits: may `who` be placed?  Not if it is a key of somebody else. */
bool keys_admits(struct fold *f, const struct pubkey *who);

/* keys_alias_of: NULL when the key is nobody's later one. */
struct alias *keys_alias_of(const struct fold *f, const struct pubkey *key);

/* keys_first: the first edge of a member, or where it would be; keys_edge: the
 * i-th edge, NULL when it is of somebody else.  keys_name: has it the word of
 * the admitter? */
size_t keys_first(const struct fold *f, const struct pubkey *who);
struct edge *keys_edge(const struct fold *f, size_t i,
		       const struct pubkey *who);
void keys_name(struct fold *f, const struct roster *r, struct edge *e,
	       size_t who);

/* keys_person: whose entries those of a feed are that this key certified, if
 * they count.  keys_identity: the member's first identity, once the key is in
 * its chain; else the key itself. */
/* keys_root: whose chain would say of the key that it is in it.  keys_last:
 * the key in force there, once it is judged. */
const struct pubkey *keys_root(const struct fold *f,
			       const struct pubkey *certifier);
const struct pubkey *keys_last(const struct fold *f,
			       const struct pubkey *certifier);
size_t keys_person(const struct fold *f, const struct pubkey *certifier);
const struct pubkey *keys_identity(const struct fold *f,
				   const struct pubkey *certifier);

/* keys_bar: NULL when no rotation ends the feed. */
const struct bar *keys_bar(const struct fold *f, const struct pubkey *feed);

/* keys_concern: does a rotation concern this key, so that a feed it certified
 * needs solving? */
bool keys_concern(const struct fold *f, const struct pubkey *key);

/* keys_founder: whose a feed is before anybody is placed: the first identity;
 * and up to which entry a founder is heard there, 0 for nothing.  ERR_NOMEM. */
int keys_founder(struct pubkey *out, uint64_t *upto, const struct fold *f,
		 const struct roster *r, const struct pubkey *feed);

/* keys_agree: which keys of founders the others, of the charter of this fold,
 * have named.  ERR_NOMEM. */
int keys_agree(struct fold *f, const struct roster *r);

/* keys_release: is this said of `who`, whose keys are judged, a release by its
 * admitter, somebody above or its own key in force?  How far, and the end that
 * it raises: 0 when it is about a rotation. */
bool keys_release(struct bar *out, uint64_t *end, const struct fold *f,
		  const struct roster *r, size_t who, const struct verdict *v);

/* keys_is_twin: are they of the same three keys?  keys_has_signed: did the
 * old key sign for what e says? */
bool keys_is_twin(const struct edge *a, const struct edge *b);
bool keys_has_signed(const struct fold *f, const struct edge *e);

/* keys_forget: the checkpoints of feed above seq. */
void keys_forget(struct roster *r, const struct pubkey *feed, uint64_t seq);

#endif
