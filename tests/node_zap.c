#include "node/net/zap.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/net/net_priv.h"
#include "node/net/throttle.h"
#include "tests/networld.h"
#include "tests/unit.h"

static struct throttle *throttle_new(uint32_t burst, uint32_t per_s)
{
	struct throttle *t = malloc(sizeof(*t));

	assert_non_null(t);
	throttle_init(t, burst, per_s);
	return t;
}

static unsigned take_many(struct throttle *t, const char *who, uint64_t now_ms,
			  unsigned tries)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < tries; i++)
		taken += throttle_take(t, who, strlen(who), now_ms);
	return taken;
}

static void a_burst_is_allowed_and_not_one_more(void **state)
{
	struct throttle *t = throttle_new(5, 1);

	(void)state;
	assert_int_equal(take_many(t, "a", 1000, 4), 4);
	assert_int_equal(take_many(t, "a", 1000, 1), 1);
	assert_int_equal(take_many(t, "a", 1000, 1), 0);
	free(t);
}

static void time_gives_back_at_its_rate_up_to_the_burst(void **state)
{
	static const struct {
		uint64_t later_ms;
		unsigned taken;
		const char *why;
	} rows[] = {
		{ 0, 0, "no time" },
		{ 499, 0, "half a knock is none" },
		{ 500, 1, "two a second" },
		{ 999, 1, "not yet two" },
		{ 1000, 2, "two" },
		{ 60000, 5, "no more than a burst" },
		{ UINT64_MAX / 2, 5, "no overflow" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct throttle *t = throttle_new(5, 2);

		assert_int_equal(take_many(t, "a", 1000, 5), 5);
		if (take_many(t, "a", 1000 + rows[i].later_ms, 10) !=
		    rows[i].taken)
			fail_msg("%s", rows[i].why);
		free(t);
	}
}

static void a_clock_that_goes_back_gives_nothing(void **state)
{
	struct throttle *t = throttle_new(2, 1000);

	(void)state;
	assert_int_equal(take_many(t, "a", 100000, 2), 2);
	assert_int_equal(take_many(t, "a", 1, 5), 0);
	free(t);
}

static void one_does_not_use_up_what_another_has(void **state)
{
	struct throttle *t = throttle_new(3, 1);

	(void)state;
	assert_int_equal(take_many(t, "a", 1000, 10), 3);
	assert_int_equal(take_many(t, "b", 1000, 10), 3);
	assert_int_equal(take_many(t, "", 1000, 10), 3);
	free(t);
}

/* A hundred times as many as fit: whoever keeps knocking stays limited, and
 * newcomers are still let in. */
static void a_crowd_does_not_push_out_who_keeps_knocking(void **state)
{
	struct throttle *t = throttle_new(10, 1);
	uint64_t now_ms = 1000;
	char who[16];

	(void)state;
	take_many(t, "pest", now_ms, 100);
	for (int i = 0; i < 100 * THROTTLE_SETS * THROTTLE_WAYS; i++) {
		snprintf(who, sizeof(who), "%d", i);
		now_ms += i % 1000 == 0;
		assert_true(throttle_take(t, who, strlen(who), now_ms));
		if (i % 16 == 0)
			assert_false(throttle_take(t, "pest", 4, now_ms));
	}
	free(t);
}

static void what_counts_less_may_be_had_more_often(void **state)
{
	struct throttle *t = throttle_new(2, 1);
	unsigned n = 0;

	(void)state;
	while (throttle_spend(t, "a", 1, THROTTLE_KNOCK / 4, 1000))
		n++;
	assert_int_equal(n, 8);
	/* What is too dear takes nothing away. */
	assert_false(throttle_spend(t, "b", 1, 2 * THROTTLE_KNOCK + 1, 1000));
	assert_true(throttle_spend(t, "b", 1, 2 * THROTTLE_KNOCK, 1000));
	assert_false(throttle_spend(t, "b", 1, 1, 1000));
	assert_true(throttle_spend(t, "b", 1, 1, 1001));
	free(t);
}

static void a_subscriber_has_all_of_an_ipv6_network(void **state)
{
	static const struct {
		const char *address, *part;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2" },
		{ "2001:db8:1:2::6", "2001:db8:1:2" },
		{ "2001:db8::6", "2001:db8:" },
		{ "::1", ":" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(
			throttle_part(rows[i].address, strlen(rows[i].address)),
			strlen(rows[i].part));
}

static void user_ids_are_strict_hex(void **state)
{
	struct curvekey key, back;
	char text[HEX_SIZE(sizeof(key))];

	(void)state;
	bytes_random(&key, sizeof(key));
	hex_encode(text, key.b, sizeof(key.b));
	assert_int_equal(zap_user(&back, text), 0);
	assert_memory_equal(&back, &key, sizeof(key));
	assert_int_equal(zap_user(&back, NULL), ERR_FORMAT);
	assert_int_equal(zap_user(&back, ""), ERR_FORMAT);
	assert_int_equal(zap_user(&back, text + 1), ERR_FORMAT);
	text[5] = 'G';
	assert_int_equal(zap_user(&back, text), ERR_FORMAT);
}

static bool has_frames(void *arg)
{
	const struct world *w = arg;

	return w->frames > 0;
}

static void any_key_is_let_in_and_handed_on(void **state)
{
	struct world w;
	struct client c;

	(void)state;
	world_open(&w, NULL);
	client_open(&c, NULL);
	client_dial(&c, w.address, &w.self.pub);
	assert_true(world_until(&w, client_is_up, &c, 5000));
	assert_int_equal(dial_send(c.dial, "hello", 5), 0);
	assert_true(world_until(&w, has_frames, &w, 5000));
	assert_memory_equal(&w.last->peer, &c.self.pub, sizeof(c.self.pub));
	assert_string_equal(w.last->address, "127.0.0.1");
	client_close(&c);
	world_close(&w);
}

/* With CURVE on and nobody to ask, libzmq lets any key in unless both the
 * domain and its enforcement are set. */
static void nobody_gets_in_when_the_handler_is_dead(void **state)
{
	struct world w;
	struct client c;

	(void)state;
	world_open(&w, NULL);
	assert_true(net_is_safe(w.net));
	zap_close(w.net->zap);
	w.net->zap = NULL;
	client_open(&c, NULL);
	client_dial(&c, w.address, &w.self.pub);
	assert_false(world_until(&w, client_is_up, &c, 1500));
	assert_int_equal(w.frames, 0);
	client_close(&c);
	world_close(&w);
}

static void a_handler_that_ended_is_noticed(void **state)
{
	void *context = zmq_ctx_new();
	struct zap *z, *second;

	(void)state;
	assert_int_equal(zap_open(&z, context), 0);
	assert_true(zap_is_alive(z));
	assert_int_equal(zap_open(&second, context), ERR_BUSY);
	/* What a thread of ours gets when its context goes under it. */
	zmq_ctx_shutdown(context);
	for (int i = 0; i < 1000 && zap_is_alive(z); i++)
		world_nap();
	assert_false(zap_is_alive(z));
	zap_close(z);
	zmq_ctx_term(context);
}

static void one_key_may_not_knock_without_end(void **state)
{
	struct world w;
	struct client c;
	unsigned up = 0;

	(void)state;
	world_open(&w, NULL);
	client_open(&c, NULL);
	for (int i = 0; i < ZAP_KEY_BURST + 40; i++) {
		client_dial(&c, w.address, &w.self.pub);
		while (dial_watch(c.dial, clock_ms()) == DIAL_TRYING)
			net_step(w.net, clock_ms());
		up += dial_state(c.dial) == DIAL_UP;
		dial_close(c.dial, false);
		c.dial = NULL;
	}
	assert_true(up >= ZAP_KEY_BURST);
	assert_true(up < ZAP_KEY_BURST + 40);
	client_close(&c);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_burst_is_allowed_and_not_one_more),
		UNIT(time_gives_back_at_its_rate_up_to_the_burst),
		UNIT(a_clock_that_goes_back_gives_nothing),
		UNIT(one_does_not_use_up_what_another_has),
		UNIT(a_crowd_does_not_push_out_who_keeps_knocking),
		UNIT(what_counts_less_may_be_had_more_often),
		UNIT(a_subscriber_has_all_of_an_ipv6_network),
		UNIT(user_ids_are_strict_hex),
		UNIT(any_key_is_let_in_and_handed_on),
		UNIT(nobody_gets_in_when_the_handler_is_dead),
		UNIT(a_handler_that_ended_is_noticed),
		UNIT(one_key_may_not_knock_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
