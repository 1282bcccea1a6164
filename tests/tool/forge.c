#include "crypto/bytes.h"
#include "crypto/sign.h"
#include "node/keeper.h"
#include "proto/charter.h"
#include "proto/evidence/evidence.h"
#include "proto/record.h"
#include "proto/roster/rotation.h"
#include "proto/wr.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * forge -- a member whose program signs whatever it is told to.
 *
 *   forge HOME KIND [FACT=VALUE]...
 *   forge HOME rotate-chain N
 *
 * Appends one record to the feed of HOME, whose node does not run, with no
 * regard to what HOME may or may not do: the chain is valid, the signature its
 * own, and `maillon up --once` carries it to others as any record.  Prints its
 * seq and id.
 *
 * A number, a time or a word is written in decimal, a text as it is, keys and
 * ids in hex, a list with commas between its members, a position as
 * FEED:SEQ:ID, a line as ITEM:QUANTITY.  A signature of a `rotate`, an `end` or
 * a `resolve` is the home whose identity key makes it.  The charter `mine` is
 * the one in force with the member of HOME for a founder, too.
 *
 * rotate-chain signs N rotations, each key followed by the next, all signed as
 * they should be, from the identity of HOME on.
 */

enum { FACTS_MAX = 24, TEXT_MAX = 4096, LINK_MAX = 512 };

static uint8_t room[FACTS_MAX][TEXT_MAX]; /* what the record borrows */

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "forge: %s\n", what);
	exit(2);
}

static size_t from_hex(uint8_t *out, size_t max, const char *text, size_t n)
{
	must(n % 2 == 0 && n / 2 <= max && hex_decode(out, n / 2, text, n) == 0,
	     "no hex");
	return n / 2;
}

static void put_position(struct wr *w, const char *text, size_t n)
{
	const char *seq = memchr(text, ':', n), *id;
	uint8_t bytes[ID_SIZE];

	must(seq != NULL, "no position");
	id = memchr(seq + 1, ':', n - (size_t)(seq + 1 - text));
	must(id != NULL, "no position");
	wr_array(w, 3);
	from_hex(bytes, KEY_SIZE, text, (size_t)(seq - text));
	wr_bin(w, bytes, KEY_SIZE);
	wr_uint(w, strtoull(seq + 1, NULL, 10));
	from_hex(bytes, ID_SIZE, id + 1, n - (size_t)(id + 1 - text));
	wr_bin(w, bytes, ID_SIZE);
}

static void put_member(struct wr *w, enum fact_type type, const char *text,
		       size_t n)
{
	uint8_t bytes[KEY_SIZE];

	if (type == TYPE_POSITIONS || type == TYPE_POSITION) {
		put_position(w, text, n);
	} else if (type == TYPE_LINES || type == TYPE_LINES0) {
		const char *qty = memchr(text, ':', n);

		must(qty != NULL, "no line");
		wr_array(w, 2);
		wr_text(w, text, (size_t)(qty - text));
		wr_uint(w, strtoull(qty + 1, NULL, 10));
	} else {
		wr_bin(w, bytes, from_hex(bytes, sizeof(bytes), text, n));
	}
}

static size_t put_list(uint8_t *out, enum fact_type type, const char *text)
{
	struct wr w;
	uint32_t count = 1;
	size_t n;

	for (const char *p = text; *p != '\0'; p++)
		count += *p == ',';
	wr_init(&w, out, TEXT_MAX);
	if (type != TYPE_POSITION)
		wr_array(&w, count);
	for (; count > 0; count--) {
		n = strcspn(text, ",");
		put_member(&w, type, text, n);
		text += n + (text[n] == ',');
	}
	must(wr_end(&w, &n) == 0, "too long a list");
	return n;
}

static void sign_rotation(struct record *rec, enum fact fact, uint8_t *out,
			  const struct id *network, const struct seckey *key)
{
	uint8_t claim[ROTATION_CLAIM];
	struct sig sig;

	rotation_claim(claim, network, rec);
	must(sign_make(&sig, key, DOMAIN_ROTATE, claim, sizeof(claim)) == 0,
	     "cannot sign");
	memcpy(out, sig.b, SIG_SIZE);
	record_set_bytes(rec, fact, out, SIG_SIZE);
}

static void sign_place(struct record *rec, enum fact fact, uint8_t *out,
		       const struct id *network, const struct seckey *key)
{
	const char *domain =
		rec->kind == KIND_END ? DOMAIN_END : DOMAIN_RESOLVE;
	uint8_t claim[PLACE_CLAIM];
	struct position at;
	struct sig sig;

	must(record_positions(rec, FACT_POSITION, &at, 1) == 1, "no position");
	place_claim(claim, network, &at);
	must(sign_make(&sig, key, domain, claim, sizeof(claim)) == 0,
	     "cannot sign");
	memcpy(out, sig.b, SIG_SIZE);
	record_set_bytes(rec, fact, out, SIG_SIZE);
}

static void sign_as(struct record *rec, enum fact fact, uint8_t *out,
		    const struct id *network, const char *dir)
{
	struct seckey *key;
	struct home home;

	must(home_init(&home, dir) == 0 &&
		     home_seckey(&home, &key, KEY_IDENTITY, NULL) == 0,
	     "no such identity");
	if (rec->kind == KIND_ROTATE)
		sign_rotation(rec, fact, out, network, key);
	else
		sign_place(rec, fact, out, network, key);
	seckey_close(key);
}

static size_t make_charter(uint8_t *out, const struct keeper *k)
{
	const struct roster *r = store_roster(k->store);
	const struct member *m = roster_member(r, &k->identity);
	struct charter c = *roster_charter(r);
	struct founder *f = &c.founders[c.founders_n++];
	size_t n;

	must(m != NULL && c.founders_n <= LIMIT_FOUNDERS, "no member");
	memset(f, 0, sizeof(*f));
	f->identity = m->identity;
	memcpy(f->label, m->label, sizeof(f->label));
	memcpy(f->place, m->place, sizeof(f->place));
	must(charter_encode(out, &n, &c) == 0, "no charter");
	return n;
}

static void set(struct record *rec, const struct keeper *k,
		const struct id *network, char *arg, uint8_t *out)
{
	char *value = strchr(arg, '=');
	const struct fact_rule *f;

	must(value != NULL, "FACT=VALUE is wanted");
	f = fact_named(arg, (size_t)(value - arg));
	must(f != NULL, "no such fact");
	value++;
	must(strlen(value) < TEXT_MAX, "too long");
	if (f->key == FACT_CHARTER) {
		record_set_bytes(rec, FACT_CHARTER, out, make_charter(out, k));
	} else if (f->type <= TYPE_WORD) {
		record_set_uint(rec, (enum fact)f->key,
				strtoull(value, NULL, 10));
	} else if (f->type <= TYPE_PERIOD) {
		record_set_bytes(rec, (enum fact)f->key, value, strlen(value));
	} else if (f->type == TYPE_SIG && strchr(value, '/') != NULL) {
		sign_as(rec, (enum fact)f->key, out, network, value);
	} else if (f->type < TYPE_LINES) {
		record_set_bytes(rec, (enum fact)f->key, out,
				 from_hex(out, TEXT_MAX, value, strlen(value)));
	} else {
		record_set_bytes(rec, (enum fact)f->key, out,
				 put_list(out, f->type, value));
	}
}

static void append(struct keeper *k, struct recorded *out,
		   const struct record *rec)
{
	static uint8_t facts[LIMIT_ENTRY];
	struct draft draft = { .kind = rec->kind,
			       .time_ms = (uint64_t)time(NULL) * 1000,
			       .facts = facts };

	must(record_encode(rec, facts, sizeof(facts), &draft.facts_n) == 0,
	     "no such record");
	must(keeper_record(k, out, &draft, 1, NULL) == 0, "not recorded");
}

static void print(const struct recorded *at)
{
	char hex[HEX_SIZE(ID_SIZE)];

	hex_encode(hex, at->id.b, ID_SIZE);
	printf("%llu %s\n", (unsigned long long)at->seq, hex);
}

/* One of the chain, old key to new; its facts. */
static size_t make_link(uint8_t out[static LINK_MAX], const struct keeper *k,
			const struct id *network, const struct seckey *old,
			const struct seckey *new)
{
	uint8_t cert[SIG_SIZE], proof[SIG_SIZE];
	struct pubkey from = seckey_pub(old), to = seckey_pub(new);
	struct record rec;
	size_t n;

	record_init(&rec, KIND_ROTATE);
	record_set_bytes(&rec, FACT_WHO, k->identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_IDENTITY, from.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_SUCCESSOR, to.b, KEY_SIZE);
	sign_rotation(&rec, FACT_CERT, cert, network, old);
	sign_rotation(&rec, FACT_PROOF, proof, network, new);
	must(record_encode(&rec, out, LINK_MAX, &n) == 0, "no such record");
	return n;
}

static void rotate_chain(struct keeper *k, const struct id *network,
			 unsigned long n)
{
	static uint8_t facts[KEEPER_DRAFTS][LINK_MAX];
	static struct draft drafts[KEEPER_DRAFTS];
	static struct recorded at[KEEPER_DRAFTS];
	struct seckey *old, *new;
	uint8_t seed[SEED_SIZE];
	size_t filled = 0;

	must(home_seckey(&k->home, &old, KEY_IDENTITY, NULL) == 0,
	     "no identity");
	while (n > 0) {
		bytes_random(seed, sizeof(seed));
		must(seckey_from_seed(&new, seed) == 0, "no key");
		drafts[filled] = (struct draft){
			.kind = KIND_ROTATE,
			.time_ms = (uint64_t)time(NULL) * 1000,
			.facts = facts[filled],
			.facts_n =
				make_link(facts[filled], k, network, old, new),
		};
		seckey_close(old);
		old = new;
		filled++;
		if (--n > 0 && filled < KEEPER_DRAFTS)
			continue;
		must(keeper_record(k, at, drafts, filled, NULL) == 0,
		     "not recorded");
		filled = 0;
	}
	seckey_close(old);
}

int main(int argc, char **argv)
{
	const struct kind_rule *kind;
	struct recorded at;
	struct record rec;
	struct id network;
	struct home home;
	struct keeper *k;

	must(argc >= 3 && argc - 3 <= FACTS_MAX,
	     "usage: forge HOME KIND [FACT=VALUE]...");
	must(crypto_start() == 0, "no randomness");
	must(home_init(&home, argv[1]) == 0 && keeper_open(&k, &home) == 0,
	     "this home cannot be opened");
	must(store_network(k->store, &network), "no network");
	if (strcmp(argv[2], "rotate-chain") == 0 && argc == 4) {
		rotate_chain(k, &network, strtoul(argv[3], NULL, 10));
	} else {
		kind = kind_named(argv[2], strlen(argv[2]));
		must(kind != NULL, "no such kind");
		record_init(&rec, kind->kind);
		for (int i = 3; i < argc; i++)
			set(&rec, k, &network, argv[i], room[i - 3]);
		append(k, &at, &rec);
		print(&at);
	}
	keeper_close(k);
	return 0;
}
