#ifndef TESTS_RECEIPT_WORLD_H
#define TESTS_RECEIPT_WORLD_H

#include "proto/attest/receipt.h"
#include "proto/roster/rotation.h"
#include "tests/attest_world.h"
#include "tests/unit.h"

/*
 * receipt_world -- a world of which receipts are made, of each kind, and
 * policies that believe them.
 */

enum { SALT = 7 };

enum receipt_kind {
	RECEIPT_PLAIN,      /* of a production, and nobody cosigned */
	RECEIPT_COSIGNED,   /* by a hospital and an auditor */
	RECEIPT_OPENED_ONE, /* the same of a gift; the donor's name is in it */
	RECEIPT_CLOSED_ONE, /* the donor's name was forgotten */
	RECEIPT_ROTATE,     /* of an identity key that follows another */
	RECEIPT_KINDS
};

/* The hub's tree of a maker, a hospital and an auditor; the receipt is of
 * something that maker 1 recorded. */
struct story {
	struct world w;
	struct treehead head;
	char *text;
	size_t n;
};

static struct opened donor;

static inline void give(struct world *w, size_t i)
{
	static const uint8_t money[] = { 0x92, 0xcd, 0x13, 0x88,
					 0xa3, 'E',  'U',  'R' };
	static const char name[] = "Jeanne";
	struct record rec;
	struct id hidden;

	donor.fact = FACT_DONOR;
	memset(donor.salt, SALT, sizeof(donor.salt));
	donor.value = (const uint8_t *)name;
	donor.value_n = strlen(name);
	hidden = private_commit(FACT_DONOR, donor.salt, name, strlen(name));
	record_init(&rec, KIND_DONATE);
	record_set_bytes(&rec, FACT_AMOUNT, money, sizeof(money));
	record_set_bytes(&rec, FACT_DONOR, hidden.b, ID_SIZE);
	world_record(w, i, &rec);
}

/* A new identity key of person i, which the old one signs as well. */
static inline void follow(struct world *w, size_t i)
{
	struct seckey *next = world_key(9, i);
	struct pubkey successor = seckey_pub(next);
	uint8_t claim[ROTATION_CLAIM];
	struct sig cert, proof;
	struct record rec;

	record_init(&rec, KIND_ROTATE);
	record_set_bytes(&rec, FACT_WHO, w->who[i].identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_IDENTITY, w->who[i].identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_SUCCESSOR, successor.b, KEY_SIZE);
	rotation_claim(claim, &w->network, &rec);
	assert_int_equal(sign_make(&cert, w->who[i].identity_key, DOMAIN_ROTATE,
				   claim, sizeof(claim)),
			 0);
	assert_int_equal(
		sign_make(&proof, next, DOMAIN_ROTATE, claim, sizeof(claim)),
		0);
	record_set_bytes(&rec, FACT_CERT, cert.b, SIG_SIZE);
	record_set_bytes(&rec, FACT_PROOF, proof.b, SIG_SIZE);
	assert_true(rotation_is_signed(&w->network, &rec));
	world_record(w, i, &rec);
	seckey_close(next);
}

struct leaves {
	struct sha at[64];
	size_t n;
};

static inline int take_leaf(void *arg, const struct sha *leaf)
{
	struct leaves *l = arg;

	l->at[l->n++] = *leaf;
	return 0;
}

static inline int leaf_at(void *cookie, struct sha *out, unsigned int level,
			  uint64_t index)
{
	const struct leaves *l = cookie;

	if (level > 0)
		return ERR_NOT_FOUND;
	*out = l->at[index];
	return 0;
}

static inline void make_story_of(struct story *s, enum receipt_kind kind)
{
	bool is_gift = kind == RECEIPT_OPENED_ONE || kind == RECEIPT_CLOSED_ONE;
	struct receipt_plan plan = { .opened = &donor, .opened_n = is_gift };
	const uint64_t seq = is_gift ? 2 : 3;
	struct leaves leaves = { .n = 0 };
	const struct merkle_source source = { leaf_at, &leaves };
	const struct attest_source ids = world_source(&s->w);
	struct cosigned cosigned[2];
	struct attest a;
	struct record rec;
	struct entry e;
	uint64_t held;
	int err;

	memset(s, 0, sizeof(*s));
	world_found(&s->w);
	world_member(&s->w, ROLE_MAKER);
	world_member(&s->w, ROLE_RECIPIENT);
	world_member(&s->w, ROLE_AUDITOR);
	give(&s->w, 1);
	if (kind == RECEIPT_ROTATE)
		follow(&s->w, 1);
	else
		world_produce(&s->w, 1, 60, "visor/v30");
	attest_up_to(&s->w, 0, 0, 4);
	attest_up_to(&s->w, 0, 1, 3);
	s->head = checkpoint_now(&s->w, 0);
	cosigned[0] = cosign_now(&s->w, 2, &s->head, 1586908800);
	cosigned[1] = cosign_now(&s->w, 3, &s->head, 1586909900);
	fold_tree(&a, &s->w, 0);
	err = attest_leaves(&a, &ids, s->head.size, &held, take_leaf, &leaves);
	assert_int_equal(err, 0);
	plan.raw = s->w.who[1].entries[seq - 1].p;
	plan.raw_n = s->w.who[1].entries[seq - 1].n;
	if (kind == RECEIPT_CLOSED_ONE) {
		assert_int_equal(entry_decode(&e, plan.raw, plan.raw_n), 0);
		assert_int_equal(
			record_decode(&rec, e.kind, e.facts, e.facts_n), 0);
		donor.is_forgotten = true;
		donor.value = rec.v[FACT_DONOR].p;
		donor.value_n = ID_SIZE;
	}
	plan.head = s->head;
	plan.sig = a.marks[0].sig;
	plan.cosigned = cosigned;
	plan.cosigned_n = kind == RECEIPT_PLAIN ? 0 : 2;
	assert_int_equal(attest_find(&a, &plan.index, &s->w.who[1].feed, seq),
			 0);
	assert_int_equal(merkle_prove_inclusion(&plan.path, &source, plan.index,
						s->head.size),
			 0);
	assert_int_equal(receipt_encode(&s->text, &s->n, &plan), 0);
	donor.is_forgotten = false;
	attest_release(&a);
}

static inline void release_story(struct story *s)
{
	world_release(&s->w);
	free(s->text);
}

static inline size_t put_key(char *out, size_t max, const char *what,
			     const struct story *s, size_t i, uint8_t type)
{
	char vkey[NOTEKEY_SIZE];
	struct notekey key;

	treehead_key(&key, &s->w.network, &s->w.who[i].feed, type);
	notekey_encode(vkey, &key);
	return (size_t)snprintf(out, max, "%s %s\n", what, vkey);
}

/* A policy that believes the tree of person `log` and wants k of the hospital
 * and the auditor. */
static inline size_t policy_text(char *text, size_t max, const struct story *s,
				 size_t log, const char *k)
{
	size_t n = 0;

	n += put_key(text + n, max - n, "log", s, log, NOTEKEY_ED25519);
	n += put_key(text + n, max - n, "witness hospital", s, 2,
		     NOTEKEY_COSIGNER);
	n += put_key(text + n, max - n, "witness auditor", s, 3,
		     NOTEKEY_COSIGNER);
	n += (size_t)snprintf(text + n, max - n,
			      "group all %s hospital auditor\nquorum all\n", k);
	return n;
}

static inline struct trust *policy(const struct story *s, size_t log,
				   const char *k)
{
	char text[4096];
	struct trust *t = NULL;
	unsigned line;
	size_t n = policy_text(text, sizeof(text), s, log, k);

	assert_int_equal(trust_decode(&t, text, n, &line), 0);
	return t;
}

/* The part at fault, by reading alone or by this policy. */
static inline enum receipt_part part_of(const char *text, size_t n,
					const struct trust *t)
{
	struct receipt_verdict verdict;
	enum receipt_part part;
	struct receipt r;

	if (receipt_read(&r, &part, text, n) != 0) {
		assert_true(part != PART_NONE);
		return part;
	}
	assert_int_equal(receipt_judge(&verdict, &r, t), 0);
	receipt_release(&r);
	return verdict.part;
}

#endif
