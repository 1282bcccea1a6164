#ifndef TESTS_BENCH_GEN_H
#define TESTS_BENCH_GEN_H

#include "crypto/hash.h"
#include "crypto/sign.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * gen -- a ledger like those that Maillon is for, of any size.
 *
 * One hub admits associations, one for every hundred makers, and an auditor;
 * each association admits its makers.  A maker makes two items in turn, twice,
 * hands what it made to its association, which receives it; so a quarter of
 * the entries refer to others.  The audit of it is clean.  All keys come from
 * seeds: the same plan gives the same ledger, byte for byte.
 */

struct gen_plan {
	size_t feeds;   /* members, each with one: at least 4 */
	size_t entries; /* at least three for each feed */
};

/* A feed's entries, one after the other, each after its length. */
struct gen_feed {
	struct pubkey feed;
	uint8_t *bytes; /* u32 in the machine's order, entry, u32, entry ... */
	size_t n, max;
	size_t entries;
	struct id tip;
};

struct gen {
	struct gen_plan plan;
	size_t associations;
	struct id network;
	struct gen_feed
		*feeds; /* gen_open: hub, associations, makers, auditor */
	size_t bytes;   /* of all entries */
};

/* Roles by number of person. */
enum { GEN_HUB = 0 };
size_t gen_auditor(const struct gen_plan *plan);

/* gen_open: sign it all, in two threads.  Ends the program on failure. */
void gen_open(struct gen *g, const struct gen_plan *plan);
void gen_close(struct gen *g);

/* gen_load: the same entries out of a home that gen_home made, its feeds in
 * rising order. */
void gen_load(struct gen *g, const char *dir, const struct gen_plan *plan);

/* A visit of each entry, hub and associations first, as they replicate. */
typedef void gen_visit(void *arg, const uint8_t *raw, size_t n);
void gen_each(const struct gen *g, gen_visit *visit, void *arg);

/* gen_home: is there a finished home of the hub in dir with this ledger?  If
 * not, make it anew, from g, which is opened first when it is empty. */
void gen_home(const char *dir, struct gen *g, const struct gen_plan *plan);

/* gen_copy: a home of person `who` in dir, made anew, with the ledger of the
 * home from. */
void gen_copy(const char *dir, const char *from, const struct gen_plan *plan,
	      size_t who);

/* gen_empty: a home of the auditor that knows the network and its own `open`
 * only, made anew. */
void gen_empty(const char *dir, const struct gen_plan *plan);

/* gen_append: n more records of that many makers, one each from maker `from`
 * on, into the ledger of a home that nobody has open; returns their bytes
 * without what follows from position, which is what travels. */
size_t gen_append(const char *dir, const struct gen_plan *plan, size_t from,
		  size_t n);

/* gen_forget: a home that nobody has open does not know any more where it was
 * in step with others. */
void gen_forget(const char *dir);

/* gen_transport: the transport key of a person. */
void gen_transport(uint8_t secret[static 32], size_t who);

/* gen_remove: a folder and all in it; nothing there is fine. */
void gen_remove(const char *dir);

#endif
