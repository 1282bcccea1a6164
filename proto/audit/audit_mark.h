#ifndef PROTO_AUDIT_AUDIT_MARK_H
#define PROTO_AUDIT_AUDIT_MARK_H

#include "proto/audit/audit_rules.h"

/*
 * audit_mark -- digests of what two records have in common, wide enough that
 * nobody finds two things with one mark.  Only audit_dup.c and those it is made
 * of include this.
 */

/* mark_add: bytes, with their number; mark_fact: a fact, if the record has it;
 * mark_end: the digest. */
void mark_add(struct hasher *h, const void *p, size_t n);
void mark_fact(struct hasher *h, const struct record *rec, enum fact f);
struct tag mark_end(struct hasher *h);

/* mark_leave: the record under way has this in common with others; who may be
 * NULL.  ERR_NOMEM. */
int mark_leave(const struct look *l, enum mark_kind kind, struct tag hash,
	       const struct member *who);

/* repeat_look: leave the mark by which repeats of the record are found, if it
 * is one that has repeats.  ERR_NOMEM. */
int repeat_look(const struct look *l);

#endif
