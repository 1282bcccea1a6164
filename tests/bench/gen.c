#include "tests/bench/gen.h"

#include "crypto/curve.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "tests/bench/bench.h"
#include "tests/bench/gen_priv.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 1 April 2020, and a minute between entries of one feed. */
static const uint64_t first_ms = 1585699200000;
static const uint64_t step_ms = 60000;

/* A maker's cycle: two productions and a delivery, and its receipt. */
enum { CYCLE = 4, MAKERS_EACH = 100 };

static const char *const items[] = { "visor/v30",    "visor/v31",
				     "headband/r2",  "earsaver/a",
				     "doorhandle/1", "splitter/v2" };

enum { ITEMS = sizeof(items) / sizeof(items[0]) };

size_t gen_auditor(const struct gen_plan *plan)
{
	return plan->feeds - 1;
}

static size_t associations_of(const struct gen_plan *plan)
{
	return (plan->feeds + MAKERS_EACH - 1) / MAKERS_EACH;
}

void gen_seed(uint8_t out[static SEED_SIZE], enum gen_key what, size_t who)
{
	memset(out, 0, SEED_SIZE);
	memcpy(out, "maillon bench", 13);
	out[SEED_SIZE - 5] = (uint8_t)what;
	for (size_t i = 0; i < 4; i++)
		out[SEED_SIZE - 4 + i] = (uint8_t)(who >> 8 * i);
}

struct seckey *gen_key(enum gen_key what, size_t who)
{
	uint8_t seed[SEED_SIZE];
	struct seckey *key = NULL;

	gen_seed(seed, what, who);
	bench_must(seckey_from_seed(&key, seed), "a key");
	return key;
}

static struct pubkey public_of(enum gen_key what, size_t who)
{
	struct seckey *key = gen_key(what, who);
	struct pubkey pub = seckey_pub(key);

	seckey_close(key);
	return pub;
}

size_t gen_charter(uint8_t out[static LIMIT_CHARTER])
{
	struct charter c = { .name = "Bench",
			     .currency = "EUR",
			     .created_ms = first_ms,
			     .founders_n = 1 };
	size_t n = 0;

	c.founders[0].identity = public_of(GEN_IDENTITY, GEN_HUB);
	snprintf(c.founders[0].label, sizeof(c.founders[0].label), "hub");
	snprintf(c.founders[0].place, sizeof(c.founders[0].place), "FR-88");
	bench_must(charter_encode(out, &n, &c), "the charter");
	return n;
}

void gen_label(char out[static LIMIT_LABEL + 1], const struct gen_plan *plan,
	       size_t who)
{
	if (who == GEN_HUB)
		snprintf(out, LIMIT_LABEL + 1, "hub");
	else if (who <= associations_of(plan))
		snprintf(out, LIMIT_LABEL + 1, "asso-%03zu", who);
	else if (who == gen_auditor(plan))
		snprintf(out, LIMIT_LABEL + 1, "auditor");
	else
		snprintf(out, LIMIT_LABEL + 1, "maker-%05zu", who);
}

size_t gen_sign(uint8_t out[static LIMIT_ENTRY], const struct record *rec,
		const struct seckey *key, uint64_t seq, const struct id *prev)
{
	uint8_t facts[LIMIT_CHARTER + 1024];
	struct entry_plan plan = { .seq = seq,
				   .prev = *prev,
				   .time_ms = first_ms + seq * step_ms,
				   .kind = rec->kind,
				   .facts = facts };
	size_t n;

	bench_must(record_encode(rec, facts, sizeof(facts), &plan.facts_n),
		   "the facts of a record");
	bench_must(entry_seal(out, &n, &plan, key), "an entry");
	return n;
}

size_t gen_open_entry(uint8_t out[static LIMIT_ENTRY], const struct id *network,
		      size_t who, const struct seckey *node)
{
	struct seckey *identity = gen_key(GEN_IDENTITY, who);
	struct pubkey pub = seckey_pub(identity), feed = seckey_pub(node);
	uint8_t what[ID_SIZE + KEY_SIZE], charter[LIMIT_CHARTER];
	struct curvepair transport;
	uint8_t secret[32];
	struct record rec;
	struct sig cert;
	size_t n;

	memcpy(what, network->b, ID_SIZE);
	memcpy(what + ID_SIZE, feed.b, KEY_SIZE);
	bench_must(sign_make(&cert, identity, "maillon/1 node", what,
			     sizeof(what)),
		   "a certificate");
	gen_transport(secret, who);
	curvepair_from_secret(&transport, secret);
	record_init(&rec, KIND_OPEN);
	record_set_bytes(&rec, FACT_IDENTITY, pub.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_TRANSPORT, transport.pub.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_CERT, cert.b, SIG_SIZE);
	if (who == GEN_HUB)
		record_set_bytes(&rec, FACT_CHARTER, charter,
				 gen_charter(charter));
	n = gen_sign(out, &rec, node, 1, network);
	seckey_close(identity);
	return n;
}

void gen_transport(uint8_t secret[static 32], size_t who)
{
	gen_seed(secret, GEN_TRANSPORT, who);
}

void gen_keep(struct gen_feed *f, const uint8_t *raw, size_t n)
{
	uint32_t size = (uint32_t)n;

	if (f->n + sizeof(size) + n > f->max) {
		f->max = 2 * f->max + 1024 + n;
		f->bytes = realloc(f->bytes, f->max);
		if (f->bytes == NULL)
			bench_stop("no memory for the ledger");
	}
	memcpy(f->bytes + f->n, &size, sizeof(size));
	memcpy(f->bytes + f->n + sizeof(size), raw, n);
	f->n += sizeof(size) + n;
	f->tip = hash_id(raw, n);
	f->entries++;
}

static struct gen_feed *open_feed(struct gen *g, size_t who,
				  const struct seckey *key)
{
	struct gen_feed *f = &g->feeds[who];
	uint8_t raw[LIMIT_ENTRY];

	f->feed = seckey_pub(key);
	gen_keep(f, raw, gen_open_entry(raw, &g->network, who, key));
	return f;
}

static void sign(struct gen_feed *f, const struct record *rec,
		 const struct seckey *key)
{
	uint8_t raw[LIMIT_ENTRY];

	gen_keep(f, raw, gen_sign(raw, rec, key, f->entries + 1, &f->tip));
}

static void admit(struct gen *g, struct gen_feed *f, const struct seckey *key,
		  size_t who, enum role role)
{
	struct pubkey identity = public_of(GEN_IDENTITY, who);
	char label[LIMIT_LABEL + 1];
	struct record rec;

	gen_label(label, &g->plan, who);
	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, role);
	record_set_bytes(&rec, FACT_LABEL, label, strlen(label));
	record_set_bytes(&rec, FACT_PLACE, "FR-88", 5);
	if (role == ROLE_ASSOCIATION)
		record_set_uint(&rec, FACT_MAY_ADMIT, 1);
	sign(f, &rec, key);
}

static void set_line(struct record *rec, enum fact f, uint8_t *buf,
		     const char *item, uint64_t qty)
{
	struct line line = { item, strlen(item), qty };
	size_t n;

	bench_must(lines_encode(buf, GEN_ROOM, &n, &line, 1), "a line");
	record_set_bytes(rec, f, buf, n);
}

void gen_produce(struct record *rec, uint8_t buf[static GEN_ROOM], size_t who,
		 size_t n)
{
	uint64_t qty = 20 + (who * 7 + n * 3) % 40;

	record_init(rec, KIND_PRODUCE);
	set_line(rec, FACT_LINES, buf, items[(who + n % 2) % ITEMS], qty);
	record_set_bytes(rec, FACT_LOT, "2020-A1", 7);
	record_set_bytes(rec, FACT_PRINTER, "prusa-mk3s", 10);
	record_set_uint(rec, FACT_SECONDS, qty * 7200);
	record_set_uint(rec, FACT_GRAMS, qty * 38);
}

/* What a maker hands over in a cycle: never more than it made in it. */
static uint64_t handed(size_t who, size_t cycle)
{
	return 20 - (who + cycle) % 10;
}

/* One cycle in the maker's feed; the delivery's id. */
static struct id make(struct gen_feed *f, const struct seckey *key, size_t who,
		      size_t cycle, const struct pubkey *to)
{
	uint8_t buf[GEN_ROOM];
	struct record rec;

	for (size_t i = 0; i < 2; i++) {
		gen_produce(&rec, buf, who, 2 * cycle + i);
		sign(f, &rec, key);
	}
	record_init(&rec, KIND_DELIVER);
	set_line(&rec, FACT_LINES, buf, items[who % ITEMS], handed(who, cycle));
	record_set_bytes(&rec, FACT_TO, to->b, KEY_SIZE);
	record_set_uint(&rec, FACT_FINAL, 0);
	sign(f, &rec, key);
	return f->tip;
}

static void receive(struct gen_feed *f, const struct seckey *key, size_t who,
		    size_t cycle, const struct id *deliver)
{
	uint8_t buf[GEN_ROOM];
	struct record rec;

	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, deliver->b, ID_SIZE);
	set_line(&rec, FACT_ACCEPTED, buf, items[who % ITEMS],
		 handed(who, cycle));
	sign(f, &rec, key);
}

/* How many entries come in cycles, and how they are shared. */
struct share {
	size_t makers, cycles, rest;
};

static struct share share_of(const struct gen *g)
{
	size_t n = g->plan.feeds;
	struct share s = { .makers = n - g->associations - 2 };
	size_t left = g->plan.entries - n - (n - 1);

	s.cycles = left / CYCLE;
	s.rest = left % CYCLE;
	return s;
}

static void make_feed(struct gen *g, size_t who, struct gen_feed *to,
		      const struct seckey *to_key, const struct pubkey *to_who)
{
	struct share s = share_of(g);
	size_t k = who - g->associations - 1;
	size_t cycles = s.cycles / s.makers + (k < s.cycles % s.makers);
	struct seckey *key = gen_key(GEN_NODE, who);
	struct gen_feed *f = open_feed(g, who, key);
	uint8_t buf[GEN_ROOM];
	struct record rec;

	for (size_t c = 0; c < cycles; c++) {
		struct id id = make(f, key, who, c, to_who);

		receive(to, to_key, who, c, &id);
	}
	for (size_t i = 0; k == 0 && i < s.rest; i++) {
		gen_produce(&rec, buf, who, i);
		sign(f, &rec, key);
	}
	seckey_close(key);
}

/* An association and its makers. */
static void make_group(struct gen *g, size_t who)
{
	struct seckey *key = gen_key(GEN_NODE, who);
	struct pubkey identity = public_of(GEN_IDENTITY, who);
	struct gen_feed *f = open_feed(g, who, key);
	size_t first = g->associations + who;

	for (size_t i = first; i < gen_auditor(&g->plan); i += g->associations)
		admit(g, f, key, i, ROLE_MAKER);
	for (size_t i = first; i < gen_auditor(&g->plan); i += g->associations)
		make_feed(g, i, f, key, &identity);
	seckey_close(key);
}

static void make_hub(struct gen *g)
{
	struct seckey *key = gen_key(GEN_NODE, GEN_HUB);
	struct gen_feed *f = open_feed(g, GEN_HUB, key);

	for (size_t i = 1; i <= g->associations; i++)
		admit(g, f, key, i, ROLE_ASSOCIATION);
	admit(g, f, key, gen_auditor(&g->plan), ROLE_AUDITOR);
	seckey_close(key);
}

static void make_auditor(struct gen *g)
{
	struct seckey *key = gen_key(GEN_NODE, gen_auditor(&g->plan));

	open_feed(g, gen_auditor(&g->plan), key);
	seckey_close(key);
}

struct work {
	struct gen *g;
	atomic_size_t next;
};

static void *work(void *arg)
{
	struct work *w = arg;
	size_t i = atomic_fetch_add(&w->next, 1);

	while (i <= w->g->associations) {
		make_group(w->g, i);
		i = atomic_fetch_add(&w->next, 1);
	}
	return NULL;
}

void gen_open(struct gen *g, const struct gen_plan *plan)
{
	uint8_t charter[LIMIT_CHARTER];
	struct work w = { .g = g };
	pthread_t helper;

	*g = (struct gen){ .plan = *plan,
			   .associations = associations_of(plan) };
	if (plan->feeds < g->associations + 3 ||
	    plan->entries < 3 * plan->feeds)
		bench_stop("a ledger of %zu entries is too small for %zu feeds",
			   plan->entries, plan->feeds);
	g->feeds = calloc(plan->feeds, sizeof(*g->feeds));
	if (g->feeds == NULL)
		bench_stop("no memory for the ledger");
	g->network = hash_id(charter, gen_charter(charter));
	make_hub(g);
	make_auditor(g);
	atomic_init(&w.next, 1);
	if (pthread_create(&helper, NULL, work, &w) != 0)
		bench_stop("no second thread");
	work(&w);
	pthread_join(helper, NULL);
	for (size_t i = 0; i < plan->feeds; i++)
		g->bytes +=
			g->feeds[i].n - g->feeds[i].entries * sizeof(uint32_t);
}

void gen_close(struct gen *g)
{
	for (size_t i = 0; g->feeds != NULL && i < g->plan.feeds; i++)
		free(g->feeds[i].bytes);
	free(g->feeds);
	*g = (struct gen){ .feeds = NULL };
}

void gen_each(const struct gen *g, gen_visit *visit, void *arg)
{
	for (size_t i = 0; i < g->plan.feeds; i++) {
		const struct gen_feed *f = &g->feeds[i];

		for (size_t at = 0; at < f->n;) {
			uint32_t size;

			memcpy(&size, f->bytes + at, sizeof(size));
			visit(arg, f->bytes + at + sizeof(size), size);
			at += sizeof(size) + size;
		}
	}
}
