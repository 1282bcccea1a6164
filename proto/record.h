#ifndef PROTO_RECORD_H
#define PROTO_RECORD_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/fact.h"
#include "proto/kind.h"
#include "proto/limit.h"
#include "proto/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * record -- what an entry says: its facts, and the rules of each alone.
 *
 * A record holds decoded facts by number; kind.h and fact.h say which are
 * allowed and how they look.  What needs other entries (who may, how much is
 * left, does the reference exist) is the roster's and the book's.
 */

struct record {
	uint32_t kind;
	uint64_t has[2]; /* bit k: fact k is there */
	struct value v[FACT_LIMIT];
};

/* record_init: an empty record of a kind.  Cannot fail. */
void record_init(struct record *rec, uint32_t kind);

/* record_decode: read the facts of an entry and check every rule that the
 * entry alone can break.  Borrows p.  ERR_VERSION: an unknown kind, or a
 * critical fact that is unknown or that the kind does not take (a later
 * version may); ERR_FORMAT: a fact missing or of the wrong form; ERR_LIMIT.
 * Even facts that the kind does not take are left out of rec.  After a failure
 * rec holds nothing of use. */
int record_decode(struct record *rec, uint32_t kind, const void *p, size_t n);

/* record_read: the same out of a reader that stands before the facts and is
 * behind them afterwards; when it returns otherwise than 0 the reader may have
 * failed. */
int record_read(struct record *rec, uint32_t kind, struct rd *r);

/* record_again: what record_decode or record_read made of the facts at p before
 * and found good.  Nothing is judged again; n may reach beyond the facts. */
int record_again(struct record *rec, uint32_t kind, const void *p, size_t n);

/* record_encode: the canonical map, for entry_plan; the same checks as
 * record_decode, so nothing is signed that would not count; and ERR_FORMAT
 * for any fact that the kind does not take, so nothing is signed in vain. */
int record_encode(const struct record *rec, void *out, size_t max, size_t *n);

/* record_copy: the same facts; what is not there is not copied. */
void record_copy(struct record *to, const struct record *from);

bool record_has(const struct record *rec, enum fact f);

/* record_uint: the number, 0 when absent.  record_id etc: copies of fixed
 * values, all zero when absent. */
uint64_t record_uint(const struct record *rec, enum fact f);
struct id record_id(const struct record *rec, enum fact f);
struct pubkey record_key(const struct record *rec, enum fact f);
struct tag record_tag(const struct record *rec, enum fact f);

/* record_set_uint, record_set_bytes: add or replace a fact; bytes are
 * borrowed until record_encode.  Checked by record_encode. */
void record_set_uint(struct record *rec, enum fact f, uint64_t u);
void record_set_bytes(struct record *rec, enum fact f, const void *p, size_t n);

/* record_unset: drop a fact. */
void record_unset(struct record *rec, enum fact f);

/* record_lines: the lines of a decoded list; their count, 0 when absent. */
size_t record_lines(const struct record *rec, enum fact f,
		    struct line out[static LIMIT_LINES]);

/* record_positions: read a TYPE_POSITION or TYPE_POSITIONS fact; the count,
 * at most max. */
size_t record_positions(const struct record *rec, enum fact f,
			struct position *out, size_t max);

/* record_ids: read a TYPE_IDS or TYPE_KEYS fact as ids; the count. */
size_t record_ids(const struct record *rec, enum fact f, struct id *out,
		  size_t max);

/* record_money: minor units, and the currency as a NUL-terminated text;
 * false when absent. */
bool record_money(const struct record *rec, enum fact f, uint64_t *minor,
		  char currency[static 4]);

#endif
