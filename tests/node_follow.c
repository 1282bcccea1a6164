#include "node/net/follow.h"

#include "crypto/err.h"
#include "node/net/heard.h"
#include "store/private.h"
#include "store/store.h"
#include "tests/homeworld.h"
#include "tests/unit.h"

/*
 * What a home remembers of whom it follows, and of what it has heard.
 */

static struct keeper *k;

static int begin(void **state)
{
	struct id network;
	struct home home;

	(void)state;
	homes_begin();
	home_found(&home, &network, "hub");
	return keeper_open(&k, &home);
}

static int end(void **state)
{
	(void)state;
	keeper_close(k);
	homes_end();
	return 0;
}

static void wish_for(struct follow_wish *w, const char *a, const char *b)
{
	const char *names[] = { a, b };

	w->n = 0;
	for (size_t i = 0; i < 2 && names[i] != NULL; i++)
		snprintf(w->who[w->n++], FOLLOW_NAME + 1, "%s", names[i]);
}

static void nobody_is_wished_for_at_first(void **state)
{
	struct reason why = { "" };
	struct follow_wish w = { .n = 7 };
	struct msg_scope scope;

	(void)state;
	assert_int_equal(follow_wish_get(k->store, &w), 0);
	assert_int_equal(w.n, 0);
	assert_int_equal(follow_settle(k, &why), 0);
	assert_int_equal(follow_get(k->store, &scope), 0);
	assert_int_equal(scope.n, 0);
}

/* Until all are known it follows itself; then those, and the wish is gone. */
static void a_wish_is_settled_when_all_are_known(void **state)
{
	struct reason why = { "" };
	struct follow_wish w, back;
	struct msg_scope scope;

	(void)state;
	wish_for(&w, "hub", "nobody");
	assert_int_equal(follow_wish_put(k->store, &w, &k->identity), 0);
	assert_int_equal(follow_wish_get(k->store, &back), 0);
	assert_int_equal(back.n, 2);
	assert_string_equal(back.who[0], "hub");
	assert_string_equal(back.who[1], "nobody");
	assert_int_equal(follow_settle(k, &why), ERR_NOT_FOUND);
	assert_true(why.text[0] != '\0');
	wish_for(&w, "=Somebody", NULL);
	assert_int_equal(follow_wish_put(k->store, &w, &k->identity), 0);
	assert_int_equal(follow_settle(k, &why), ERR_DENIED);
	assert_int_equal(follow_get(k->store, &scope), 0);
	assert_int_equal(scope.n, 1);
	assert_true(pubkey_eq(&scope.who[0], &k->identity));
	wish_for(&w, "hub", "hub");
	assert_int_equal(follow_wish_put(k->store, &w, &k->identity), 0);
	assert_int_equal(follow_settle(k, &why), 0);
	assert_int_equal(follow_wish_get(k->store, &back), 0);
	assert_int_equal(back.n, 0);
	assert_int_equal(follow_get(k->store, &scope), 0);
	assert_int_equal(scope.n, 1);
}

static void names_of_every_length_come_back(void **state)
{
	struct follow_wish w = { .n = MSG_SCOPE }, back;

	(void)state;
	for (uint32_t i = 0; i < w.n; i++) {
		memset(w.who[i], 'a' + (int)i, FOLLOW_NAME);
		w.who[i][i == 0 ? 0 : FOLLOW_NAME] = '\0';
	}
	assert_int_equal(follow_wish_put(k->store, &w, &k->identity), 0);
	assert_int_equal(follow_wish_get(k->store, &back), 0);
	assert_int_equal(back.n, w.n);
	for (uint32_t i = 0; i < w.n; i++)
		assert_string_equal(back.who[i], w.who[i]);
	w.n = 0;
	assert_int_equal(follow_wish_put(k->store, &w, &k->identity), 0);
	assert_int_equal(follow_wish_get(k->store, &back), 0);
	assert_int_equal(back.n, 0);
}

/* Rows of another program, or of a disk that errs. */
static void a_damaged_wish_is_as_much_as_can_be_read(void **state)
{
	static const struct {
		const char *row;
		size_t n;
		uint32_t names;
	} cases[] = {
		{ "a", 1, 0 },
		{ "a\0b", 3, 1 },
		{ "\0\0\0\0\0\0\0\0\0\0", 10, MSG_SCOPE },
	};
	char big[FOLLOW_NAME + 2];
	struct follow_wish back;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(store_put(k->store, TABLE_META, "follow-wish",
					   11, cases[i].row, cases[i].n),
				 0);
		assert_int_equal(follow_wish_get(k->store, &back), 0);
		assert_int_equal(back.n, cases[i].names);
	}
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(store_put(k->store, TABLE_META, "follow-wish", 11, big,
				   sizeof(big)),
			 0);
	assert_int_equal(follow_wish_get(k->store, &back), 0);
	assert_int_equal(back.n, 0);
}

static void what_was_heard_comes_back(void **state)
{
	const struct heard h = { 1000000, 7, 3, 5000, 40 };
	struct heard back;

	(void)state;
	assert_int_equal(heard_get(k->store, &back), 0);
	assert_int_equal(back.entries + back.feeds + back.begun, 0);
	assert_int_equal(heard_put(k->store, &h, NULL), 0);
	assert_int_equal(heard_get(k->store, &back), 0);
	assert_true(heard_eq(&h, &back));
	/* Damaged, it is nothing. */
	for (size_t n = 0; n <= 40; n++) {
		static const uint8_t row[40] = { 1 };

		assert_int_equal(
			store_put(k->store, TABLE_META, "heard", 5, row, n), 0);
		assert_int_equal(heard_get(k->store, &back), 0);
		assert_int_equal(back.entries != 0, n == 40);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(nobody_is_wished_for_at_first),
		UNIT(a_wish_is_settled_when_all_are_known),
		UNIT(names_of_every_length_come_back),
		UNIT(a_damaged_wish_is_as_much_as_can_be_read),
		UNIT(what_was_heard_comes_back),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
