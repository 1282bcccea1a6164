#include "node/text/json.h"

#include "crypto/err.h"
#include "proto/record.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void is_json(json_t *value, const char *want)
{
	char *text = json_bytes(value);

	assert_non_null(text);
	assert_string_equal(text, want);
	free(text);
	json_decref(value);
}

#define HEX32 "0101010101010101010101010101010101010101010101010101010101010101"

static void every_type_of_fact_has_its_form(void **state)
{
	static const uint8_t ones[64] = {
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	};
	struct line lines[] = { { "visor/v30", 9, 50 }, { "clip", 4, 2 } };
	uint8_t room[1024], list[64], money[16];
	struct record rec;
	size_t n, list_n;
	struct wr w;

	(void)state;
	assert_int_equal(lines_encode(list, sizeof(list), &list_n, lines, 2),
			 0);
	record_init(&rec, KIND_DELIVER);
	record_set_bytes(&rec, FACT_FOR, ones, 16);
	record_set_uint(&rec, FACT_WHEN, 1585751400000);
	record_set_bytes(&rec, FACT_DOC, ones, 32);
	record_set_bytes(&rec, FACT_LINES, list, list_n);
	record_set_bytes(&rec, FACT_LOT, "L \"1\"", 5);
	record_set_bytes(&rec, FACT_TO, ones, 32);
	record_set_uint(&rec, FACT_FINAL, 1);
	assert_int_equal(record_encode(&rec, room, sizeof(room), &n), 0);
	is_json(json_facts(room, n),
		"{\"for\":\"01010101010101010101010101010101\","
		"\"when\":1585751400000,\"doc\":\"" HEX32 "\","
		"\"lines\":[{\"item\":\"clip\",\"qty\":2},"
		"{\"item\":\"visor/v30\",\"qty\":50}],\"lot\":\"L \\\"1\\\"\","
		"\"to\":\"" HEX32 "\",\"final\":\"yes\"}");

	wr_init(&w, money, sizeof(money));
	wr_array(&w, 2);
	wr_uint(&w, 1250);
	wr_text(&w, "EUR", 3);
	record_init(&rec, KIND_SPEND);
	record_set_bytes(&rec, FACT_AMOUNT, money, w.n);
	record_set_bytes(&rec, FACT_PURPOSE, "PLA", 3);
	assert_int_equal(record_encode(&rec, room, sizeof(room), &n), 0);
	is_json(json_facts(room, n), "{\"purpose\":\"PLA\",\"amount\":"
				     "{\"minor\":1250,\"currency\":\"EUR\"}}");

	wr_init(&w, list, sizeof(list));
	wr_array(&w, 2);
	wr_text(&w, "tcp://a:1", 9);
	wr_text(&w, "tcp://b:2", 9);
	record_init(&rec, KIND_ADDRESS);
	record_set_bytes(&rec, FACT_ADDRESSES, list, w.n);
	assert_int_equal(record_encode(&rec, room, sizeof(room), &n), 0);
	is_json(json_facts(room, n),
		"{\"addresses\":[\"tcp://a:1\",\"tcp://b:2\"]}");
}

static void positions_and_ids_are_lists_of_their_parts(void **state)
{
	uint8_t room[256];
	uint8_t one[32];
	struct wr w;

	(void)state;
	memset(one, 1, sizeof(one));
	wr_init(&w, room, sizeof(room));
	wr_map(&w, 2);
	wr_uint(&w, FACT_ADMITS);
	wr_array(&w, 1);
	wr_bin(&w, one, 32);
	wr_uint(&w, FACT_PINS);
	wr_array(&w, 1);
	wr_array(&w, 3);
	wr_bin(&w, one, 32);
	wr_uint(&w, 7);
	wr_bin(&w, one, 32);
	is_json(json_facts(room, w.n),
		"{\"admits\":[\"" HEX32 "\"],\"pins\":[{\"feed\":\"" HEX32
		"\",\"seq\":7,\"id\":\"" HEX32 "\"}]}");

	wr_init(&w, room, sizeof(room));
	wr_map(&w, 1);
	wr_uint(&w, FACT_AFTER);
	wr_array(&w, 3);
	wr_bin(&w, one, 32);
	wr_uint(&w, 7);
	wr_bin(&w, one, 32);
	is_json(json_facts(room, w.n), "{\"after\":{\"feed\":\"" HEX32
				       "\",\"seq\":7,\"id\":\"" HEX32 "\"}}");
}

static void a_correction_shows_the_facts_within(void **state)
{
	uint8_t room[256], inner[64];
	struct wr w, in;

	(void)state;
	wr_init(&in, inner, sizeof(inner));
	wr_map(&in, 1);
	wr_uint(&in, FACT_REJECTED);
	wr_uint(&in, 3);
	wr_init(&w, room, sizeof(room));
	wr_map(&w, 2);
	wr_uint(&w, FACT_WHY);
	wr_uint(&w, WHY_INCORRECT_DATA);
	wr_uint(&w, FACT_FACTS);
	wr_raw(&w, inner, in.n);
	is_json(json_facts(room, w.n),
		"{\"why\":\"incorrect-data\",\"facts\":{\"rejected\":3}}");
}

static void what_is_not_known_is_kept_as_hex(void **state)
{
	uint8_t room[256];
	struct wr w;

	(void)state;
	wr_init(&w, room, sizeof(room));
	wr_map(&w, 3);
	wr_uint(&w, FACT_ROLE);
	wr_uint(&w, 200); /* no such word */
	wr_uint(&w, FACT_LINES);
	wr_text(&w, "all", 3);
	wr_uint(&w, 9999);
	wr_uint(&w, 5);
	is_json(json_facts(room, w.n),
		"{\"fact-15\":\"ccc8\",\"fact-17\":\"a3616c6c\","
		"\"fact-9999\":\"05\"}");
	/* Not a map at all: nothing to show, and nothing to crash on. */
	is_json(json_facts((const uint8_t *)"\xc1", 1), "{}");
	is_json(json_facts((const uint8_t *)"", 0), "{}");
}

static void an_entry_has_its_keys_in_order(void **state)
{
	struct seckey *key;
	uint8_t seed[SEED_SIZE] = { 7 };
	uint8_t raw[LIMIT_ENTRY];
	/* A map of one: grams (22) is 5. */
	static const uint8_t facts[] = { 0x81, FACT_GRAMS, 5 };
	struct entry_plan plan = { .seq = 3, .time_ms = 5, .kind = 999 };
	struct entry e;
	struct id id;
	json_t *json;
	char *text;
	size_t n;

	(void)state;
	plan.facts = facts;
	plan.facts_n = sizeof(facts);
	assert_int_equal(seckey_from_seed(&key, seed), 0);
	assert_int_equal(entry_seal(raw, &n, &plan, key), 0);
	assert_int_equal(entry_decode(&e, raw, n), 0);
	id = entry_id(&e);
	json = json_entry(&e, &id, NULL);
	text = json_bytes(json);
	assert_non_null(text);
	assert_non_null(strstr(text, "\"seq\":3,\"id\":\""));
	assert_non_null(strstr(
		text, "\"time_ms\":5,\"kind\":999,\"facts\":{\"grams\":5},"
		      "\"seen\":null,\"author\":{\"identity\":null,"
		      "\"label\":null},\"sig\":\""));
	assert_null(strchr(text, ' '));
	free(text);
	json_decref(json);
	seckey_close(key);
}

static void an_item_has_every_column_once(void **state)
{
	int64_t col[COL_COUNT];

	(void)state;
	for (int i = 0; i < COL_COUNT; i++)
		col[i] = i - 3;
	is_json(json_item("visor/v30", 9, "piece", col),
		"{\"item\":\"visor/v30\",\"unit\":\"piece\",\"produced\":-3,"
		"\"rejected\":-2,\"supplied\":-1,\"found\":0,\"consumed\":1,"
		"\"moved\":2,\"delivered\":3,\"acknowledged\":{\"A\":4,\"B\":5,"
		"\"C\":6},\"claimed\":7,\"refused\":8,\"in_transit\":9,"
		"\"on_hand\":10,\"lost\":11}");
}

static void text_that_is_not_utf8_is_still_json(void **state)
{
	(void)state;
	is_json(json_plain("a\xff", 2), "\"a\\\\xff\"");
	is_json(json_plain("a\nb", 3), "\"a\\nb\"");
	is_json(json_plain("", 0), "\"\"");
}

static void a_failed_part_fails_the_whole(void **state)
{
	json_t *obj = json_object(), *list = json_array();

	(void)state;
	json_put(&obj, "a", NULL);
	assert_null(obj);
	json_put(&obj, "b", json_integer(1));
	assert_null(obj);
	json_push(&list, NULL);
	assert_null(list);
	json_push(&list, json_integer(1));
	assert_null(list);
	assert_null(json_bytes(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_type_of_fact_has_its_form),
		UNIT(positions_and_ids_are_lists_of_their_parts),
		UNIT(a_correction_shows_the_facts_within),
		UNIT(what_is_not_known_is_kept_as_hex),
		UNIT(an_entry_has_its_keys_in_order),
		UNIT(an_item_has_every_column_once),
		UNIT(text_that_is_not_utf8_is_still_json),
		UNIT(a_failed_part_fails_the_whole),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
