#include "proto/record.h"

#include "crypto/err.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <string.h>

static const uint8_t bytes[64] = { 1 };

/* The value of a fact in canonical form: the shortest that its type has. */
static void put_sample(struct wr *w, const struct fact_rule *rule)
{
	switch (rule->type) {
	case TYPE_UINT:
	case TYPE_TIME:
	case TYPE_WORD:
		wr_uint(w, 1);
		break;
	case TYPE_TEXT:
	case TYPE_LABEL:
	case TYPE_ITEM:
		wr_text(w, "a", 1);
		break;
	case TYPE_PLACE:
		wr_text(w, "FR", 2);
		break;
	case TYPE_PERIOD:
		wr_text(w, "2020", 4);
		break;
	case TYPE_BYTES:
		wr_bin(w, bytes, 1);
		break;
	case TYPE_TAG:
		wr_bin(w, bytes, TAG_SIZE);
		break;
	case TYPE_ID:
	case TYPE_KEY:
	case TYPE_SHA:
	case TYPE_PARTY:
		wr_bin(w, bytes, ID_SIZE);
		break;
	case TYPE_SIG:
		wr_bin(w, bytes, SIG_SIZE);
		break;
	case TYPE_LINES:
	case TYPE_LINES0:
		wr_raw(w, "\x91\x92\xa1x\x02", 5);
		break;
	case TYPE_MONEY:
	case TYPE_MONEY0:
		wr_raw(w, "\x92\x02\xa3XOF", 6);
		break;
	case TYPE_POSITIONS:
		wr_array(w, 1);
		/* fall through */
	case TYPE_POSITION:
		wr_array(w, 3);
		wr_bin(w, bytes, KEY_SIZE);
		wr_uint(w, 1);
		wr_bin(w, bytes, ID_SIZE);
		break;
	case TYPE_IDS:
	case TYPE_KEYS:
		wr_array(w, 1);
		wr_bin(w, bytes, ID_SIZE);
		break;
	case TYPE_ADDRESSES:
		wr_array(w, 0);
		break;
	case TYPE_FACTS:
		wr_raw(w, "\x81\x11\x01", 3);
		break;
	}
}

/* Which facts a map is to have, by number. */
struct pick {
	bool has[FACT_LIMIT + 200];
};

static size_t put_facts(uint8_t *buf, size_t max, const struct pick *pick)
{
	uint32_t count = 0;
	struct wr w;
	size_t n;

	for (unsigned k = 0; k < ARRAY_LEN(pick->has); k++)
		count += pick->has[k];
	wr_init(&w, buf, max);
	wr_map(&w, count);
	for (unsigned k = 0; k < ARRAY_LEN(pick->has); k++) {
		if (!pick->has[k])
			continue;
		wr_uint(&w, k);
		if (fact_rule(k) != NULL)
			put_sample(&w, fact_rule(k));
		else
			wr_text(&w, "later", 5);
	}
	assert_int_equal(wr_end(&w, &n), 0);
	return n;
}

static int decode(struct record *rec, uint32_t kind, const struct pick *pick)
{
	static uint8_t buf[8192];
	size_t n = put_facts(buf, sizeof(buf), pick);

	return record_decode(rec, kind, buf, n);
}

/* All that a kind must have, together with what that entails. */
static struct pick needed(const struct kind_rule *rule)
{
	struct pick pick = { { false } };

	for (unsigned k = 0; k < FACT_LIMIT; k++)
		pick.has[k] = kind_needs(rule, k);
	if (rule->kind == KIND_RECEIVE)
		pick.has[FACT_ACCEPTED] = true;
	if (rule->kind == KIND_CORRECT)
		pick.has[FACT_FACTS] = true;
	return pick;
}

/* All that a kind takes together. */
static struct pick taken(const struct kind_rule *rule)
{
	struct pick pick = { { false } };

	for (unsigned k = 0; k < FACT_LIMIT; k++)
		pick.has[k] = kind_takes(rule, k);
	if (rule->kind == KIND_RECEIVE)
		pick.has[FACT_PAPER] = false;
	return pick;
}

#define FOR_EACH_KIND(rule)                              \
	for (uint32_t kind_ = 0; kind_ <= 1000; kind_++) \
		if (((rule) = kind_rule(kind_)) != NULL)

static void every_kind_is_read_and_written_again(void **state)
{
	const struct kind_rule *rule;
	unsigned kinds = 0;

	(void)state;
	FOR_EACH_KIND(rule)
	{
		struct pick picks[2] = { needed(rule), taken(rule) };

		for (size_t i = 0; i < 2; i++) {
			uint8_t buf[8192], again[8192];
			size_t n = put_facts(buf, sizeof(buf), &picks[i]);
			struct record rec;
			size_t again_n;

			if (record_decode(&rec, rule->kind, buf, n) != 0)
				fail_msg("%s is not read", rule->name);
			assert_int_equal(rec.kind, rule->kind);
			for (unsigned k = 0; k < FACT_LIMIT; k++)
				assert_int_equal(record_has(&rec, k),
						 picks[i].has[k]);
			assert_int_equal(record_encode(&rec, again,
						       sizeof(again), &again_n),
					 0);
			assert_int_equal(again_n, n);
			assert_memory_equal(again, buf, n);
		}
		kinds++;
	}
	assert_int_equal(kinds, 32);
}

static void a_fact_that_is_needed_must_be_there(void **state)
{
	const struct kind_rule *rule;

	(void)state;
	FOR_EACH_KIND(rule)
	{
		struct pick all = taken(rule), none = { { false } };
		struct record rec;

		assert_int_equal(decode(&rec, rule->kind, &none), ERR_FORMAT);
		for (unsigned k = 0; k < FACT_LIMIT; k++) {
			struct pick pick = all;

			if (!kind_needs(rule, k))
				continue;
			pick.has[k] = false;
			if (decode(&rec, rule->kind, &pick) != ERR_FORMAT)
				fail_msg("%s without %s", rule->name,
					 fact_rule(k)->name);
		}
	}
}

static void critical_facts_out_of_place_are_for_later_versions(void **state)
{
	const struct kind_rule *rule;

	(void)state;
	FOR_EACH_KIND(rule)
	for (unsigned k = 0; k < FACT_LIMIT + 100; k++) {
		struct pick pick = needed(rule);
		struct record rec;
		int err;

		if (kind_takes(rule, k))
			continue;
		pick.has[k] = true;
		err = decode(&rec, rule->kind, &pick);
		if (err != (k % 2 == 1 ? ERR_VERSION : 0))
			fail_msg("%s with %u: %d", rule->name, k, err);
		if (k % 2 == 0 && k < FACT_LIMIT)
			assert_false(record_has(&rec, k));
	}
}

static void facts_of_any_number_are_even_or_odd(void **state)
{
	static const struct {
		uint64_t key;
		int err;
	} rows[] = {
		{ 1ULL << 32, 0 },
		{ (1ULL << 32) + FACT_LINES, ERR_VERSION },
		{ UINT64_MAX - 1, 0 },
		{ UINT64_MAX, ERR_VERSION },
	};
	uint8_t buf[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct record rec;
		struct wr w;
		size_t n;

		wr_init(&w, buf, sizeof(buf));
		wr_map(&w, 2);
		wr_uint(&w, FACT_LINES);
		put_sample(&w, fact_rule(FACT_LINES));
		wr_uint(&w, rows[i].key);
		wr_uint(&w, 5);
		assert_int_equal(wr_end(&w, &n), 0);
		assert_int_equal(record_decode(&rec, KIND_SUPPLY, buf, n),
				 rows[i].err);
	}
}

static void a_kind_that_is_not_known_does_not_count(void **state)
{
	static const uint32_t kinds[] = { 0, 6, 7, 57, 900, LIMIT_KIND };
	struct record rec;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		assert_int_equal(record_decode(&rec, kinds[i], "\x80", 1),
				 ERR_VERSION);
}

static void every_truncation_is_refused(void **state)
{
	const struct kind_rule *rule;

	(void)state;
	FOR_EACH_KIND(rule)
	{
		struct pick pick = taken(rule);
		uint8_t buf[8192];
		size_t n = put_facts(buf, sizeof(buf), &pick);
		struct record rec;

		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(
				record_decode(&rec, rule->kind, buf, cut),
				ERR_FORMAT);
		buf[n] = 0;
		assert_int_equal(record_decode(&rec, rule->kind, buf, n + 1),
				 ERR_FORMAT);
	}
}

static void keys_rise_and_stand_once(void **state)
{
	static const char lines[] = "\x11\x91\x92\xa1x\x02";
	static const struct {
		const char *p;
		size_t n;
		int err;
	} rows[] = {
		{ "\x82\x00\x00\x11\x91\x92\xa1x\x02", 9, 0 },
		{ "\x82\x11\x91\x92\xa1x\x02\x00\x00", 9, ERR_FORMAT },
		{ "\x83\x06\x00\x06\x00\x11\x91\x92\xa1x\x02", 11, ERR_FORMAT },
		{ "\x91\x11", 2, ERR_FORMAT },
		{ "\x05", 1, ERR_FORMAT },
		{ "\xc0", 1, ERR_FORMAT },
	};
	uint8_t twice[1 + 2 * (sizeof(lines) - 1)];
	struct record rec;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(
			record_decode(&rec, KIND_SUPPLY, rows[i].p, rows[i].n),
			rows[i].err);
	twice[0] = 0x82;
	memcpy(twice + 1, lines, sizeof(lines) - 1);
	memcpy(twice + sizeof(lines), lines, sizeof(lines) - 1);
	assert_int_equal(record_decode(&rec, KIND_SUPPLY, twice, sizeof(twice)),
			 ERR_FORMAT);
}

static void a_record_has_at_most_its_limit_of_facts(void **state)
{
	struct record rec;

	(void)state;
	for (unsigned n = LIMIT_FACTS - 1; n <= LIMIT_FACTS + 1; n++) {
		struct pick pick = { { false } };

		pick.has[FACT_LINES] = true;
		for (unsigned k = 0; k < n - 1; k++)
			pick.has[FACT_LIMIT + 2 * k] = true;
		assert_int_equal(decode(&rec, KIND_SUPPLY, &pick),
				 n <= LIMIT_FACTS ? 0 : ERR_LIMIT);
	}
}

/* A produce of so many pieces, with as many used and rejected. */
static int produce(uint64_t made, uint64_t used, uint64_t rejected)
{
	struct line l = { "x", 1, made }, u = { "y", 1, used };
	uint8_t lines[64], use[64], out[256];
	struct record rec;
	size_t n;

	record_init(&rec, KIND_PRODUCE);
	assert_int_equal(lines_encode(lines, sizeof(lines), &n, &l, 1), 0);
	record_set_bytes(&rec, FACT_LINES, lines, n);
	assert_int_equal(lines_encode(use, sizeof(use), &n, &u, 1), 0);
	record_set_bytes(&rec, FACT_USE, use, n);
	record_set_uint(&rec, FACT_REJECTED, rejected);
	return record_encode(&rec, out, sizeof(out), &n);
}

static void one_record_adds_up_to_at_most_its_limit(void **state)
{
	(void)state;
	assert_int_equal(produce(LIMIT_QTY - 2, 1, 0), 0);
	assert_int_equal(produce(LIMIT_QTY - 2, 1, 1), 0);
	assert_int_equal(produce(LIMIT_QTY - 2, 1, 2), ERR_LIMIT);
	assert_int_equal(produce(LIMIT_QTY - 2, 3, 0), ERR_LIMIT);
	assert_int_equal(produce(1, LIMIT_QTY - 1, 0), 0);
	assert_int_equal(produce(1, LIMIT_QTY, 0), ERR_LIMIT);
}

static void facts_of_one_record_agree(void **state)
{
	static const struct {
		uint32_t kind;
		uint8_t facts[8];
		int err;
		const char *why;
	} rows[] = {
		{ KIND_RECEIVE, { FACT_DELIVER }, ERR_FORMAT, "says nothing" },
		{ KIND_RECEIVE, { FACT_DELIVER, FACT_ACCEPTED }, 0, "accepts" },
		{ KIND_RECEIVE,
		  { FACT_DELIVER, FACT_REFUSED },
		  ERR_FORMAT,
		  "refuses without a reason" },
		{ KIND_RECEIVE,
		  { FACT_DELIVER, FACT_REFUSED, FACT_REASON },
		  0,
		  "refuses" },
		{ KIND_RECEIVE,
		  { FACT_DELIVER, FACT_ACCEPTED, FACT_RECEIPT_KEY },
		  ERR_FORMAT,
		  "a key that signed nothing" },
		{ KIND_RECEIVE,
		  { FACT_DELIVER, FACT_ACCEPTED, FACT_RECEIPT_SIG },
		  ERR_FORMAT,
		  "a signature of nobody" },
		{ KIND_RECEIVE,
		  { FACT_DELIVER, FACT_ACCEPTED, FACT_RECEIPT_KEY,
		    FACT_RECEIPT_SIG },
		  0,
		  "relayed" },
		{ KIND_RECEIVE,
		  { FACT_DELIVER, FACT_ACCEPTED, FACT_PAPER },
		  0,
		  "on paper" },
		{ KIND_RECEIVE,
		  { FACT_DELIVER, FACT_ACCEPTED, FACT_PAPER, FACT_RECEIPT_KEY,
		    FACT_RECEIPT_SIG },
		  ERR_FORMAT,
		  "both on paper and relayed" },
		{ KIND_CORRECT,
		  { FACT_TARGET, FACT_WHY },
		  ERR_FORMAT,
		  "incorrect, and nothing instead" },
		{ KIND_CORRECT,
		  { FACT_TARGET, FACT_WHY, FACT_FACTS },
		  0,
		  "incorrect" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pick pick = { { false } };
		struct record rec;

		for (size_t k = 0; k < 8 && rows[i].facts[k] != 0; k++)
			pick.has[rows[i].facts[k]] = true;
		if (decode(&rec, rows[i].kind, &pick) != rows[i].err)
			fail_msg("%s", rows[i].why);
	}
}

static void what_did_not_occur_has_no_facts(void **state)
{
	struct record rec;
	uint8_t out[256];
	size_t n;

	(void)state;
	record_init(&rec, KIND_CORRECT);
	record_set_bytes(&rec, FACT_TARGET, bytes, ID_SIZE);
	record_set_uint(&rec, FACT_WHY, WHY_DID_NOT_OCCUR);
	assert_int_equal(record_encode(&rec, out, sizeof(out), &n), 0);
	record_set_bytes(&rec, FACT_FACTS, (const uint8_t *)"\x81\x11\x01", 3);
	assert_int_equal(record_encode(&rec, out, sizeof(out), &n), ERR_FORMAT);
	record_set_uint(&rec, FACT_WHY, WHY_INCORRECT_DATA);
	assert_int_equal(record_encode(&rec, out, sizeof(out), &n), 0);
}

static void nothing_is_signed_that_would_not_count(void **state)
{
	struct record rec;
	uint8_t out[256];
	size_t n = 99;

	(void)state;
	record_init(&rec, 900);
	assert_int_equal(record_encode(&rec, out, sizeof(out), &n),
			 ERR_VERSION);
	record_init(&rec, KIND_PLEDGE);
	assert_int_equal(record_encode(&rec, out, sizeof(out), &n), ERR_FORMAT);
	record_set_bytes(&rec, FACT_REQUEST, bytes, ID_SIZE);
	record_set_uint(&rec, FACT_QTY, LIMIT_QTY + 1);
	assert_int_equal(record_encode(&rec, out, sizeof(out), &n), ERR_LIMIT);
	record_set_uint(&rec, FACT_QTY, 5);
	record_set_uint(&rec, FACT_MAY_ADMIT, 1);
	assert_int_equal(record_encode(&rec, out, sizeof(out), &n),
			 ERR_VERSION);
	record_unset(&rec, FACT_MAY_ADMIT);
	record_set_bytes(&rec, FACT_LOT, "A", 1);
	assert_int_equal(record_encode(&rec, out, sizeof(out), &n), ERR_FORMAT);
	assert_int_equal(n, 99);
	record_unset(&rec, FACT_LOT);
	assert_int_equal(record_encode(&rec, out, sizeof(out), &n), 0);
	assert_int_equal(record_encode(&rec, out, n, &n), 0);
	assert_int_equal(record_encode(&rec, out, n - 1, &n), ERR_LIMIT);
}

static void facts_are_read_by_name(void **state)
{
	struct pick pick = { { false } };
	struct line lines[LIMIT_LINES];
	struct record rec;
	struct pubkey key;
	struct tag tag;
	struct id id;

	(void)state;
	pick.has[FACT_KEY] = pick.has[FACT_ORPHAN] = true;
	pick.has[FACT_LINES] = pick.has[FACT_TO] = pick.has[FACT_FINAL] = true;
	assert_int_equal(decode(&rec, KIND_DELIVER, &pick), 0);
	assert_int_equal(record_uint(&rec, FACT_FINAL), 1);
	assert_int_equal(record_lines(&rec, FACT_LINES, lines), 1);
	assert_int_equal(lines[0].qty, 2);
	tag = record_tag(&rec, FACT_KEY);
	assert_memory_equal(tag.b, bytes, sizeof(tag.b));
	id = record_id(&rec, FACT_ORPHAN);
	assert_memory_equal(id.b, bytes, sizeof(id.b));
	key = record_key(&rec, FACT_TO);
	assert_memory_equal(key.b, bytes, sizeof(key.b));
	/* An outsider's handle is no key. */
	tag = record_tag(&rec, FACT_TO);
	assert_memory_equal(tag.b, (uint8_t[TAG_SIZE]){ 0 }, TAG_SIZE);
}

static void lists_are_read_by_name(void **state)
{
	struct pick pick = { { false } };
	struct position at[2];
	struct record rec;
	struct id ids[2];

	(void)state;
	pick.has[FACT_WHO] = pick.has[FACT_ADMITS] = pick.has[FACT_PINS] = true;
	assert_int_equal(decode(&rec, KIND_DISMISS, &pick), 0);
	assert_int_equal(record_ids(&rec, FACT_ADMITS, ids, 2), 1);
	assert_memory_equal(ids[0].b, bytes, ID_SIZE);
	assert_int_equal(record_positions(&rec, FACT_PINS, at, 2), 1);
	assert_int_equal(at[0].seq, 1);
	pick = (struct pick){ { false } };
	pick.has[FACT_WHO] = pick.has[FACT_POSITION] = true;
	assert_int_equal(decode(&rec, KIND_RELEASE, &pick), 0);
	assert_int_equal(record_positions(&rec, FACT_POSITION, at, 2), 1);
	assert_memory_equal(at[0].feed.b, bytes, KEY_SIZE);
}

static void money_is_read_by_name(void **state)
{
	struct pick pick = { { false } };
	char currency[4];
	struct record rec;
	uint64_t minor;

	(void)state;
	pick.has[FACT_AMOUNT] = true;
	assert_int_equal(decode(&rec, KIND_DONATE, &pick), 0);
	assert_true(record_money(&rec, FACT_AMOUNT, &minor, currency));
	assert_int_equal(minor, 2);
	assert_string_equal(currency, "XOF");
	assert_false(record_money(&rec, FACT_VALUE, &minor, currency));
}

static void what_is_absent_is_zero(void **state)
{
	struct line lines[LIMIT_LINES];
	struct position at;
	struct record rec;
	struct pubkey key;
	struct tag tag;
	struct id id;

	(void)state;
	memset(&rec, 0xff, sizeof(rec));
	record_init(&rec, KIND_DELIVER);
	assert_false(record_has(&rec, FACT_LINES));
	assert_int_equal(record_uint(&rec, FACT_FINAL), 0);
	id = record_id(&rec, FACT_ORPHAN);
	assert_true(id_is_zero(&id));
	key = record_key(&rec, FACT_TO);
	assert_true(pubkey_is_zero(&key));
	tag = record_tag(&rec, FACT_KEY);
	assert_memory_equal(tag.b, (uint8_t[TAG_SIZE]){ 0 }, TAG_SIZE);
	assert_int_equal(record_lines(&rec, FACT_LINES, lines), 0);
	assert_int_equal(record_positions(&rec, FACT_PINS, &at, 1), 0);
	assert_int_equal(record_ids(&rec, FACT_ADMITS, &id, 1), 0);
}

static void a_copy_has_the_same_facts_and_no_others(void **state)
{
	static const enum fact facts[] = { FACT_FOR, FACT_LINES, FACT_NOTE,
					   (enum fact)(FACT_LIMIT - 1) };
	struct record rec, copy;

	(void)state;
	for (size_t n = 0; n <= ARRAY_LEN(facts); n++) {
		record_init(&rec, KIND_PRODUCE);
		for (size_t i = 0; i < n; i++)
			record_set_uint(&rec, facts[i], 7 + i);
		memset(&copy, 0xff, sizeof(copy));
		record_copy(&copy, &rec);
		assert_int_equal(copy.kind, KIND_PRODUCE);
		for (unsigned f = 0; f < FACT_LIMIT; f++)
			assert_int_equal(record_has(&copy, f),
					 record_has(&rec, f));
		for (size_t i = 0; i < n; i++)
			assert_int_equal(record_uint(&copy, facts[i]), 7 + i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_kind_is_read_and_written_again),
		UNIT(a_fact_that_is_needed_must_be_there),
		UNIT(critical_facts_out_of_place_are_for_later_versions),
		UNIT(facts_of_any_number_are_even_or_odd),
		UNIT(a_kind_that_is_not_known_does_not_count),
		UNIT(every_truncation_is_refused),
		UNIT(keys_rise_and_stand_once),
		UNIT(a_record_has_at_most_its_limit_of_facts),
		UNIT(one_record_adds_up_to_at_most_its_limit),
		UNIT(facts_of_one_record_agree),
		UNIT(what_did_not_occur_has_no_facts),
		UNIT(nothing_is_signed_that_would_not_count),
		UNIT(facts_are_read_by_name),
		UNIT(lists_are_read_by_name),
		UNIT(money_is_read_by_name),
		UNIT(what_is_absent_is_zero),
		UNIT(a_copy_has_the_same_facts_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
