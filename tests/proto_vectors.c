#include "tests/vector.h"

#include "crypto/hash.h"
#include "proto/bundle.h"
#include "proto/charter.h"
#include "proto/entry.h"
#include "proto/invite.h"
#include "proto/run.h"

/* One at a time, because it is large. */
static struct vector v;

static const char entries[] = "tests/vectors/entries.txt";
static const char others[] = "tests/vectors/proto.txt";

/* What the block says the entry is made of; facts in buf. */
static void read_plan(struct entry_plan *plan, struct id *seen, uint8_t *buf,
		      size_t max)
{
	*plan = (struct entry_plan){ .seq = vector_uint(&v, "seq"),
				     .time_ms = vector_uint(&v, "time_ms"),
				     .kind = (uint32_t)vector_uint(&v, "kind"),
				     .facts = buf };
	vector_hex(&v, "prev", plan->prev.b, sizeof(plan->prev.b));
	plan->facts_n = vector_hex(&v, "facts", buf, max);
	if (strcmp(vector_text(&v, "seen"), "nil") != 0) {
		vector_hex(&v, "seen", seen->b, sizeof(seen->b));
		plan->seen = seen;
	}
}

static void check_decoded(const struct entry *e, const struct entry_plan *plan)
{
	struct pubkey feed;
	struct id id, own = entry_id(e);

	vector_hex(&v, "feed", feed.b, sizeof(feed.b));
	vector_hex(&v, "id", id.b, sizeof(id.b));
	assert_true(pubkey_eq(&e->feed, &feed));
	assert_true(id_eq(&id, &own));
	assert_true(id_eq(&e->prev, &plan->prev));
	assert_int_equal(e->seq, plan->seq);
	assert_int_equal(e->time_ms, plan->time_ms);
	assert_int_equal(e->kind, plan->kind);
	assert_int_equal(e->facts_n, plan->facts_n);
	assert_memory_equal(e->facts, plan->facts, plan->facts_n);
	assert_int_equal(e->has_seen, plan->seen != NULL);
	if (plan->seen != NULL)
		assert_true(id_eq(&e->seen, plan->seen));
}

static void entries_are_reproduced_byte_for_byte(void **state)
{
	uint8_t seed[SEED_SIZE], facts[2048], want[4096], got[LIMIT_ENTRY];
	unsigned count = 0;

	(void)state;
	vector_open(&v, entries);
	while (vector_next(&v)) {
		struct entry_plan plan;
		struct seckey *key;
		struct entry e;
		struct id seen;
		size_t want_n, n;

		vector_hex(&v, "seed", seed, sizeof(seed));
		read_plan(&plan, &seen, facts, sizeof(facts));
		want_n = vector_hex(&v, "entry", want, sizeof(want));
		assert_int_equal(seckey_from_seed(&key, seed), 0);
		assert_int_equal(entry_seal(got, &n, &plan, key), 0);
		seckey_close(key);
		assert_int_equal(n, want_n);
		assert_memory_equal(got, want, n);
		assert_int_equal(entry_decode(&e, want, want_n), 0);
		assert_int_equal(entry_verify(&e), 0);
		check_decoded(&e, &plan);
		count++;
	}
	assert_int_equal(count, 11);
}

static void the_charter_gives_the_network_id(void **state)
{
	uint8_t bytes[LIMIT_CHARTER], again[LIMIT_CHARTER];
	struct id network, id;
	struct charter c;
	size_t n, again_n;

	(void)state;
	vector_find(&v, others, "charter");
	n = vector_hex(&v, "charter", bytes, sizeof(bytes));
	vector_hex(&v, "network", network.b, sizeof(network.b));
	assert_int_equal(charter_decode(&c, bytes, n), 0);
	assert_string_equal(c.currency, "EUR");
	assert_int_equal(c.founders_n, 2);
	assert_int_equal(c.quorum, 2);
	assert_int_equal(charter_encode(again, &again_n, &c), 0);
	assert_int_equal(again_n, n);
	assert_memory_equal(again, bytes, n);
	assert_int_equal(charter_id(&id, &c), 0);
	assert_true(id_eq(&id, &network));
}

/* Raw bytes of the entry of this name. */
static size_t read_entry(const char *name, uint8_t *out, size_t max)
{
	vector_find(&v, entries, name);
	return vector_hex(&v, "entry", out, max);
}

static void the_run_is_that_of_its_entries(void **state)
{
	static struct run_room room;
	uint8_t raw[2][1024], want[2048], got[2048];
	struct run_writer w;
	size_t raw_n[2], want_n, n;
	struct entry e;
	struct run run;
	uint32_t good;

	(void)state;
	raw_n[0] = read_entry("produce", raw[0], sizeof(raw[0]));
	raw_n[1] = read_entry("deliver", raw[1], sizeof(raw[1]));
	vector_find(&v, others, "run");
	want_n = vector_hex(&v, "run", want, sizeof(want));
	assert_int_equal(entry_decode(&e, raw[0], raw_n[0]), 0);
	run_writer_init(&w, got, sizeof(got), &e.feed);
	for (int i = 0; i < 2; i++)
		assert_int_equal(run_writer_add(&w, raw[i], raw_n[i]), 0);
	assert_int_equal(run_writer_end(&w, &n), 0);
	assert_int_equal(n, want_n);
	assert_memory_equal(got, want, n);
	assert_int_equal(run_decode(&run, want, want_n), 0);
	assert_int_equal(run_check(&room, &good, &run, &e.prev), 0);
	assert_int_equal(good, 2);
}

static void the_bundle_holds_charter_and_run(void **state)
{
	static const enum bundle_type types[] = { BUNDLE_CHARTER, BUNDLE_RUN,
						  BUNDLE_END };
	uint8_t file[4096], got[4096 + BUNDLE_ROOM];
	struct bundle_writer w;
	struct bundle_record rec;
	size_t n, part, at = 0;
	struct bundle b;

	(void)state;
	vector_find(&v, others, "bundle");
	n = vector_hex(&v, "bundle", file, sizeof(file));
	assert_int_equal(bundle_open(&b, file, n), 0);
	bundle_writer_init(&w);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		assert_int_equal(bundle_next(&b, &rec), 0);
		assert_int_equal(rec.type, types[i]);
		if (rec.type == BUNDLE_END)
			assert_int_equal(bundle_put_end(&w, got + at, &part),
					 0);
		else
			assert_int_equal(bundle_put(&w, got + at, &part,
						    rec.type, rec.body,
						    rec.body_n),
					 0);
		at += part;
	}
	assert_int_equal(at, n);
	assert_memory_equal(got, file, n);
}

static void the_invite_is_reproduced(void **state)
{
	uint8_t number[INVITE_ID], want[INVITE_ID];
	struct invite inv, got;
	char link[INVITE_SIZE];
	const char *text;

	(void)state;
	vector_find(&v, others, "invite");
	memset(&inv, 0, sizeof(inv));
	vector_hex(&v, "network", inv.network.b, sizeof(inv.network.b));
	vector_hex(&v, "transport", inv.transport.b, sizeof(inv.transport.b));
	vector_hex(&v, "secret", inv.secret, sizeof(inv.secret));
	inv.expires_s = vector_uint(&v, "expires_s");
	inv.role = (enum role)vector_uint(&v, "role");
	inv.is_auto = vector_uint(&v, "auto") == 1;
	snprintf(inv.label, sizeof(inv.label), "%.32s",
		 vector_text(&v, "label"));
	for (text = "address1"; inv.addresses_n < 2; text = "address2")
		snprintf(inv.addresses[inv.addresses_n++], LIMIT_ADDRESS + 1,
			 "%.128s", vector_text(&v, text));
	assert_int_equal(invite_encode(link, &inv), 0);
	assert_string_equal(link, vector_text(&v, "link"));
	text = vector_text(&v, "unchecked");
	assert_int_equal(invite_decode(&got, text, strlen(text)), 0);
	assert_memory_equal(&got, &inv, sizeof(inv));
	invite_id(number, inv.secret);
	vector_hex(&v, "number", want, sizeof(want));
	assert_memory_equal(number, want, sizeof(want));
}

static void the_proof_names_the_newcomer(void **state)
{
	uint8_t secret[INVITE_SECRET];
	struct pubkey feed, identity;
	struct id network, proof, got;
	struct curvekey transport;

	(void)state;
	vector_find(&v, others, "join");
	vector_hex(&v, "secret", secret, sizeof(secret));
	vector_hex(&v, "network", network.b, sizeof(network.b));
	vector_hex(&v, "feed", feed.b, sizeof(feed.b));
	vector_hex(&v, "identity", identity.b, sizeof(identity.b));
	vector_hex(&v, "transport", transport.b, sizeof(transport.b));
	vector_hex(&v, "proof", proof.b, sizeof(proof.b));
	got = invite_proof(secret, &network, &feed, &identity, &transport);
	assert_true(id_eq(&got, &proof));
}

static void the_fingerprint_is_reproduced(void **state)
{
	char text[FINGERPRINT_SIZE];
	struct pubkey identity;

	(void)state;
	vector_find(&v, others, "fingerprint");
	vector_hex(&v, "identity", identity.b, sizeof(identity.b));
	fingerprint(text, &identity);
	assert_string_equal(text, vector_text(&v, "fingerprint"));
}

static void handles_and_keys_are_hash_tags(void **state)
{
	struct secret secret;
	struct tag want, got;
	const char *text;

	(void)state;
	vector_find(&v, others, "tags");
	vector_hex(&v, "secret", secret.b, sizeof(secret.b));
	text = vector_text(&v, "outsider");
	vector_hex(&v, "handle", want.b, sizeof(want.b));
	got = hash_tag(&secret, "maillon/1 handle", text, strlen(text));
	assert_memory_equal(got.b, want.b, sizeof(want.b));
	text = vector_text(&v, "text");
	vector_hex(&v, "key", want.b, sizeof(want.b));
	got = hash_tag(&secret, "maillon/1 key", text, strlen(text));
	assert_memory_equal(got.b, want.b, sizeof(want.b));
}

static void a_private_value_is_hashed_with_its_fact_and_salt(void **state)
{
	static const char domain[] = "maillon/1 private";
	uint8_t fact, salt[32], value[64];
	struct id want, got;
	struct hasher h;
	size_t n;

	(void)state;
	vector_find(&v, others, "private");
	fact = (uint8_t)vector_uint(&v, "fact");
	vector_hex(&v, "salt", salt, sizeof(salt));
	n = vector_hex(&v, "value", value, sizeof(value));
	vector_hex(&v, "commitment", want.b, sizeof(want.b));
	hasher_init(&h);
	hasher_add(&h, domain, sizeof(domain));
	hasher_add(&h, &fact, 1);
	hasher_add(&h, salt, sizeof(salt));
	hasher_add(&h, value, n);
	got = hasher_id(&h);
	assert_true(id_eq(&got, &want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(entries_are_reproduced_byte_for_byte),
		UNIT(the_charter_gives_the_network_id),
		UNIT(the_run_is_that_of_its_entries),
		UNIT(the_bundle_holds_charter_and_run),
		UNIT(the_invite_is_reproduced),
		UNIT(the_proof_names_the_newcomer),
		UNIT(the_fingerprint_is_reproduced),
		UNIT(handles_and_keys_are_hash_tags),
		UNIT(a_private_value_is_hashed_with_its_fact_and_salt),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
