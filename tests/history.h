#ifndef TESTS_HISTORY_H
#define TESTS_HISTORY_H

#include "proto/book/countersign.h"
#include "proto/roster/rotation.h"
#include "proto/wr.h"
#include "store/evidence.h"
#include "tests/audit_world.h"
#include "tests/ledger_cut.h"
#include "tests/unit.h"

/*
 * history -- what happens to a random network, and pieces of that for a store.
 *
 * Associations 1 and 2 are below the founder, members 3 and on below these;
 * person MEMBERS is a second node of person 3, then there are later keys, and
 * at the end persons who only have a node.  Feeds fork, are ended, forks are
 * resolved and attested, keys rotate, members are dismissed and come back.
 */

enum { MEMBERS = 10, STEPS = 260 };

/* Persons above MEMBERS have later keys of members, perhaps. */
enum { LATER = 4, FEEDS = MEMBERS + 1 + LATER };

/* Copies of machines, and entries that each makes after the other. */
enum { FORKS = 3, BRANCH = 3, ENDS = 3 };

static inline uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static inline size_t below(uint64_t *x, size_t n)
{
	return (size_t)(next_random(x) % n);
}

/* A machine was copied after `stem` entries; the world has what one copy made,
 * this what the other did. */
struct fork {
	size_t who;
	uint64_t stem;
	struct bytes other[BRANCH];
	uint8_t proof[LIMIT_EVIDENCE];
	size_t proof_n;
};

struct ended {
	uint8_t proof[EVIDENCE_END_MAX];
	size_t n;
};

/* What a random history may refer to. */
struct history {
	struct fork fork[FORKS];
	size_t forks;
	struct ended end[ENDS];
	size_t ends;
	struct world w;
	uint64_t x;
	struct id ids[STEPS * 2];
	size_t by[STEPS * 2]; /* who recorded it */
	uint32_t kind[STEPS * 2];
	size_t n;
	struct id admit[WORLD_PEOPLE]; /* by whom it was admitted last */
	size_t admitter[WORLD_PEOPLE];
	bool has_nodes; /* then members say themselves which key follows */
};

static const char *const goods[] = { "visor/v30", "visor/v31", "band" };

static inline const char *some_item(struct history *h)
{
	return goods[below(&h->x, ARRAY_LEN(goods))];
}

static inline void note(struct history *h, size_t who, uint32_t kind,
			struct id id)
{
	h->ids[h->n] = id;
	h->by[h->n] = who;
	h->kind[h->n] = kind;
	h->n++;
}

/* An earlier record of one of two kinds, or SIZE_MAX. */
static inline size_t some_record(struct history *h, uint32_t a, uint32_t b)
{
	for (int i = 0; i < 40 && h->n > 0; i++) {
		size_t k = below(&h->x, h->n);

		if (h->kind[k] == a || h->kind[k] == b)
			return k;
	}
	return SIZE_MAX;
}

static inline void some_common(struct history *h, struct record *rec, size_t of)
{
	static uint8_t tag[TAG_SIZE], handle[TAG_SIZE];

	memset(tag, (int)below(&h->x, 3) + 1, sizeof(tag));
	memset(handle, 9, sizeof(handle));
	if (below(&h->x, 3) == 0)
		record_set_bytes(rec, FACT_KEY, tag, TAG_SIZE);
	if (below(&h->x, 5) == 0)
		record_set_bytes(rec, FACT_FOR, handle, TAG_SIZE);
	if (of != SIZE_MAX && below(&h->x, 5) == 0)
		record_set_bytes(rec, FACT_ORPHAN, h->ids[of].b, ID_SIZE);
}

static inline void do_produce(struct history *h, size_t who)
{
	struct record rec;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, below(&h->x, 90) + 1, some_item(h));
	some_common(h, &rec, some_record(h, KIND_PRODUCE, KIND_PRODUCE));
	note(h, who, KIND_PRODUCE, world_record(&h->w, who, &rec));
}

static inline void do_deliver(struct history *h, size_t who)
{
	struct record rec;
	size_t to = below(&h->x, MEMBERS);

	record_init(&rec, KIND_DELIVER);
	world_set_line(&rec, FACT_LINES, below(&h->x, 50) + 1, some_item(h));
	/* A third goes to outsiders, of whom only papers tell. */
	record_set_bytes(&rec, FACT_TO, h->w.who[to].identity.b,
			 below(&h->x, 3) == 0 ? TAG_SIZE : KEY_SIZE);
	record_set_uint(&rec, FACT_FINAL, below(&h->x, 2));
	if (below(&h->x, 4) == 0)
		record_set_uint(&rec, FACT_SERVICE, 1);
	some_common(h, &rec, some_record(h, KIND_DELIVER, KIND_DELIVER));
	note(h, who, KIND_DELIVER, world_record(&h->w, who, &rec));
}

/* Two receipt keys, and numbers that come twice. */
static inline void countersign(struct history *h, struct record *rec)
{
	static const char *const numbers[] = { "1", "2" };
	static struct pubkey pub;
	static struct sig sig;
	struct seckey *key = world_key(9, below(&h->x, 2));

	pub = seckey_pub(key);
	record_set_bytes(rec, FACT_NUMBER, numbers[below(&h->x, 2)], 1);
	assert_int_equal(countersign_make(&sig, key, &h->w.network, rec), 0);
	record_set_bytes(rec, FACT_RECEIPT_KEY, pub.b, KEY_SIZE);
	record_set_bytes(rec, FACT_RECEIPT_SIG, sig.b, SIG_SIZE);
	seckey_close(key);
}

/* Whoever it is enrols one of them for somebody. */
static inline void do_enrol(struct history *h, size_t who)
{
	struct seckey *key = world_key(9, below(&h->x, 2));
	struct pubkey pub = seckey_pub(key);
	struct record rec;
	uint8_t keys[64];
	struct wr w;
	size_t n;

	record_init(&rec, KIND_KEYS);
	record_set_bytes(&rec, FACT_WHO,
			 h->w.who[below(&h->x, MEMBERS)].identity.b, KEY_SIZE);
	wr_init(&w, keys, sizeof(keys));
	wr_array(&w, 1);
	wr_bin(&w, pub.b, KEY_SIZE);
	assert_int_equal(wr_end(&w, &n), 0);
	record_set_bytes(&rec, FACT_ENROLLED, keys, n);
	world_record(&h->w, who, &rec);
	seckey_close(key);
}

static inline void do_receive(struct history *h, size_t who)
{
	size_t of = some_record(h, KIND_DELIVER, KIND_DELIVER);
	uint8_t paper[32] = { 1 };
	struct record rec;

	if (of == SIZE_MAX)
		return;
	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, h->ids[of].b, ID_SIZE);
	world_set_line(&rec, FACT_ACCEPTED, below(&h->x, 40) + 1, some_item(h));
	if (below(&h->x, 3) == 0) {
		world_set_line(&rec, FACT_REFUSED, below(&h->x, 4) + 1,
			       some_item(h));
		record_set_bytes(&rec, FACT_REASON, "broken", 6);
	}
	if (below(&h->x, 3) == 0)
		record_set_bytes(&rec, FACT_PAPER, paper, sizeof(paper));
	else if (below(&h->x, 2) == 0)
		countersign(h, &rec);
	some_common(h, &rec, some_record(h, KIND_RECEIVE, KIND_RECEIVE));
	note(h, who, KIND_RECEIVE, world_record(&h->w, who, &rec));
}

static inline void do_lose(struct history *h, size_t who)
{
	size_t of = some_record(h, KIND_DELIVER, KIND_PRODUCE);
	struct record rec;

	record_init(&rec, KIND_LOSE);
	world_set_line(&rec, FACT_LINES, below(&h->x, 9) + 1, some_item(h));
	record_set_bytes(&rec, FACT_REASON, "rain", 4);
	if (of != SIZE_MAX && below(&h->x, 3) != 0)
		record_set_bytes(&rec, FACT_DELIVER, h->ids[of].b, ID_SIZE);
	some_common(h, &rec, some_record(h, KIND_LOSE, KIND_LOSE));
	note(h, who, KIND_LOSE, world_record(&h->w, who, &rec));
}

static inline struct record some_money(struct history *h, enum kind kind)
{
	static const char *const funds[] = { "", "petg" };

	return world_cash(kind, below(&h->x, 900) + 1,
			  below(&h->x, 4) == 0 ? "CHF" : "EUR",
			  funds[below(&h->x, 2)]);
}

static inline void do_money(struct history *h, size_t who)
{
	enum kind kind = below(&h->x, 3) == 0 ? KIND_SPEND : KIND_DONATE;
	struct record rec = some_money(h, kind);

	some_common(h, &rec, some_record(h, kind, kind));
	note(h, who, kind, world_record(&h->w, who, &rec));
}

/* New facts for the record of which this is a correction. */
static inline size_t new_facts(struct history *h, uint32_t kind,
			       uint8_t out[512])
{
	struct record rec;
	size_t to = below(&h->x, MEMBERS), n;

	record_init(&rec, kind);
	if (kind == KIND_DONATE || kind == KIND_SPEND) {
		rec = some_money(h, kind);
	} else if (kind == KIND_RECEIVE) {
		record_set_bytes(&rec, FACT_DELIVER,
				 h->ids[below(&h->x, h->n)].b, ID_SIZE);
		world_set_line(&rec, FACT_ACCEPTED, below(&h->x, 30) + 1,
			       some_item(h));
	} else {
		world_set_line(&rec, FACT_LINES, below(&h->x, 30) + 1,
			       some_item(h));
	}
	if (kind == KIND_DELIVER) {
		record_set_bytes(&rec, FACT_TO, h->w.who[to].identity.b,
				 KEY_SIZE);
		record_set_uint(&rec, FACT_FINAL, below(&h->x, 2));
	}
	if (kind == KIND_LOSE)
		record_set_bytes(&rec, FACT_REASON, "snow", 4);
	assert_int_equal(record_encode(&rec, out, 512, &n), 0);
	return n;
}

static inline void do_correct(struct history *h, size_t who)
{
	struct record rec;
	uint8_t facts[512];
	size_t of, n;

	if (h->n == 0)
		return;
	of = below(&h->x, h->n);
	if (below(&h->x, 8) != 0)
		who = h->by[of];
	record_init(&rec, KIND_CORRECT);
	record_set_bytes(&rec, FACT_TARGET, h->ids[of].b, ID_SIZE);
	record_set_uint(&rec, FACT_WHY, WHY_DID_NOT_OCCUR);
	if (below(&h->x, 3) != 0) {
		uint32_t kind = h->kind[of];

		if (kind == KIND_CORRECT)
			kind = KIND_DELIVER;
		n = new_facts(h, kind, facts);
		record_set_uint(&rec, FACT_WHY, WHY_INCORRECT_DATA);
		record_set_bytes(&rec, FACT_FACTS, facts, n);
	}
	note(h, who, KIND_CORRECT, world_record(&h->w, who, &rec));
}

static inline void do_dismiss(struct history *h, size_t who)
{
	const struct who *m = &h->w.who[who];
	uint8_t ids[64], pins[128];
	uint64_t seq;
	struct record rec;
	struct wr w;
	struct id id;
	size_t n;

	if (m->seq == 0)
		return;
	seq = below(&h->x, m->seq) + 1;
	id = hash_id(m->entries[seq - 1].p, m->entries[seq - 1].n);
	record_init(&rec, KIND_DISMISS);
	record_set_bytes(&rec, FACT_WHO, m->identity.b, KEY_SIZE);
	wr_init(&w, ids, sizeof(ids));
	wr_array(&w, 1);
	wr_bin(&w, h->admit[who].b, ID_SIZE);
	assert_int_equal(wr_end(&w, &n), 0);
	record_set_bytes(&rec, FACT_ADMITS, ids, n);
	wr_init(&w, pins, sizeof(pins));
	wr_array(&w, 1);
	wr_array(&w, 3);
	wr_bin(&w, m->feed.b, KEY_SIZE);
	wr_uint(&w, seq);
	wr_bin(&w, id.b, ID_SIZE);
	assert_int_equal(wr_end(&w, &n), 0);
	if (below(&h->x, 3) != 0)
		record_set_bytes(&rec, FACT_PINS, pins, n);
	world_record(&h->w, h->admitter[who], &rec);
}

static inline void do_release(struct history *h)
{
	size_t who = below(&h->x, MEMBERS - 3) + 3;
	const struct who *m = &h->w.who[who];
	struct record rec;
	uint8_t pin[128];
	struct wr w;
	size_t n;

	record_init(&rec, KIND_RELEASE);
	record_set_bytes(&rec, FACT_WHO, m->identity.b, KEY_SIZE);
	wr_init(&w, pin, sizeof(pin));
	wr_array(&w, 3);
	wr_bin(&w, m->feed.b, KEY_SIZE);
	wr_uint(&w, m->seq);
	wr_bin(&w, m->tip.b, ID_SIZE);
	assert_int_equal(wr_end(&w, &n), 0);
	record_set_bytes(&rec, FACT_POSITION, pin, n);
	world_record(&h->w, 0, &rec);
}

static inline void sign_rotation(struct history *h, struct record *rec,
				 size_t from, size_t to)
{
	static struct sig cert, proof;
	uint8_t claim[ROTATION_CLAIM];

	rotation_claim(claim, &h->w.network, rec);
	assert_int_equal(sign_make(&cert, h->w.who[from].identity_key,
				   DOMAIN_ROTATE, claim, sizeof(claim)),
			 0);
	assert_int_equal(sign_make(&proof, h->w.who[to].identity_key,
				   DOMAIN_ROTATE, claim, sizeof(claim)),
			 0);
	record_set_bytes(rec, FACT_CERT, cert.b, SIG_SIZE);
	record_set_bytes(rec, FACT_PROOF, proof.b, SIG_SIZE);
}

/* A key of a member is followed by another: both sign, or an association says
 * so.  The member's feed goes on, or ends where it is. */
static inline void do_rotate(struct history *h, size_t by)
{
	size_t who = below(&h->x, 4) + 3;
	size_t from =
		below(&h->x, 3) > 0 ? who : MEMBERS + 1 + below(&h->x, LATER);
	size_t to = MEMBERS + 1 + below(&h->x, LATER);
	const struct who *m = &h->w.who[who];
	uint8_t pins[128], feeds[64];
	struct record rec;
	struct wr w;

	if (h->has_nodes) {
		by = from = who;
		to = MEMBERS + 1 + who - 3;
	}
	record_init(&rec, KIND_ROTATE);
	record_set_bytes(&rec, FACT_WHO, m->identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_IDENTITY, h->w.who[from].identity.b,
			 KEY_SIZE);
	record_set_bytes(&rec, FACT_SUCCESSOR, h->w.who[to].identity.b,
			 KEY_SIZE);
	wr_init(&w, pins, sizeof(pins));
	wr_array(&w, 1);
	wr_array(&w, 3);
	wr_bin(&w, m->feed.b, KEY_SIZE);
	wr_uint(&w, m->seq);
	wr_bin(&w, m->tip.b, ID_SIZE);
	if (below(&h->x, 3) == 0)
		record_set_bytes(&rec, FACT_PINS, pins, w.n);
	wr_init(&w, feeds, sizeof(feeds));
	wr_array(&w, 1);
	wr_bin(&w, h->w.who[below(&h->x, 2) == 0 ? who : from].feed.b,
	       KEY_SIZE);
	if (below(&h->x, 3) != 0)
		record_set_bytes(&rec, FACT_FEEDS, feeds, w.n);
	if (below(&h->x, 3) != 0)
		sign_rotation(h, &rec, from, to);
	else
		by = h->admitter[who];
	world_record(&h->w, by, &rec);
}

static inline void do_checkpoints(struct history *h, size_t who)
{
	uint8_t root[32] = { 1 }, sig[SIG_SIZE] = { 1 };
	struct record rec;

	record_init(&rec, KIND_CHECKPOINT);
	record_set_uint(&rec, FACT_SIZE, 1);
	record_set_bytes(&rec, FACT_ROOT, root, sizeof(root));
	record_set_bytes(&rec, FACT_NOTE_SIG, sig, sizeof(sig));
	for (size_t i = 0; i < ROTATION_CHECKPOINTS; i++)
		world_record(&h->w, who, &rec);
}

/* An amendment, by the founder or by somebody whom it does not concern. */
static inline void do_charter(struct history *h, size_t who)
{
	const struct bytes *first = &h->w.who[0].entries[0];
	char number[2] = { (char)('1' + below(&h->x, 3)), '\0' };
	uint8_t raw[LIMIT_CHARTER];
	struct charter charter;
	struct record rec;
	struct entry e;
	size_t n;

	assert_int_equal(entry_decode(&e, first->p, first->n), 0);
	assert_int_equal(record_decode(&rec, e.kind, e.facts, e.facts_n), 0);
	assert_int_equal(charter_decode(&charter, rec.v[FACT_CHARTER].p,
					rec.v[FACT_CHARTER].n),
			 0);
	charter.quorum = 1 + (unsigned)below(&h->x, 3);
	charter.is_public = below(&h->x, 2) == 0;
	assert_int_equal(charter_encode(raw, &n, &charter), 0);
	record_init(&rec, KIND_CHARTER);
	record_set_bytes(&rec, FACT_CHARTER, raw, n);
	record_set_bytes(&rec, FACT_NUMBER, number, 1);
	world_record(&h->w, below(&h->x, 2) == 0 ? 0 : who, &rec);
}

static inline void do_admit(struct history *h, size_t by, size_t who,
			    bool may_admit)
{
	h->admit[who] = world_admit(&h->w, by, who,
				    may_admit ? ROLE_ASSOCIATION : ROLE_MAKER,
				    may_admit);
	h->admitter[who] = by;
}

static inline void set_place(struct record *rec, enum fact f,
			     uint8_t room[static 128],
			     const struct position *at)
{
	struct wr w;

	wr_init(&w, room, 128);
	if (f == FACT_RUNS)
		wr_array(&w, 1);
	wr_array(&w, 3);
	wr_bin(&w, at->feed.b, KEY_SIZE);
	wr_uint(&w, at->seq);
	wr_bin(&w, at->id.b, ID_SIZE);
	record_set_bytes(rec, f, room, w.n);
}

static inline struct position place_of(const struct history *h, size_t who,
				       uint64_t seq)
{
	const struct bytes *b = &h->w.who[who].entries[seq - 1];

	return (struct position){ h->w.who[who].feed, seq,
				  hash_id(b->p, b->n) };
}

static inline bool is_forked(const struct history *h, size_t who)
{
	for (size_t i = 0; i < h->forks; i++)
		if (h->fork[i].who == who)
			return true;
	return false;
}

/* One copy admits somebody, perhaps, and both make things. */
static inline void do_fork(struct history *h)
{
	size_t who = 1 + below(&h->x, MEMBERS - 1);
	struct fork *f = &h->fork[h->forks];
	struct who *w = &h->w.who[who];
	struct id tip = w->tip;

	if (h->forks == FORKS || is_forked(h, who) || w->seq < 2)
		return;
	f->who = who;
	f->stem = w->seq;
	if (below(&h->x, 2) == 0)
		world_admit(&h->w, who, 3 + below(&h->x, MEMBERS - 3),
			    ROLE_MAKER, false);
	while (w->seq < f->stem + BRANCH)
		note(h, who, KIND_PRODUCE,
		     world_produce(&h->w, who, 100, some_item(h)));
	memcpy(f->other, w->entries + f->stem, sizeof(f->other));
	w->seq = f->stem;
	w->tip = tip;
	note(h, who, KIND_PRODUCE, world_produce(&h->w, who, 1, some_item(h)));
	ledger_prove(f->proof, &f->proof_n, &w->entries[f->stem], &f->other[0]);
	h->forks++;
}

/* A place on one of the two branches of a fork. */
static inline struct position some_place(struct history *h,
					 const struct fork *f)
{
	uint64_t more = h->w.who[f->who].seq - f->stem;
	size_t i = below(&h->x, BRANCH);

	if (below(&h->x, 2) == 0)
		return place_of(h, f->who, f->stem + 1 + below(&h->x, more));
	return (struct position){ h->w.who[f->who].feed, f->stem + 1 + i,
				  hash_id(f->other[i].p, f->other[i].n) };
}

/* Whoever may says which chain counts, or somebody who may not. */
static inline void do_name(struct history *h)
{
	const struct fork *f;
	struct position at;
	struct record rec;
	uint8_t room[128];
	size_t by = below(&h->x, MEMBERS);

	if (h->forks == 0)
		return;
	f = &h->fork[below(&h->x, h->forks)];
	at = some_place(h, f);
	if (below(&h->x, 4) > 0)
		by = h->admitter[f->who];
	if (below(&h->x, 3) == 0) {
		record_init(&rec, KIND_ATTEST);
		set_place(&rec, FACT_RUNS, room, &at);
	} else {
		record_init(&rec, KIND_RESOLVE);
		set_place(&rec, FACT_POSITION, room, &at);
		record_set_uint(&rec, FACT_CAUSE, below(&h->x, 2));
	}
	world_record(&h->w, by, &rec);
}

/* A feed is ended by who it belongs to; somebody may record that. */
static inline void do_end(struct history *h)
{
	size_t who = 3 + below(&h->x, MEMBERS - 3);
	const struct who *w = &h->w.who[who];
	struct ended *e = &h->end[h->ends];
	uint8_t claim[PLACE_CLAIM], room[128];
	struct position at;
	struct record rec;
	struct sig sig;

	if (h->ends == ENDS || w->seq < 2)
		return;
	at = place_of(h, who, 1 + below(&h->x, w->seq));
	place_claim(claim, &h->w.network, &at);
	assert_int_equal(sign_make(&sig, w->identity_key, DOMAIN_END, claim,
				   sizeof(claim)),
			 0);
	assert_int_equal(evidence_make_end(e->proof, &e->n, &at, &sig), 0);
	h->ends++;
	if (below(&h->x, 2) == 0)
		return;
	record_init(&rec, KIND_END);
	set_place(&rec, FACT_POSITION, room, &at);
	record_set_bytes(&rec, FACT_PROOF, sig.b, SIG_SIZE);
	world_record(&h->w, below(&h->x, MEMBERS), &rec);
}

/* What makes feeds end. */
static inline void cut_step(struct history *h)
{
	size_t what = below(&h->x, 12);

	if (what == 0)
		do_fork(h);
	else if (what == 1)
		do_name(h);
	else if (what == 2 && below(&h->x, 6) == 0)
		do_end(h);
	else if (what == 3 && below(&h->x, 6) == 0) /* a whole branch */
		do_dismiss(h, 1 + below(&h->x, 2));
	else if (what == 4 && below(&h->x, 6) == 0)
		do_admit(h, 0, 1 + below(&h->x, 2), true);
}

static inline void one_step(struct history *h)
{
	/* Person MEMBERS is a second node of person 3. */
	size_t who = below(&h->x, FEEDS);
	size_t member = below(&h->x, MEMBERS);

	switch (below(&h->x, 23)) {
	case 0:
	case 1:
	case 2:
		do_produce(h, who);
		break;
	case 3:
	case 4:
	case 5:
		do_deliver(h, who);
		break;
	case 6:
	case 7:
	case 8:
		do_receive(h, below(&h->x, 2) == 0 ? who : 4);
		break;
	case 9:
		do_lose(h, who);
		break;
	case 10:
	case 11:
	case 12:
		do_correct(h, who);
		break;
	case 13:
		do_admit(h, below(&h->x, 3), below(&h->x, MEMBERS - 3) + 3,
			 below(&h->x, 6) == 0);
		break;
	case 14:
		if (below(&h->x, 4) == 0)
			do_dismiss(h, below(&h->x, MEMBERS - 3) + 3);
		break;
	case 15:
		if (below(&h->x, 4) == 0)
			do_release(h);
		break;
	case 16:
	case 17:
		do_money(h, below(&h->x, 2) == 0 ? who : below(&h->x, 3));
		break;
	case 20:
		do_rotate(h, member);
		break;
	case 21:
		if (below(&h->x, 3) == 0)
			do_checkpoints(h, member % 3);
		break;
	case 22:
		if (below(&h->x, 3) == 0)
			do_charter(h, member);
		break;
	case 18:
	case 19:
		do_enrol(h, below(&h->x, 3) == 0 ? who : below(&h->x, 3));
		break;
	}
}

/* Associations 1 and 2 below the founder, members 3 and on below them. */
static inline void history_make(struct history *h, uint64_t seed, bool has_cuts,
				size_t nodes)
{
	struct who *twin;

	memset(h, 0, sizeof(*h));
	h->x = seed * 0x9e3779b97f4a7c15ULL | 1;
	h->has_nodes = nodes > 0;
	world_found(&h->w);
	for (size_t i = 1; i < MEMBERS; i++)
		world_stranger(&h->w);
	twin = &h->w.who[world_person(&h->w)];
	seckey_close(twin->identity_key);
	twin->identity_key = world_key(1, 3);
	twin->identity = h->w.who[3].identity;
	world_open_feed(&h->w, MEMBERS, NULL);
	for (size_t i = 0; i < LATER; i++)
		world_stranger(&h->w);
	for (size_t i = 0; i < nodes; i++)
		world_admit(&h->w, 0, world_stranger(&h->w), ROLE_AUDITOR,
			    false);
	do_admit(h, 0, 1, true);
	do_admit(h, below(&h->x, 2), 2, true);
	for (size_t i = 0; i < STEPS; i++) {
		one_step(h);
		if (has_cuts)
			cut_step(h);
		if (i % 30 == 0 && 3 + i / 30 < MEMBERS)
			do_admit(h, below(&h->x, 3), 3 + i / 30, false);
	}
}

static inline int append_raw(struct ledger *l, const struct bytes *b)
{
	struct entry e;
	struct id id;

	assert_int_equal(entry_decode(&e, b->p, b->n), 0);
	id = entry_id(&e);
	return store_append(l->s, &e, &id);
}

/* Entry seq of a forked feed as one of the copies has it. */
static inline const struct bytes *entry_of(const struct history *h,
					   const struct fork *f, uint64_t seq,
					   bool is_other)
{
	return is_other && seq > f->stem ? &f->other[seq - f->stem - 1]
					 : &h->w.who[f->who].entries[seq - 1];
}

/* Where what a peer sends is not what is held, it sends some more before. */
static inline int show_fork(struct ledger *l, const struct history *h,
			    const struct fork *f, uint64_t end, bool is_other)
{
	static uint8_t room[LIMIT_RUN_BYTES];
	struct run_writer w;
	struct run run;
	uint64_t split;
	size_t n;

	run_writer_init(&w, room, sizeof(room), &h->w.who[f->who].feed);
	for (uint64_t q = f->stem; q <= end; q++) {
		const struct bytes *b = entry_of(h, f, q, is_other);

		if (run_writer_add(&w, b->p, b->n) != 0)
			break;
	}
	assert_int_equal(run_writer_end(&w, &n), 0);
	assert_int_equal(run_decode(&run, room, n), 0);
	return store_fork(l->s, &run, &split);
}

/* All of a forked feed as one of the copies has it, as a peer would. */
static inline void offer(struct ledger *l, const struct history *h,
			 const struct fork *f, bool is_other)
{
	uint64_t end = is_other ? f->stem + BRANCH : h->w.who[f->who].seq;
	int err = ERR_EXISTS;

	for (int tries = 0; tries < 2 && err == ERR_EXISTS; tries++) {
		err = 0;
		for (uint64_t q = 1; q <= end && err != ERR_CONFLICT &&
				     err != ERR_CHAIN && err != ERR_DENIED;
		     q++)
			err = append_raw(l, entry_of(h, f, q, is_other));
		if (err == ERR_CONFLICT || err == ERR_CHAIN)
			err = show_fork(l, h, f, end, is_other);
		else
			err = 0;
	}
}

/* Some entries of a feed that did not fork, from its head on. */
static inline void bring_plain(struct ledger *l, const struct history *h,
			       size_t who, size_t n)
{
	struct head head = { .seq = 0 };
	int err = store_head(l->s, &h->w.who[who].feed, &head);

	assert_true(err == 0 || err == ERR_NOT_FOUND);
	err = 0;
	for (uint64_t q = head.seq + 1;
	     n > 0 && err == 0 && q <= h->w.who[who].seq; q++, n--)
		err = ledger_append(l, &h->w, who, q);
	assert_true(err == 0 || err == ERR_DENIED || err == ERR_CONFLICT ||
		    err == ERR_CHAIN);
}

/* Feeds, the other branches, proofs of forks, proofs of ends. */
static inline size_t history_pieces(const struct history *h)
{
	return h->w.n + 2 * h->forks + h->ends;
}

static inline void history_bring(struct ledger *l, const struct history *h,
				 size_t what, size_t n)
{
	const struct fork *f;
	int err;

	if (what < h->w.n && !is_forked(h, what)) {
		bring_plain(l, h, what, n);
		return;
	}
	for (size_t i = 0; i < h->forks; i++)
		if (h->fork[i].who == what) {
			offer(l, h, &h->fork[i], false);
			return;
		}
	what -= h->w.n;
	if (what < h->forks) {
		offer(l, h, &h->fork[what], true);
		return;
	}
	what -= h->forks;
	f = &h->fork[what < h->forks ? what : 0];
	if (what < h->forks)
		err = store_evidence(l->s, f->proof, f->proof_n);
	else
		err = store_evidence(l->s, h->end[what - h->forks].proof,
				     h->end[what - h->forks].n);
	assert_true(err == 0 || err == ERR_EXISTS || err == ERR_DENIED);
}

static inline void history_release(struct history *h)
{
	for (size_t i = 0; i < h->forks; i++)
		for (size_t k = 0; k < BRANCH; k++)
			free(h->fork[i].other[k].p);
	world_release(&h->w);
}

#endif
