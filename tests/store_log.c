#include "store/log.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/wr.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <sys/wait.h>

/* One world, one store, for each test. */
struct fixture {
	struct world w;
	struct ledger l;
};

static int setup(void **state)
{
	static struct fixture f;

	world_found(&f.w);
	ledger_found(&f.l, &f.w);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ledger_release(&f->l);
	world_release(&f->w);
	return 0;
}

static void begin(struct fixture *f)
{
	assert_int_equal(store_begin(f->l.s), 0);
}

static void commit(struct fixture *f)
{
	assert_int_equal(store_commit(f->l.s), 0);
}

static void what_went_in_comes_out(void **state)
{
	struct fixture *f = *state;
	const struct who *who = &f->w.who[0];
	static uint8_t raw[LIMIT_ENTRY];
	struct position at;
	struct head head;
	uint64_t n;
	size_t len;

	for (int i = 0; i < 9; i++)
		world_produce(&f->w, 0, 5, "visor/v30");
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	assert_int_equal(store_head(f->l.s, &who->feed, &head), 0);
	assert_int_equal(head.seq, 10);
	assert_int_equal(head.no, 1);
	assert_int_equal(head.counted, 10);
	assert_true(id_eq(&head.id, &who->tip));
	for (uint64_t q = 1; q <= 10; q++) {
		const struct bytes *b = &who->entries[q - 1];
		struct id id = hash_id(b->p, b->n);

		assert_int_equal(store_entry(f->l.s, &who->feed, q, raw, &len),
				 0);
		assert_int_equal(len, b->n);
		assert_memory_equal(raw, b->p, len);
		assert_int_equal(store_find(f->l.s, &id, &at), 0);
		assert_int_equal(at.seq, q);
		assert_true(pubkey_eq(&at.feed, &who->feed));
	}
	assert_int_equal(store_entry_count(f->l.s, &n), 0);
	assert_int_equal(n, 10);
	assert_int_equal(store_feed_count(f->l.s, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(store_head_at(f->l.s, 1, &head), 0);
	assert_int_equal(head.seq, 10);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct fixture *f = *state;
	const struct pubkey *feed = &f->w.who[0].feed;
	struct pubkey other = { { 9 } };
	struct id id = { { 9 } };
	static uint8_t raw[LIMIT_ENTRY];
	struct position at;
	struct head head;
	size_t len;

	assert_int_equal(store_head(f->l.s, feed, &head), ERR_NOT_FOUND);
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	assert_int_equal(store_head(f->l.s, &other, &head), ERR_NOT_FOUND);
	assert_int_equal(store_head_at(f->l.s, 0, &head), ERR_NOT_FOUND);
	assert_int_equal(store_head_at(f->l.s, 2, &head), ERR_NOT_FOUND);
	assert_int_equal(store_entry(f->l.s, feed, 0, raw, &len),
			 ERR_NOT_FOUND);
	assert_int_equal(store_entry(f->l.s, feed, 2, raw, &len),
			 ERR_NOT_FOUND);
	assert_int_equal(store_entry(f->l.s, &other, 1, raw, &len),
			 ERR_NOT_FOUND);
	assert_int_equal(store_find(f->l.s, &id, &at), ERR_NOT_FOUND);
}

static void the_chain_is_checked(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++)
		world_produce(&f->w, 0, 5, "visor/v30");
	begin(f);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 2), ERR_CHAIN);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 1), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 3), ERR_CHAIN);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 2), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 1), ERR_EXISTS);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 2), ERR_EXISTS);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 4), ERR_CHAIN);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 3), 0);
	commit(f);
}

static void a_feed_of_another_network_does_not_follow(void **state)
{
	struct fixture *f = *state;
	struct world other;

	world_found(&other);
	other.network.b[0] ^= 1;
	other.who[0].seq = 0;
	free(other.who[0].entries[0].p);
	world_open_feed(&other, 0, NULL);
	begin(f);
	assert_int_equal(ledger_append(&f->l, &other, 0, 1), ERR_CHAIN);
	store_abort(f->l.s);
	world_release(&other);
}

static void a_fork_is_a_conflict_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct who *who = &f->w.who[0];
	struct id tip = who->tip;
	struct head head;

	world_produce(&f->w, 0, 5, "visor/v30");
	world_produce(&f->w, 0, 6, "visor/v30");
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	/* The same place again, with something else in it. */
	for (uint64_t q = 1; q < who->seq; q++)
		free(who->entries[q].p);
	who->seq = 1;
	who->tip = tip;
	world_produce(&f->w, 0, 7, "visor/v30");
	begin(f);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 2), ERR_CONFLICT);
	commit(f);
	assert_int_equal(store_head(f->l.s, &who->feed, &head), 0);
	assert_int_equal(head.seq, 3);
	assert_int_equal(
		ledger_figure(&f->l, &f->w, 0, "visor/v30", COL_PRODUCED), 11);
}

static void strangers_wait_outside(void **state)
{
	struct fixture *f = *state;
	size_t stranger = world_stranger(&f->w);
	struct head head;

	begin(f);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 1), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, stranger, 1), ERR_DENIED);
	/* The refusal spoils nothing, and an admission in the same batch is
	 * enough. */
	world_admit(&f->w, 0, stranger, ROLE_MAKER, false);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 2), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, stranger, 1), 0);
	commit(f);
	assert_int_equal(store_head(f->l.s, &f->w.who[stranger].feed, &head),
			 0);
	assert_non_null(roster_member(store_roster(f->l.s),
				      &f->w.who[stranger].identity));
}

static void a_feed_begins_with_open(void **state)
{
	struct fixture *f = *state;
	size_t i = world_person(&f->w);

	f->w.who[i].tip = f->w.network;
	world_produce(&f->w, i, 1, "visor/v30");
	begin(f);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 1), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, i, 1), ERR_DENIED);
	assert_int_equal(store_set_own(f->l.s, &f->w.who[i].feed), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, i, 1), ERR_DENIED);
	commit(f);
}

static void an_open_needs_its_certificate(void **state)
{
	struct fixture *f = *state;
	size_t honest = world_member(&f->w, ROLE_MAKER);
	size_t thief = world_person(&f->w);
	struct seckey *own = f->w.who[thief].identity_key;

	/* Names an identity that never signed for this node. */
	f->w.who[thief].identity = f->w.who[honest].identity;
	world_open_feed(&f->w, thief, NULL);
	f->w.who[thief].identity = seckey_pub(own);
	begin(f);
	assert_int_equal(ledger_append_all(&f->l, &f->w, 0), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, honest, 1), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, thief, 1), ERR_DENIED);
	commit(f);
}

static void a_certificate_is_not_verified_twice(void **state)
{
	struct fixture *f = *state;
	size_t honest = world_member(&f->w, ROLE_MAKER);
	size_t thief = world_person(&f->w);
	struct seckey *own = f->w.who[thief].identity_key;
	const struct bytes *open;
	struct id id;

	f->w.who[thief].identity = f->w.who[honest].identity;
	world_open_feed(&f->w, thief, NULL);
	f->w.who[thief].identity = seckey_pub(own);
	open = &f->w.who[thief].entries[0];
	begin(f);
	assert_int_equal(ledger_append_all(&f->l, &f->w, 0), 0);
	/* Another one's was verified. */
	id = hash_id(f->w.who[honest].entries[0].p,
		     f->w.who[honest].entries[0].n);
	store_certified(f->l.s, &id);
	assert_int_equal(ledger_append(&f->l, &f->w, thief, 1), ERR_DENIED);
	/* Its own was, says the caller: it is believed. */
	id = hash_id(open->p, open->n);
	store_certified(f->l.s, &id);
	assert_int_equal(ledger_append(&f->l, &f->w, thief, 1), 0);
	store_abort(f->l.s);
}

static void the_own_feed_may_wait_for_its_admission(void **state)
{
	struct fixture *f = *state;
	size_t own = world_stranger(&f->w);
	struct head head;

	world_produce(&f->w, own, 48, "visor/v30");
	begin(f);
	assert_int_equal(store_set_own(f->l.s, &f->w.who[own].feed), 0);
	assert_int_equal(ledger_append_all(&f->l, &f->w, own), 0);
	commit(f);
	assert_int_equal(store_head(f->l.s, &f->w.who[own].feed, &head), 0);
	assert_int_equal(head.seq, 2);
	assert_int_equal(head.counted, 0);
	assert_int_equal(
		ledger_figure(&f->l, &f->w, own, "visor/v30", COL_PRODUCED), 0);
	world_admit(&f->w, 0, own, ROLE_MAKER, false);
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	assert_int_equal(store_head(f->l.s, &f->w.who[own].feed, &head), 0);
	assert_int_equal(head.counted, 2);
	assert_int_equal(
		ledger_figure(&f->l, &f->w, own, "visor/v30", COL_PRODUCED),
		48);
}

static void nothing_is_appended_outside_a_batch(void **state)
{
	struct fixture *f = *state;
	struct ledger bare;

	assert_int_equal(ledger_append(&f->l, &f->w, 0, 1), ERR_STATE);
	ledger_close(&f->l);
	ledger_init(&bare);
	assert_int_equal(ledger_open(&bare, STORE_CREATE), 0);
	assert_int_equal(store_begin(bare.s), 0);
	/* Nor before the network is known. */
	assert_int_equal(ledger_append(&bare, &f->w, 0, 1), ERR_STATE);
	ledger_release(&bare);
}

static void abort_leaves_what_was(void **state)
{
	struct fixture *f = *state;
	struct head before, after;
	struct id books, roster;

	world_produce(&f->w, 0, 5, "visor/v30");
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	assert_int_equal(store_head_at(f->l.s, 1, &before), 0);
	books = ledger_books(&f->l);
	roster = roster_digest(store_roster(f->l.s));
	world_member(&f->w, ROLE_MAKER);
	world_produce(&f->w, 0, 5, "visor/v30");
	for (int i = 0; i < 2; i++) {
		struct id now;

		begin(f);
		assert_int_equal(ledger_append_all(&f->l, &f->w, 0), 0);
		assert_int_equal(ledger_append_all(&f->l, &f->w, 1), 0);
		assert_int_equal(store_settle(f->l.s), 0);
		now = roster_digest(store_roster(f->l.s));
		assert_false(id_eq(&now, &roster));
		now = ledger_books(&f->l);
		assert_false(id_eq(&now, &books));
		store_abort(f->l.s);
		assert_int_equal(store_head_at(f->l.s, 1, &after), 0);
		assert_int_equal(after.seq, before.seq);
		assert_int_equal(after.counted, before.counted);
		assert_int_equal(after.arrival, before.arrival);
		assert_true(id_eq(&after.id, &before.id));
		now = roster_digest(store_roster(f->l.s));
		assert_true(id_eq(&now, &roster));
		now = ledger_books(&f->l);
		assert_true(id_eq(&now, &books));
		assert_null(
			roster_feed(store_roster(f->l.s), &f->w.who[1].feed));
	}
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	assert_int_equal(store_head_at(f->l.s, 2, &after), 0);
}

/* Heads as they were shown. */
struct shown {
	size_t n, stop_at;
	struct head at[WORLD_PEOPLE];
};

static int note_head(void *arg, const struct head *head)
{
	struct shown *s = arg;

	s->at[s->n++] = *head;
	return s->n == s->stop_at ? 7 : 0;
}

static void heads_come_in_order_of_feeds(void **state)
{
	struct fixture *f = *state;
	struct shown s = { 0 };

	for (int i = 0; i < 20; i++)
		world_member(&f->w, ROLE_MAKER);
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	assert_int_equal(store_heads(f->l.s, note_head, &s), 0);
	assert_int_equal(s.n, 21);
	for (size_t i = 1; i < s.n; i++)
		assert_true(pubkey_cmp(&s.at[i - 1].feed, &s.at[i].feed) < 0);
	s = (struct shown){ .stop_at = 3 };
	assert_int_equal(store_heads(f->l.s, note_head, &s), 7);
	assert_int_equal(s.n, 3);
}

static uint64_t arrival(struct fixture *f)
{
	uint64_t no;

	assert_int_equal(store_arrival(f->l.s, &no), 0);
	return no;
}

static void what_moved_since_is_at_the_end(void **state)
{
	struct fixture *f = *state;
	struct shown s = { 0 };
	uint64_t mark;

	assert_int_equal(arrival(f), 0);
	for (int i = 0; i < 4; i++)
		world_member(&f->w, ROLE_MAKER);
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	mark = arrival(f);
	assert_int_equal(store_heads_since(f->l.s, 0, note_head, &s), 0);
	assert_int_equal(s.n, 5);
	for (size_t i = 1; i < s.n; i++)
		assert_true(s.at[i - 1].arrival < s.at[i].arrival);
	assert_int_equal(s.at[4].arrival, mark);
	world_produce(&f->w, 3, 1, "visor/v30");
	world_produce(&f->w, 1, 1, "visor/v30");
	world_produce(&f->w, 3, 1, "visor/v30");
	begin(f);
	assert_int_equal(ledger_append(&f->l, &f->w, 3, 2), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, 1, 2), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, 3, 3), 0);
	/* The same inside the batch ... */
	s = (struct shown){ 0 };
	assert_int_equal(store_heads_since(f->l.s, mark, note_head, &s), 0);
	assert_int_equal(s.n, 2);
	assert_true(pubkey_eq(&s.at[0].feed, &f->w.who[1].feed));
	assert_true(pubkey_eq(&s.at[1].feed, &f->w.who[3].feed));
	assert_int_equal(arrival(f), s.at[1].arrival);
	commit(f);
	/* ... and after it. */
	s = (struct shown){ 0 };
	assert_int_equal(store_heads_since(f->l.s, mark, note_head, &s), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.at[1].seq, 3);
	s = (struct shown){ 0 };
	mark = arrival(f);
	assert_int_equal(store_heads_since(f->l.s, mark, note_head, &s), 0);
	assert_int_equal(store_heads_since(f->l.s, UINT64_MAX, note_head, &s),
			 0);
	assert_int_equal(s.n, 0);
}

static void a_cursor_taken_within_a_batch_stays_valid(void **state)
{
	struct fixture *f = *state;
	struct shown s = { 0 };
	uint64_t mark;

	world_produce(&f->w, 0, 1, "visor/v30");
	begin(f);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 1), 0);
	mark = arrival(f);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 2), 0);
	commit(f);
	assert_int_equal(store_heads_since(f->l.s, mark, note_head, &s), 0);
	assert_int_equal(s.n, 1);
}

static int nested_since(void *arg, const struct head *head)
{
	struct shown s = { 0 };

	(void)head;
	return store_heads_since(arg, 0, note_head, &s);
}

static void arrivals_within_a_visit_of_a_batch_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	assert_int_equal(store_heads(f->l.s, nested_since, f->l.s), 0);
	begin(f);
	assert_int_equal(store_heads(f->l.s, nested_since, f->l.s), ERR_STATE);
	commit(f);
}

struct passing {
	const struct who *who;
	uint64_t next, stop_at;
};

static int check_entry(void *arg, const uint8_t *raw, size_t n)
{
	struct passing *walk = arg;
	const struct bytes *b = &walk->who->entries[walk->next - 1];

	assert_int_equal(n, b->n);
	assert_memory_equal(raw, b->p, n);
	return walk->next++ == walk->stop_at ? 5 : 0;
}

static void runs_of_entries(void **state)
{
	static const struct {
		const char *why;
		uint64_t from, stop_at, next;
		int err;
	} rows[] = {
		{ "all", 1, 0, 13, 0 },
		{ "0 is from the start", 0, 0, 13, 0 },
		{ "from the middle", 7, 0, 13, 0 },
		{ "the last one", 12, 0, 13, 0 },
		{ "nothing left", 13, 0, 13, 0 },
		{ "stopped", 3, 5, 6, 5 },
		{ "stopped at the last", 3, 12, 13, 5 },
	};
	struct fixture *f = *state;
	struct pubkey other = { { 9 } };

	for (int i = 0; i < 11; i++)
		world_produce(&f->w, 0, 5, "visor/v30");
	world_member(&f->w, ROLE_MAKER);
	free(f->w.who[0].entries[--f->w.who[0].seq].p);
	world_admit(&f->w, 0, 1, ROLE_MAKER, false);
	free(f->w.who[0].entries[--f->w.who[0].seq].p);
	f->w.n = 1; /* only the founder's feed goes in */
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	f->w.n = 2;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct passing walk = { &f->w.who[0],
					rows[i].from == 0 ? 1 : rows[i].from,
					rows[i].stop_at };
		int err = store_entries(f->l.s, &f->w.who[0].feed, rows[i].from,
					check_entry, &walk);

		if (err != rows[i].err || walk.next != rows[i].next)
			fail_msg("%s: %d, %d", rows[i].why, err,
				 (int)walk.next);
	}
	assert_int_equal(store_entries(f->l.s, &other, 1, check_entry, NULL),
			 ERR_NOT_FOUND);
}

struct found {
	size_t n;
	struct position at[300];
};

static int note_found(void *arg, const struct position *at)
{
	struct found *f = arg;

	f->at[f->n++] = *at;
	return 0;
}

static bool has_prefix(const struct id *a, const struct id *b, size_t nibbles)
{
	char x[HEX_SIZE(ID_SIZE)], y[HEX_SIZE(ID_SIZE)];

	hex_encode(x, a->b, ID_SIZE);
	hex_encode(y, b->b, ID_SIZE);
	return memcmp(x, y, nibbles) == 0;
}

static void ids_are_found_by_their_beginning(void **state)
{
	struct fixture *f = *state;
	const struct who *who = &f->w.who[0];
	struct id want = { { 0 } };
	struct found got;

	for (int i = 0; i < 299; i++)
		world_produce(&f->w, 0, 5, "visor/v30");
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	for (size_t nibbles = 0; nibbles <= 64; nibbles++) {
		const struct bytes *b = &who->entries[nibbles];
		size_t count = 0;

		want = hash_id(b->p, b->n);
		for (uint64_t q = 0; q < who->seq; q++) {
			struct id id =
				hash_id(who->entries[q].p, who->entries[q].n);

			count += has_prefix(&id, &want, nibbles);
		}
		got.n = 0;
		assert_int_equal(store_find_prefix(f->l.s, want.b, nibbles,
						   note_found, &got),
				 0);
		assert_int_equal(got.n, count);
		for (size_t i = 0; i < got.n; i++)
			assert_true(has_prefix(&got.at[i].id, &want, nibbles));
		for (size_t i = 1; i < got.n; i++)
			assert_true(id_cmp(&got.at[i - 1].id, &got.at[i].id) <
				    0);
	}
	want.b[31] ^= 1;
	got.n = 0;
	assert_int_equal(
		store_find_prefix(f->l.s, want.b, 64, note_found, &got), 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(
		store_find_prefix(f->l.s, want.b, 65, note_found, &got),
		ERR_LIMIT);
}

static void feeds_are_found_by_their_beginning(void **state)
{
	struct fixture *f = *state;
	struct pubkey found, other;

	for (int i = 0; i < 20; i++)
		world_member(&f->w, ROLE_MAKER);
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	for (size_t i = 0; i < f->w.n; i++) {
		assert_int_equal(
			store_feed_named(f->l.s, &found, f->w.who[i].feed.b, 8),
			0);
		assert_memory_equal(found.b, f->w.who[i].feed.b, KEY_SIZE);
	}
	/* All begin with nothing. */
	assert_int_equal(store_feed_named(f->l.s, &found, "", 0), ERR_CONFLICT);
	other = f->w.who[0].feed;
	other.b[7] ^= 1;
	assert_int_equal(store_feed_named(f->l.s, &found, other.b, 8),
			 ERR_NOT_FOUND);
}

static void attestations_are_not_indexed(void **state)
{
	struct fixture *f = *state;
	struct record rec;
	struct position at;
	struct head head;
	struct id root = { { 7 } };
	struct sig sig = { { 8 } };

	record_init(&rec, KIND_CHECKPOINT);
	record_set_uint(&rec, FACT_SIZE, 1);
	record_set_bytes(&rec, FACT_ROOT, root.b, ID_SIZE);
	record_set_bytes(&rec, FACT_NOTE_SIG, sig.b, SIG_SIZE);
	world_record(&f->w, 0, &rec);
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	assert_int_equal(store_find(f->l.s, &f->w.who[0].tip, &at),
			 ERR_NOT_FOUND);
	assert_int_equal(store_head_at(f->l.s, 1, &head), 0);
	assert_int_equal(head.seq, 2);
	assert_int_equal(head.counted, 2);
}

static void reads_inside_a_batch_see_it(void **state)
{
	struct fixture *f = *state;
	static uint8_t raw[LIMIT_ENTRY];
	struct shown s = { 0 };
	struct position at;
	struct head head;
	uint64_t n;
	size_t len;

	begin(f);
	assert_int_equal(ledger_append_all(&f->l, &f->w, 0), 0);
	assert_int_equal(store_head(f->l.s, &f->w.who[0].feed, &head), 0);
	assert_int_equal(store_head_at(f->l.s, 1, &head), 0);
	assert_int_equal(head.counted, 1);
	assert_int_equal(store_heads(f->l.s, note_head, &s), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(store_find(f->l.s, &f->w.who[0].tip, &at), 0);
	assert_int_equal(store_entry(f->l.s, &f->w.who[0].feed, 1, raw, &len),
			 0);
	assert_int_equal(store_entry_count(f->l.s, &n), 0);
	assert_int_equal(n, 1);
	store_abort(f->l.s);
	assert_int_equal(store_head_at(f->l.s, 1, &head), ERR_NOT_FOUND);
}

static void many_feeds_survive_a_reopening(void **state)
{
	struct fixture *f = *state;
	struct id books, roster, now;
	struct shown s = { 0 };

	for (int i = 0; i < 40; i++)
		world_produce(&f->w, world_member(&f->w, ROLE_MAKER),
			      (uint64_t)i + 1, "visor/v30");
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	books = ledger_books(&f->l);
	roster = roster_digest(store_roster(f->l.s));
	ledger_close(&f->l);
	assert_int_equal(ledger_open(&f->l, STORE_WRITE), 0);
	now = ledger_books(&f->l);
	assert_true(id_eq(&now, &books));
	now = roster_digest(store_roster(f->l.s));
	assert_true(id_eq(&now, &roster));
	world_produce(&f->w, 17, 3, "visor/v30");
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	assert_int_equal(store_heads(f->l.s, note_head, &s), 0);
	assert_int_equal(s.n, 41);
}

static void a_charter_does_not_let_a_stranger_in(void **state)
{
	struct fixture *f = *state;
	const struct bytes *b = &f->w.who[0].entries[0];
	size_t i = world_person(&f->w);
	struct bytes charter;
	struct record rec;
	struct entry e;

	assert_int_equal(entry_decode(&e, b->p, b->n), 0);
	assert_int_equal(record_decode(&rec, e.kind, e.facts, e.facts_n), 0);
	charter.p = malloc(rec.v[FACT_CHARTER].n);
	assert_non_null(charter.p);
	charter.n = rec.v[FACT_CHARTER].n;
	memcpy(charter.p, rec.v[FACT_CHARTER].p, charter.n);
	world_open_feed(&f->w, i, &charter);
	begin(f);
	assert_int_equal(ledger_append(&f->l, &f->w, i, 1), ERR_DENIED);
	assert_int_equal(ledger_append(&f->l, &f->w, 0, 1), 0);
	assert_int_equal(ledger_append(&f->l, &f->w, i, 1), ERR_DENIED);
	commit(f);
	assert_int_equal(roster_feed_count(store_roster(f->l.s)), 1);
	free(charter.p);
}

static void addresses_are_known_at_once(void **state)
{
	struct fixture *f = *state;
	char out[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	uint8_t list[64];
	struct record rec;
	struct wr w;
	size_t n;

	wr_init(&w, list, sizeof(list));
	wr_array(&w, 1);
	wr_text(&w, "tcp://hub.example:4000", 22);
	assert_int_equal(wr_end(&w, &n), 0);
	record_init(&rec, KIND_ADDRESS);
	record_set_bytes(&rec, FACT_ADDRESSES, list, n);
	world_record(&f->w, 0, &rec);
	begin(f);
	assert_int_equal(ledger_append_all(&f->l, &f->w, 0), 0);
	assert_int_equal(
		roster_addresses(store_roster(f->l.s), &f->w.who[0].feed, out),
		1);
	assert_string_equal(out[0], "tcp://hub.example:4000");
	store_abort(f->l.s);
	assert_int_equal(
		roster_addresses(store_roster(f->l.s), &f->w.who[0].feed, out),
		0);
}

/* Another process appends what it is told to. */
static void append_elsewhere(struct fixture *f, size_t i)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct ledger l = f->l;

		if (ledger_open(&l, STORE_WRITE) != 0 ||
		    store_begin(l.s) != 0 ||
		    ledger_append_all(&l, &f->w, i) != 0 ||
		    store_commit(l.s) != 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int go_between(void *arg, const struct head *head)
{
	(void)head;
	append_elsewhere(arg, 0);
	return 0;
}

static void what_another_writer_did_is_noticed(void **state)
{
	struct fixture *f = *state;
	size_t maker;
	struct head head;

	world_produce(&f->w, 0, 1, "visor/v30");
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
	maker = world_member(&f->w, ROLE_MAKER);
	world_produce(&f->w, 0, 1, "visor/v30");
	/* A reader that looks on keeps seeing its own moment. */
	assert_int_equal(store_heads(f->l.s, go_between, f), 0);
	assert_null(
		roster_member(store_roster(f->l.s), &f->w.who[maker].identity));
	world_produce(&f->w, 0, 1, "visor/v30");
	begin(f);
	assert_non_null(
		roster_member(store_roster(f->l.s), &f->w.who[maker].identity));
	assert_int_equal(ledger_append_all(&f->l, &f->w, 0), 0);
	assert_int_equal(ledger_append_all(&f->l, &f->w, maker), 0);
	commit(f);
	assert_int_equal(store_head(f->l.s, &f->w.who[0].feed, &head), 0);
	assert_int_equal(head.seq, f->w.who[0].seq);
	assert_int_equal(
		ledger_figure(&f->l, &f->w, 0, "visor/v30", COL_PRODUCED), 3);
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(what_went_in_comes_out),
		FRESH(what_is_not_there_is_not_found),
		FRESH(the_chain_is_checked),
		FRESH(a_feed_of_another_network_does_not_follow),
		FRESH(a_fork_is_a_conflict_and_changes_nothing),
		FRESH(strangers_wait_outside),
		FRESH(a_feed_begins_with_open),
		FRESH(an_open_needs_its_certificate),
		FRESH(a_certificate_is_not_verified_twice),
		FRESH(the_own_feed_may_wait_for_its_admission),
		FRESH(nothing_is_appended_outside_a_batch),
		FRESH(abort_leaves_what_was),
		FRESH(heads_come_in_order_of_feeds),
		FRESH(what_moved_since_is_at_the_end),
		FRESH(a_cursor_taken_within_a_batch_stays_valid),
		FRESH(arrivals_within_a_visit_of_a_batch_are_refused),
		FRESH(runs_of_entries),
		FRESH(ids_are_found_by_their_beginning),
		FRESH(feeds_are_found_by_their_beginning),
		FRESH(attestations_are_not_indexed),
		FRESH(reads_inside_a_batch_see_it),
		FRESH(many_feeds_survive_a_reopening),
		FRESH(a_charter_does_not_let_a_stranger_in),
		FRESH(addresses_are_known_at_once),
		FRESH(what_another_writer_did_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
