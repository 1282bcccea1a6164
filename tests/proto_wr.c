#include "proto/wr.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/rd.h"
#include "tests/unit.h"

#include <msgpack.h>
#include <stdbool.h>
#include <string.h>

static void assert_written(const struct wr *w, const char *hex, const char *why)
{
	char text[HEX_SIZE(64)];
	size_t n = 0;

	assert_int_equal(wr_end(w, &n), 0);
	assert_true(n <= 64);
	hex_encode(text, w->p, n);
	if (strcmp(text, hex) != 0)
		fail_msg("%s: %s, not %s", why, text, hex);
}

static void integers_take_their_shortest_form(void **state)
{
	static const struct {
		uint64_t v;
		const char *hex;
	} rows[] = {
		{ 0, "00" },
		{ 127, "7f" },
		{ 128, "cc80" },
		{ 255, "ccff" },
		{ 256, "cd0100" },
		{ 65535, "cdffff" },
		{ 65536, "ce00010000" },
		{ 0xffffffff, "ceffffffff" },
		{ 0x100000000, "cf0000000100000000" },
		{ UINT64_MAX, "cfffffffffffffffff" },
	};
	uint8_t buf[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wr w;
		struct rd r;

		wr_init(&w, buf, sizeof(buf));
		wr_uint(&w, rows[i].v);
		assert_written(&w, rows[i].hex, "integer");
		rd_init(&r, buf, w.n);
		assert_true(rd_uint(&r, UINT64_MAX) == rows[i].v);
		assert_int_equal(rd_end(&r), 0);
	}
}

enum what { ARRAY, MAP, BIN, TEXT };

static void put(struct wr *w, enum what what, const void *p, size_t n)
{
	switch (what) {
	case ARRAY:
		wr_array(w, (uint32_t)n);
		break;
	case MAP:
		wr_map(w, (uint32_t)n);
		break;
	case BIN:
		wr_bin(w, p, n);
		break;
	case TEXT:
		wr_text(w, p, n);
		break;
	}
}

static void headers_take_their_shortest_form(void **state)
{
	static const struct {
		enum what what;
		size_t n;
		const char *hex; /* of the header */
	} rows[] = {
		{ ARRAY, 0, "90" },
		{ ARRAY, 15, "9f" },
		{ ARRAY, 16, "dc0010" },
		{ ARRAY, 65535, "dcffff" },
		{ ARRAY, 65536, "dd00010000" },
		{ MAP, 0, "80" },
		{ MAP, 15, "8f" },
		{ MAP, 16, "de0010" },
		{ MAP, 65536, "df00010000" },
		{ BIN, 0, "c400" },
		{ BIN, 255, "c4ff" },
		{ BIN, 256, "c50100" },
		{ BIN, 65535, "c5ffff" },
		{ BIN, 65536, "c600010000" },
		{ TEXT, 0, "a0" },
		{ TEXT, 31, "bf" },
		{ TEXT, 32, "d920" },
		{ TEXT, 255, "d9ff" },
		{ TEXT, 256, "da0100" },
		{ TEXT, 65535, "daffff" },
		{ TEXT, 65536, "db00010000" },
	};
	static uint8_t data[65536], buf[65536 + 5];

	(void)state;
	memset(data, 'x', sizeof(data));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t head = strlen(rows[i].hex) / 2, n;
		bool is_string = rows[i].what == BIN || rows[i].what == TEXT;
		char text[HEX_SIZE(5)];
		struct wr w;

		wr_init(&w, buf, sizeof(buf));
		put(&w, rows[i].what, data, rows[i].n);
		assert_int_equal(wr_end(&w, &n), 0);
		assert_int_equal(n, head + (is_string ? rows[i].n : 0));
		hex_encode(text, buf, head);
		assert_string_equal(text, rows[i].hex);
		if (is_string)
			assert_memory_equal(buf + head, data, rows[i].n);
	}
}

/* One of everything: 24 bytes. */
static void put_all(struct wr *w)
{
	wr_array(w, 6);
	wr_uint(w, 300);
	wr_map(w, 1);
	wr_uint(w, 7);
	wr_bin(w, "abc", 3);
	wr_text(w, "maillon", 7);
	wr_nil(w);
	wr_raw(w, "\x91\x05", 2);
	wr_raw(w, NULL, 0);
	wr_bin(w, NULL, 0);
}

static void everything_is_written_in_order(void **state)
{
	uint8_t buf[64];
	struct wr w;

	(void)state;
	wr_init(&w, buf, sizeof(buf));
	put_all(&w);
	assert_written(&w, "96cd012c8107c403616263a76d61696c6c6f6ec09105c400",
		       "all");
}

static void the_buffer_is_the_ceiling(void **state)
{
	uint8_t buf[64];
	size_t full, n;
	struct wr w;

	(void)state;
	wr_init(&w, buf, sizeof(buf));
	put_all(&w);
	assert_int_equal(wr_end(&w, &full), 0);
	for (size_t max = 0; max <= full + 1; max++) {
		memset(buf, 0xee, sizeof(buf));
		n = 99;
		wr_init(&w, buf, max);
		put_all(&w);
		if (max < full) {
			assert_int_equal(wr_end(&w, &n), ERR_LIMIT);
			assert_int_equal(n, 99);
		} else {
			assert_int_equal(wr_end(&w, &n), 0);
			assert_int_equal(n, full);
		}
		for (size_t i = max; i < sizeof(buf); i++)
			assert_int_equal(buf[i], 0xee);
	}
}

static void what_did_not_fit_stays_an_error(void **state)
{
	uint8_t buf[3];
	struct wr w;
	size_t n = 99;

	(void)state;
	wr_init(&w, buf, sizeof(buf));
	wr_text(&w, "too long", 8);
	wr_uint(&w, 1);
	wr_nil(&w);
	assert_int_equal(wr_end(&w, &n), ERR_LIMIT);
	assert_int_equal(n, 99);
}

static void msgpack_c_reads_what_is_written(void **state)
{
	msgpack_unpacked msg;
	uint8_t buf[64];
	size_t off = 0, n;
	struct wr w;

	(void)state;
	wr_init(&w, buf, sizeof(buf));
	put_all(&w);
	assert_int_equal(wr_end(&w, &n), 0);
	msgpack_unpacked_init(&msg);
	assert_int_equal(msgpack_unpack_next(&msg, (const char *)buf, n, &off),
			 MSGPACK_UNPACK_SUCCESS);
	assert_int_equal(off, n);
	assert_int_equal(msg.data.type, MSGPACK_OBJECT_ARRAY);
	assert_int_equal(msg.data.via.array.size, 6);
	assert_int_equal(msg.data.via.array.ptr[0].via.u64, 300);
	assert_int_equal(msg.data.via.array.ptr[5].via.bin.size, 0);
	msgpack_unpacked_destroy(&msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(integers_take_their_shortest_form),
		UNIT(headers_take_their_shortest_form),
		UNIT(everything_is_written_in_order),
		UNIT(the_buffer_is_the_ceiling),
		UNIT(what_did_not_fit_stays_an_error),
		UNIT(msgpack_c_reads_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
