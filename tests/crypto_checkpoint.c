#include "crypto/checkpoint.h"

#include "crypto/err.h"
#include "crypto/merkle.h"
#include "tests/unit.h"

#include <string.h>

#define EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define ROOT  "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="

static const struct {
	const char *why;
	const char *text;
	int err;
} texts[] = {
	{ "eight leaves", "o.example\n8\n" ROOT "\n", 0 },
	{ "no leaf", "o.example\n0\n" EMPTY "\n", 0 },
	{ "no leaf but a root", "o.example\n0\n" ROOT "\n", ERR_FORMAT },
	{ "the empty root with leaves", "o.example\n1\n" EMPTY "\n", 0 },
	{ "the largest", "o.example\n9223372036854775807\n" ROOT "\n", 0 },
	{ "one above it", "o.example\n9223372036854775808\n" ROOT "\n",
	  ERR_LIMIT },
	{ "beyond 64 bits", "o.example\n18446744073709551624\n" ROOT "\n",
	  ERR_LIMIT },
	{ "a leading zero", "o.example\n08\n" ROOT "\n", ERR_FORMAT },
	{ "a sign", "o.example\n+8\n" ROOT "\n", ERR_FORMAT },
	{ "negative", "o.example\n-8\n" ROOT "\n", ERR_FORMAT },
	{ "hexadecimal", "o.example\n0x8\n" ROOT "\n", ERR_FORMAT },
	{ "no size", "o.example\n\n" ROOT "\n", ERR_FORMAT },
	{ "a space after the size", "o.example\n8 \n" ROOT "\n", ERR_FORMAT },
	{ "no origin", "\n8\n" ROOT "\n", ERR_FORMAT },
	{ "a space in the origin", "o example\n8\n" ROOT "\n", ERR_FORMAT },
	{ "a plus in the origin", "o+example\n8\n" ROOT "\n", ERR_FORMAT },
	{ "another script", "\xd0\xbe.example\n8\n" ROOT "\n", ERR_FORMAT },
	{ "no root", "o.example\n8\n\n", ERR_FORMAT },
	{ "a root cut short", "o.example\n8\nXcna\n", ERR_FORMAT },
	{ "a root with a byte more", "o.example\n8\n" ROOT "AA==\n",
	  ERR_FORMAT },
	{ "33 bytes of root",
	  "o.example\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQygA\n",
	  ERR_FORMAT },
	{ "31 bytes of root",
	  "o.example\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQw==\n",
	  ERR_FORMAT },
	{ "stray bits in the root",
	  "o.example\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n",
	  ERR_FORMAT },
	{ "an extension line", "o.example\n8\n" ROOT "\nx\n", ERR_FORMAT },
	{ "an empty line", "o.example\n8\n" ROOT "\n\n", ERR_FORMAT },
	{ "no newline at the end", "o.example\n8\n" ROOT, ERR_FORMAT },
	{ "returns", "o.example\r\n8\r\n" ROOT "\r\n", ERR_FORMAT },
	{ "nothing", "", ERR_FORMAT },
};

static void three_lines_and_nothing_else(void **state)
{
	struct checkpoint c, before;
	char again[CHECKPOINT_SIZE];
	size_t n;

	(void)state;
	memset(&before, 0x44, sizeof(before));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int err;

		c = before;
		err = checkpoint_decode(&c, texts[i].text,
					strlen(texts[i].text));
		if (err != texts[i].err)
			fail_msg("%s: %d", texts[i].why, err);
		if (err != 0) {
			assert_memory_equal(&c, &before, sizeof(c));
			continue;
		}
		assert_int_equal(checkpoint_encode(again, &n, &c), 0);
		assert_string_equal(again, texts[i].text);
		assert_int_equal(n, strlen(again));
	}
	assert_int_equal(checkpoint_decode(&c, "o\0p\n8\n" ROOT "\n", 51),
			 ERR_FORMAT);
}

static void the_fields_are_what_the_lines_say(void **state)
{
	struct checkpoint c;

	(void)state;
	assert_int_equal(
		checkpoint_decode(&c, texts[0].text, strlen(texts[0].text)), 0);
	assert_string_equal(c.origin, "o.example");
	assert_true(c.size == 8);
	assert_int_equal(c.root.b[0], 0x5d);
	assert_int_equal(c.root.b[31], 0x28);
}

static void a_checkpoint_cut_anywhere_is_refused(void **state)
{
	struct checkpoint c;

	(void)state;
	for (size_t n = 0; n < strlen(texts[0].text); n++)
		assert_int_equal(checkpoint_decode(&c, texts[0].text, n),
				 ERR_FORMAT);
}

static void the_longest_fits(void **state)
{
	struct checkpoint c = { .size = MERKLE_SIZE_MAX }, back;
	char text[CHECKPOINT_SIZE + 1];
	size_t n;

	(void)state;
	memset(c.origin, 'o', NOTE_NAME_MAX);
	assert_int_equal(checkpoint_encode(text, &n, &c), 0);
	assert_int_equal(n, CHECKPOINT_SIZE - 1);
	assert_int_equal(checkpoint_decode(&back, text, n), 0);
	assert_memory_equal(&back, &c, sizeof(c));
	memmove(text + 1, text, n + 1);
	assert_int_equal(checkpoint_decode(&back, text, n + 1), ERR_LIMIT);
}

static void what_cannot_be_decoded_is_not_encoded(void **state)
{
	struct checkpoint c = { .origin = "o", .size = 1 };
	char text[CHECKPOINT_SIZE] = "before";
	size_t n = 77;

	(void)state;
	c.size = (uint64_t)MERKLE_SIZE_MAX + 1;
	assert_int_equal(checkpoint_encode(text, &n, &c), ERR_LIMIT);
	c.size = 0;
	assert_int_equal(checkpoint_encode(text, &n, &c), ERR_FORMAT);
	c.size = 1;
	c.origin[0] = '+';
	assert_int_equal(checkpoint_encode(text, &n, &c), ERR_FORMAT);
	c.origin[0] = '\0';
	assert_int_equal(checkpoint_encode(text, &n, &c), ERR_FORMAT);
	assert_string_equal(text, "before");
	assert_int_equal(n, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(three_lines_and_nothing_else),
		UNIT(the_fields_are_what_the_lines_say),
		UNIT(a_checkpoint_cut_anywhere_is_refused),
		UNIT(the_longest_fits),
		UNIT(what_cannot_be_decoded_is_not_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
