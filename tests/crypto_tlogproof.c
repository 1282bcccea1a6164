#include "crypto/tlogproof.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/note.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

#define FIRST "c2sp.org/tlog-proof@v1\n"
#define HASH  "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"

static const struct {
	const char *why;
	const char *text;
	int err;
} texts[] = {
	{ "no path", FIRST "index 0\n\nnote", 0 },
	{ "a path of two", FIRST "index 5\n" HASH HASH "\nnote", 0 },
	{ "something extra", FIRST "extra Zg==\nindex 5\n" HASH "\nnote", 0 },
	{ "a note that begins empty", FIRST "index 5\n\n\n", 0 },
	{ "the largest index", FIRST "index 9223372036854775806\n\nn", 0 },
	{ "one above it", FIRST "index 9223372036854775807\n\nn", ERR_LIMIT },
	{ "a leading zero", FIRST "index 05\n\nn", ERR_FORMAT },
	{ "no index", FIRST HASH "\nn", ERR_FORMAT },
	{ "an empty index", FIRST "index \n\nn", ERR_FORMAT },
	{ "two indices", FIRST "index 5\nindex 5\n\nn", ERR_FORMAT },
	{ "empty extra", FIRST "extra \nindex 5\n\nn", ERR_FORMAT },
	{ "extra that is not base64", FIRST "extra Zg=\nindex 5\n\nn",
	  ERR_FORMAT },
	{ "extra twice", FIRST "extra Zg==\nextra Zg==\nindex 5\n\nn",
	  ERR_FORMAT },
	{ "extra after the index", FIRST "index 5\nextra Zg==\n\nn",
	  ERR_FORMAT },
	{ "nothing after extra", FIRST "extra Zg==\n", ERR_FORMAT },
	{ "a short hash", FIRST "index 5\nZg==\n\nn", ERR_FORMAT },
	{ "a hash with a byte more",
	  FIRST "index 5\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQygA\n\nn",
	  ERR_FORMAT },
	{ "no empty line", FIRST "index 5\n" HASH, ERR_FORMAT },
	{ "no note", FIRST "index 5\n" HASH "\n", ERR_FORMAT },
	{ "another version", "c2sp.org/tlog-proof@v2\nindex 5\n\nn",
	  ERR_FORMAT },
	{ "no first line", "index 5\n\nn", ERR_FORMAT },
	{ "only the first line", FIRST, ERR_FORMAT },
	{ "returns", "c2sp.org/tlog-proof@v1\r\nindex 5\r\n\r\nn", ERR_FORMAT },
	{ "nothing", "", ERR_FORMAT },
};

static void a_proof_read_and_written_is_the_same(void **state)
{
	struct tlogproof p, before;
	char again[1024];
	size_t n;

	(void)state;
	memset(&before, 0x33, sizeof(before));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *text = texts[i].text;
		int err;

		p = before;
		err = tlogproof_decode(&p, text, strlen(text));
		if (err != texts[i].err)
			fail_msg("%s: %d", texts[i].why, err);
		if (err != 0) {
			assert_memory_equal(&p, &before, sizeof(p));
			continue;
		}
		assert_int_equal(tlogproof_encode(again, sizeof(again), &n, &p),
				 0);
		assert_int_equal(n, strlen(text));
		assert_memory_equal(again, text, n);
	}
}

static void the_fields_are_what_the_lines_say(void **state)
{
	static const char text[] =
		FIRST "extra Zg==\nindex 5\n" HASH "\nnote\n";
	struct tlogproof p;

	(void)state;
	assert_int_equal(tlogproof_decode(&p, text, strlen(text)), 0);
	assert_true(text_is(p.extra, "Zg=="));
	assert_int_equal(p.index, 5);
	assert_int_equal(p.path.n, 1);
	assert_int_equal(p.path.hash[0].b[0], 0x5d);
	assert_true(text_is(p.note, "note\n"));
	assert_int_equal(
		tlogproof_decode(&p, texts[0].text, strlen(texts[0].text)), 0);
	assert_null(p.extra.p);
}

static void a_proof_cut_before_its_note_is_refused(void **state)
{
	static const char text[] =
		FIRST "extra Zg==\nindex 5\n" HASH HASH "\nn";
	struct tlogproof p;

	(void)state;
	for (size_t n = 0; n < strlen(text); n++)
		assert_int_equal(tlogproof_decode(&p, text, n), ERR_FORMAT);
	assert_int_equal(tlogproof_decode(&p, text, strlen(text)), 0);
}

static void a_proof_needs_exactly_its_room(void **state)
{
	static const char text[] =
		FIRST "extra Zg==\nindex 5\n" HASH HASH "\nnote";
	size_t size = strlen(text), n = 0;
	char *out = malloc(size);
	struct tlogproof p;

	(void)state;
	assert_non_null(out);
	assert_int_equal(tlogproof_decode(&p, text, size), 0);
	for (size_t max = 0; max < size; max++)
		assert_int_equal(tlogproof_encode(out, max, &n, &p), ERR_LIMIT);
	assert_int_equal(n, 0);
	assert_int_equal(tlogproof_encode(out, size, &n, &p), 0);
	assert_int_equal(n, size);
	free(out);
}

static void the_longest_path_fits(void **state)
{
	static char text[8192] = FIRST "index 5\n";
	static char again[8192];
	struct tlogproof p;
	size_t n = strlen(text), got;

	(void)state;
	for (int i = 0; i < MERKLE_PATH_MAX; i++, n += strlen(HASH))
		memcpy(text + n, HASH, strlen(HASH));
	memcpy(text + n, "\nn", 2);
	assert_int_equal(tlogproof_decode(&p, text, n + 2), 0);
	assert_int_equal(p.path.n, MERKLE_PATH_MAX);
	assert_int_equal(tlogproof_encode(again, sizeof(again), &got, &p), 0);
	assert_int_equal(got, n + 2);
	assert_memory_equal(again, text, got);

	memcpy(text + n, HASH "\nn", strlen(HASH) + 2);
	assert_int_equal(tlogproof_decode(&p, text, n + strlen(HASH) + 2),
			 ERR_LIMIT);
}

static void parts_above_their_limits_are_refused(void **state)
{
	size_t room = 2 * TLOGPROOF_MAX;
	char *big = malloc(room), *out = malloc(room);
	struct tlogproof p = { .note = { "n", 1 } }, back;
	size_t n;

	(void)state;
	assert_non_null(big);
	assert_non_null(out);
	memset(big, 'A', room);
	p.extra = (struct text){ big, TLOGPROOF_EXTRA_MAX };
	p.note = (struct text){ big, NOTE_MAX };
	assert_int_equal(tlogproof_encode(out, room, &n, &p), 0);
	assert_int_equal(tlogproof_decode(&back, out, n), 0);
	assert_int_equal(back.extra.n, TLOGPROOF_EXTRA_MAX);
	assert_int_equal(back.note.n, NOTE_MAX);

	/* The same text with one more character in the note. */
	out[n] = 'A';
	assert_int_equal(tlogproof_decode(&back, out, n + 1), ERR_LIMIT);
	p.note.n = NOTE_MAX + 1;
	assert_int_equal(tlogproof_encode(out, room, &n, &p), ERR_LIMIT);
	p.note.n = 1;
	p.extra.n = TLOGPROOF_EXTRA_MAX + 4;
	assert_int_equal(tlogproof_encode(out, room, &n, &p), ERR_LIMIT);
	memcpy(out, FIRST "extra ", strlen(FIRST) + 6);
	memset(out + strlen(FIRST) + 6, 'A', TLOGPROOF_EXTRA_MAX + 4);
	memcpy(out + strlen(FIRST) + 6 + TLOGPROOF_EXTRA_MAX + 4,
	       "\nindex 5\n\nn", 11);
	assert_int_equal(tlogproof_decode(&back, out,
					  strlen(FIRST) + 6 +
						  TLOGPROOF_EXTRA_MAX + 4 + 11),
			 ERR_LIMIT);
	assert_int_equal(tlogproof_decode(&back, big, TLOGPROOF_MAX + 1),
			 ERR_LIMIT);
	free(big);
	free(out);
}

static void what_cannot_be_read_is_not_written(void **state)
{
	struct tlogproof p = { .note = { "n", 1 } };
	char out[8192];
	size_t n = 77;

	(void)state;
	p.index = MERKLE_SIZE_MAX;
	assert_int_equal(tlogproof_encode(out, sizeof(out), &n, &p), ERR_LIMIT);
	p.index = 0;
	p.path.n = MERKLE_PATH_MAX + 1;
	assert_int_equal(tlogproof_encode(out, sizeof(out), &n, &p), ERR_LIMIT);
	p.path.n = 0;
	p.note.n = 0;
	assert_int_equal(tlogproof_encode(out, sizeof(out), &n, &p),
			 ERR_FORMAT);
	p.note.n = 1;
	p.extra = (struct text){ "", 0 };
	assert_int_equal(tlogproof_encode(out, sizeof(out), &n, &p),
			 ERR_FORMAT);
	p.extra = (struct text){ "Zg=\n", 4 };
	assert_int_equal(tlogproof_encode(out, sizeof(out), &n, &p),
			 ERR_FORMAT);
	assert_int_equal(n, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_proof_read_and_written_is_the_same),
		UNIT(the_fields_are_what_the_lines_say),
		UNIT(a_proof_cut_before_its_note_is_refused),
		UNIT(a_proof_needs_exactly_its_room),
		UNIT(the_longest_path_fits),
		UNIT(parts_above_their_limits_are_refused),
		UNIT(what_cannot_be_read_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
