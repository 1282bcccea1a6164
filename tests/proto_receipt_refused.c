#include "tests/receipt_world.h"
#include "tests/vector.h"

/*
 * tests/vectors/refused.txt: what may not pass for the receipt beside it, with
 * signatures that are right wherever that is not the fault.
 */

static const char *const words[] = {
	[PART_NONE] = "none",
	[PART_FORM] = "form",
	[PART_EXTRA] = "extra",
	[PART_ENTRY] = "entry",
	[PART_SIGNATURE] = "signature",
	[PART_OPENED] = "opened",
	[PART_CHECKPOINT] = "checkpoint",
	[PART_ORIGIN] = "origin",
	[PART_LOG] = "log",
	[PART_COSIGN] = "cosignature",
	[PART_PATH] = "path",
	[PART_ANCHOR] = "anchor",
	[PART_QUORUM] = "quorum",
};

static struct vector v;

static size_t read_file(const char *path, char *out, size_t max)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, max, f);
	assert_true(n < max);
	fclose(f);
	return n;
}

/* The receipt with what the block puts in its place; its length. */
static size_t apply(char *out, size_t max, const char *receipt, size_t n)
{
	size_t at = (size_t)vector_uint(&v, "at");
	size_t drop = (size_t)vector_uint(&v, "drop");
	size_t put = strcmp(vector_text(&v, "put"), "-") == 0
			     ? 0
			     : vector_hex(&v, "put", out + at, max - at);

	assert_true(at + drop <= n && n + put < max);
	memcpy(out, receipt, at);
	memcpy(out + at + put, receipt + at + drop, n - at - drop);
	return n - drop + put;
}

static void each_is_refused_and_the_part_is_named(void **state)
{
	static char receipt[8192], text[16384], changed[16384];
	size_t n = read_file("tests/vectors/receipt.tlog-proof", receipt,
			     sizeof(receipt));
	size_t text_n =
		read_file("tests/vectors/receipt.policy", text, sizeof(text));
	size_t count = 0;
	struct trust *t;
	unsigned line;

	(void)state;
	assert_int_equal(trust_decode(&t, text, text_n, &line), 0);
	assert_int_equal(part_of(receipt, n, t), PART_NONE);
	vector_open(&v, "tests/vectors/refused.txt");
	while (vector_next(&v)) {
		size_t size = apply(changed, sizeof(changed), receipt, n);
		enum receipt_part part = part_of(changed, size, t);

		if (part == PART_NONE ||
		    strcmp(words[part], vector_text(&v, "part")) != 0)
			fail_msg("%s: %s", vector_text(&v, "name"),
				 words[part]);
		count++;
	}
	assert_int_equal(count, 103);
	trust_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(each_is_refused_and_the_part_is_named),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
