#include "proto/attest/attest.h"

#include "crypto/err.h"
#include "proto/attest/cosigned.h"
#include "tests/attest_world.h"
#include "tests/unit.h"

/* The hub (0) attests itself and two makers. */
static void make_small(struct world *w)
{
	world_found(w);
	world_member(w, ROLE_MAKER);
	world_member(w, ROLE_MAKER);
	world_produce(w, 1, 60, "visor/v30");
	world_produce(w, 2, 40, "visor/v30");
}

static void origin_says_network_and_feed(void **state)
{
	char text[ORIGIN_SIZE];
	struct pubkey feed;
	struct id network;
	struct world w;

	(void)state;
	world_found(&w);
	origin_encode(text, &w.network, &w.who[0].feed);
	assert_int_equal(strlen(text), 137);
	assert_true(note_is_name((struct text){ text, strlen(text) }));
	assert_int_equal(origin_decode(&network, &feed, text, strlen(text)), 0);
	assert_true(id_eq(&network, &w.network));
	assert_true(pubkey_eq(&feed, &w.who[0].feed));
	for (size_t i = 0; i < strlen(text); i++) {
		char was = text[i];

		assert_int_equal(origin_decode(&network, &feed, text, i),
				 ERR_FORMAT);
		text[i] = 'G';
		assert_int_equal(origin_decode(&network, &feed, text, 137),
				 ERR_FORMAT);
		text[i] = was;
	}
	world_release(&w);
}

/* What we sign is what the note's own functions sign and check. */
static void lines_are_those_of_signed_notes(void **state)
{
	char text[CHECKPOINT_SIZE], mine[NOTE_LINE_SIZE], line[NOTE_LINE_SIZE];
	struct treehead h = { .size = 3 };
	struct world w;
	struct notekey key;
	struct sig sig;
	size_t n;

	(void)state;
	make_small(&w);
	h.network = w.network;
	h.feed = w.who[0].feed;
	h.root = hash_sha("root", 4);
	assert_int_equal(treehead_text(text, &n, &h), 0);
	treehead_key(&key, &w.network, &h.feed, NOTEKEY_ED25519);
	assert_int_equal(treehead_sign(&sig, &h, w.who[0].node_key), 0);
	assert_int_equal(treehead_check(&h, &sig), 0);
	treehead_line(mine, &h, &sig);
	note_sign(line, w.who[0].node_key, key.name, text, n);
	assert_string_equal(mine, line);
	treehead_key(&key, &w.network, &w.who[1].feed, NOTEKEY_COSIGNER);
	assert_int_equal(treehead_cosign(&sig, &h, w.who[1].node_key, 77), 0);
	treehead_cosign_line(mine, &h, &w.who[1].feed, 77, &sig);
	note_cosign(line, w.who[1].node_key, key.name, 77, text, n);
	assert_string_equal(mine, line);
	assert_int_equal(treehead_cosign_check(&h, &w.who[1].feed, 77, &sig),
			 0);
	assert_int_equal(treehead_cosign_check(&h, &w.who[1].feed, 78, &sig),
			 ERR_SIGNATURE);
	assert_int_equal(treehead_cosign(&sig, &h, w.who[1].node_key,
					 (uint64_t)INT64_MAX + 1),
			 ERR_LIMIT);
	world_release(&w);
}

static void leaves_stand_in_the_order_attested(void **state)
{
	struct attest_point at = { .size = 0 };
	struct world w;
	struct attest a;
	struct merkle m;
	const struct attest_source source = world_source(&w);
	uint64_t index;

	(void)state;
	make_small(&w);
	attest_up_to(&w, 0, 2, 2); /* the second maker first */
	attest_up_to(&w, 0, 1, 1);
	attest_up_to(&w, 0, 1, 2);
	fold_tree(&a, &w, 0);
	assert_int_equal(a.size, 4);
	assert_int_equal(attest_to(&a, &w.who[1].feed), 2);
	assert_int_equal(attest_to(&a, &w.who[0].feed), 0);
	merkle_init(&m);
	add_leaf(&m, &w, 2, 1);
	add_leaf(&m, &w, 2, 2);
	add_leaf(&m, &w, 1, 1);
	add_leaf(&m, &w, 1, 2);
	at.size = 4;
	assert_int_equal(attest_roots(&a, &source, &at, 1), 0);
	assert_true(at.is_known);
	assert_memory_equal(at.root.b, merkle_root(&m).b, 32);
	assert_int_equal(attest_find(&a, &index, &w.who[1].feed, 2), 0);
	assert_int_equal(index, 3);
	assert_int_equal(attest_find(&a, &index, &w.who[1].feed, 3),
			 ERR_NOT_FOUND);
	assert_int_equal(attest_find(&a, &index, &w.who[1].feed, 0),
			 ERR_NOT_FOUND);
	attest_release(&a);
	world_release(&w);
}

/* A tree that was kept grows by what came since, from nothing, from the end of
 * a run, and from within one. */
static void a_tree_grows_from_any_size(void **state)
{
	struct world w;
	struct attest a;
	const struct attest_source source = world_source(&w);

	(void)state;
	make_small(&w);
	world_produce(&w, 1, 5, "visor/v30");
	attest_up_to(&w, 0, 2, 2);
	attest_up_to(&w, 0, 1, 1);
	attest_up_to(&w, 0, 1, 3);
	fold_tree(&a, &w, 0);
	assert_int_equal(a.size, 5);
	for (uint64_t size = 0; size <= a.size; size++) {
		struct attest_point at = { .size = a.size };
		struct merkle m;
		size_t n = 0;

		merkle_init(&m);
		for (uint64_t k = 0; k < size; k++, n++)
			add_leaf(&m, &w, n < 2 ? 2 : 1, n < 2 ? n + 1 : n - 1);
		assert_int_equal(attest_grow(&a, &source, &m), 0);
		assert_int_equal(attest_roots(&a, &source, &at, 1), 0);
		assert_int_equal(m.size, a.size);
		assert_memory_equal(at.root.b, merkle_root(&m).b, 32);
	}
	attest_release(&a);
	world_release(&w);
}

/* How far each feed is attested is known in whatever order they came. */
static void feeds_are_attested_in_any_order(void **state)
{
	static const size_t order[][3] = { { 0, 1, 2 }, { 0, 2, 1 },
					   { 1, 0, 2 }, { 1, 2, 0 },
					   { 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct world w;
		struct attest a;

		make_small(&w);
		for (size_t k = 0; k < 3; k++)
			attest_up_to(&w, 0, order[i][k],
				     order[i][k] == 0 ? 1 : 2);
		fold_tree(&a, &w, 0);
		assert_int_equal(a.size, 5);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(attest_to(&a, &w.who[k].feed),
					 k == 0 ? 1 : 2);
		attest_release(&a);
		world_release(&w);
	}
}

static void what_is_attested_again_adds_no_leaf(void **state)
{
	struct world w;
	struct attest a;

	(void)state;
	make_small(&w);
	attest_up_to(&w, 0, 1, 2);
	attest_up_to(&w, 0, 1, 2);
	attest_up_to(&w, 0, 1, 1);
	fold_tree(&a, &w, 0);
	assert_int_equal(a.size, 2);
	assert_int_equal(a.runs_n, 1);
	attest_release(&a);
	world_release(&w);
}

static int by_size(const void *a, const void *b)
{
	const struct attest_point *x = a, *y = b;

	return x->size < y->size ? -1 : x->size > y->size;
}

static enum attest_fault judge(struct world *w, size_t i)
{
	const struct attest_source source = world_source(w);
	struct attest_point points[16];
	enum attest_fault fault;
	struct attest a;

	fold_tree(&a, w, 0);
	for (size_t k = 0; k < a.marks_n; k++)
		points[k].size = a.marks[k].head.size;
	qsort(points, a.marks_n, sizeof(points[0]), by_size);
	assert_int_equal(attest_roots(&a, &source, points, a.marks_n), 0);
	fault = attest_judge(&a, i, points, a.marks_n);
	attest_release(&a);
	return fault;
}

static void honest_checkpoints_are_right(void **state)
{
	struct world w;

	(void)state;
	make_small(&w);
	attest_up_to(&w, 0, 1, 2);
	checkpoint_now(&w, 0);
	attest_up_to(&w, 0, 2, 2);
	attest_up_to(&w, 0, 0, w.who[0].seq);
	checkpoint_now(&w, 0);
	assert_int_equal(judge(&w, 0), ATTEST_RIGHT);
	assert_int_equal(judge(&w, 1), ATTEST_RIGHT);
	world_release(&w);
}

static void every_wrong_part_of_a_checkpoint_is_wrong(void **state)
{
	struct treehead h;
	struct sig sig;
	struct world w;

	(void)state;
	make_small(&w);
	attest_up_to(&w, 0, 1, 2);
	h = head_now(&w, 0);
	h.root.b[0] ^= 1;
	treehead_sign(&sig, &h, w.who[0].node_key);
	say_checkpoint(&w, 0, &h, &sig);
	assert_int_equal(judge(&w, 0), ATTEST_WRONG);
	h = head_now(&w, 0);
	h.size++;
	treehead_sign(&sig, &h, w.who[0].node_key);
	say_checkpoint(&w, 0, &h, &sig);
	assert_int_equal(judge(&w, 1), ATTEST_WRONG);
	world_release(&w);
	make_small(&w);
	attest_up_to(&w, 0, 1, 2);
	h = head_now(&w, 0);
	treehead_sign(&sig, &h, w.who[1].node_key);
	say_checkpoint(&w, 0, &h, &sig);
	assert_int_equal(judge(&w, 0), ATTEST_WRONG);
	world_release(&w);
}

static void a_smaller_checkpoint_is_a_rollback(void **state)
{
	struct treehead h;
	struct sig sig;
	struct world w;

	(void)state;
	make_small(&w);
	attest_up_to(&w, 0, 1, 1);
	h = head_now(&w, 0);
	attest_up_to(&w, 0, 1, 2);
	checkpoint_now(&w, 0);
	treehead_sign(&sig, &h, w.who[0].node_key);
	say_checkpoint(&w, 0, &h, &sig);
	assert_int_equal(judge(&w, 0), ATTEST_RIGHT);
	assert_int_equal(judge(&w, 1), ATTEST_ROLLBACK);
	world_release(&w);
}

static void two_roots_at_one_size_are_a_split(void **state)
{
	struct treehead h;
	struct sig sig;
	struct world w;

	(void)state;
	make_small(&w);
	attest_up_to(&w, 0, 1, 2);
	checkpoint_now(&w, 0);
	h = head_now(&w, 0);
	h.root.b[31] ^= 1;
	treehead_sign(&sig, &h, w.who[0].node_key);
	say_checkpoint(&w, 0, &h, &sig);
	assert_int_equal(judge(&w, 1), ATTEST_SPLIT);
	world_release(&w);
}

static void what_is_not_here_is_not_checked(void **state)
{
	struct position at;
	struct world w;

	(void)state;
	make_small(&w);
	attest_up_to(&w, 0, 1, 2);
	checkpoint_now(&w, 0);
	at = world_position(&w, 2, 2);
	at.seq = 3; /* the maker has not synced yet, or it is another chain */
	say_attest(&w, 0, &at);
	checkpoint_now(&w, 0);
	assert_int_equal(judge(&w, 0), ATTEST_RIGHT);
	assert_int_equal(judge(&w, 1), ATTEST_UNCHECKED);
	world_release(&w);
	make_small(&w);
	at = world_position(&w, 1, 2);
	at.id.b[5] ^= 1;
	say_attest(&w, 0, &at);
	checkpoint_now(&w, 0);
	assert_int_equal(judge(&w, 0), ATTEST_UNCHECKED);
	world_release(&w);
}

static void an_attest_takes_as_many_feeds_as_fit(void **state)
{
	static uint8_t facts[ATTEST_FACTS];
	static struct position places[1000];
	size_t n, used, done = 0, entries = 0;
	struct record rec;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		places[i].feed.b[0] = (uint8_t)(i >> 8);
		places[i].feed.b[1] = (uint8_t)i;
		places[i].seq = LIMIT_SEQ - i;
	}
	while (done < 1000) {
		assert_int_equal(attest_encode(facts, &n, places + done,
					       1000 - done, &used),
				 0);
		assert_int_equal(record_decode(&rec, KIND_ATTEST, facts, n), 0);
		assert_true(used >= 400 || done + used == 1000);
		assert_true(n <= LIMIT_ENTRY - 192);
		done += used;
		entries++;
	}
	assert_int_equal(entries, 3);
	assert_int_equal(attest_encode(facts, &n, places, 0, &used),
			 ERR_FORMAT);
}

/* What a hostile feed claims to attest costs nothing and never wraps. */
static void leaves_beyond_the_limit_are_not_added(void **state)
{
	struct position at = { .seq = LIMIT_SEQ };
	struct attest_point point = { .size = LIMIT_SEQ };
	struct world w;
	struct attest a;
	const struct attest_source source = world_source(&w);

	(void)state;
	make_small(&w);
	attest_init(&a, &w.network, &w.who[0].feed);
	assert_int_equal(attest_add(&a, &at), 0);
	at.feed.b[0] = 1;
	at.seq = 1;
	assert_int_equal(attest_add(&a, &at), ERR_LIMIT);
	at.seq = 0;
	assert_int_equal(attest_add(&a, &at), 0);
	assert_int_equal(a.size, LIMIT_SEQ);
	assert_int_equal(a.runs_n, 1);
	assert_int_equal(attest_roots(&a, &source, &point, 1), 0);
	assert_false(point.is_known);
	attest_release(&a);
	world_release(&w);
}

static void a_cosign_is_verified_when_it_is_read(void **state)
{
	struct cosigned c = { .time_s = 1586908800 }, got;
	struct entry e;
	struct world w;
	struct id id;

	(void)state;
	make_small(&w);
	attest_up_to(&w, 0, 1, 2);
	c.head = head_now(&w, 0);
	c.witness = w.who[2].feed;
	treehead_cosign(&c.sig, &c.head, w.who[2].node_key, c.time_s);
	e = say_cosign(&w, 2, &c);
	id = entry_id(&e);
	assert_int_equal(cosigned_read(&got, &e, &id, &w.network), 0);
	assert_int_equal(got.time_s, c.time_s);
	assert_int_equal(got.head.size, 2);
	assert_int_equal(got.at.seq, w.who[2].seq);
	id.b[0] ^= 1;
	assert_int_equal(cosigned_read(&got, &e, &id, &id), ERR_FORMAT);
	c.sig.b[9] ^= 1;
	e = say_cosign(&w, 2, &c);
	assert_int_equal(cosigned_read(&got, &e, &id, &w.network),
			 ERR_SIGNATURE);
	/* The tree's own node is no witness. */
	treehead_cosign(&c.sig, &c.head, w.who[0].node_key, c.time_s);
	e = say_cosign(&w, 0, &c);
	assert_int_equal(cosigned_read(&got, &e, &id, &w.network), ERR_FORMAT);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(origin_says_network_and_feed),
		UNIT(lines_are_those_of_signed_notes),
		UNIT(leaves_stand_in_the_order_attested),
		UNIT(a_tree_grows_from_any_size),
		UNIT(feeds_are_attested_in_any_order),
		UNIT(what_is_attested_again_adds_no_leaf),
		UNIT(honest_checkpoints_are_right),
		UNIT(every_wrong_part_of_a_checkpoint_is_wrong),
		UNIT(a_smaller_checkpoint_is_a_rollback),
		UNIT(two_roots_at_one_size_are_a_split),
		UNIT(what_is_not_here_is_not_checked),
		UNIT(an_attest_takes_as_many_feeds_as_fit),
		UNIT(leaves_beyond_the_limit_are_not_added),
		UNIT(a_cosign_is_verified_when_it_is_read),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
