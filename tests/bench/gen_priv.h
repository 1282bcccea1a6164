#ifndef TESTS_BENCH_GEN_PRIV_H
#define TESTS_BENCH_GEN_PRIV_H

#include "proto/charter.h"
#include "proto/record.h"
#include "tests/bench/gen.h"

/*
 * gen_priv -- what gen.c (entries) and gen_home.c (homes) share.
 */

/* What a key of a person is for. */
enum gen_key {
	GEN_IDENTITY = 'i',
	GEN_NODE = 'n',
	GEN_TRANSPORT = 't',
	GEN_MEMBER = 'm'
};

void gen_seed(uint8_t out[static SEED_SIZE], enum gen_key what, size_t who);
struct seckey *gen_key(enum gen_key what, size_t who);

/* gen_charter: the bytes of the network's charter, their number. */
size_t gen_charter(uint8_t out[static LIMIT_CHARTER]);

/* gen_label: "maker-00017". */
void gen_label(char out[static LIMIT_LABEL + 1], const struct gen_plan *plan,
	       size_t who);

/* gen_produce: the n-th production of a maker; bytes are borrowed from buf. */
enum { GEN_ROOM = 256 };
void gen_produce(struct record *rec, uint8_t buf[static GEN_ROOM], size_t who,
		 size_t n);

/* gen_keep: one more entry of a feed. */
void gen_keep(struct gen_feed *f, const uint8_t *raw, size_t n);

/* gen_sign: the entry after (seq, prev); its bytes and their number. */
size_t gen_sign(uint8_t out[static LIMIT_ENTRY], const struct record *rec,
		const struct seckey *key, uint64_t seq, const struct id *prev);

/* gen_open_entry: the first entry of a person's feed; node is its key. */
size_t gen_open_entry(uint8_t out[static LIMIT_ENTRY], const struct id *network,
		      size_t who, const struct seckey *node);

#endif
