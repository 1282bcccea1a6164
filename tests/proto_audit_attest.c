#include "proto/audit/audit.h"

#include "crypto/bytes.h"
#include "proto/attest/witness.h"
#include "tests/attest_world.h"
#include "tests/unit.h"

/* One audit with what it borrows. */
struct audited {
	struct audit_scan scan[WORLD_PEOPLE];
	size_t n;
	struct audit *audit;
};

static int by_feed(const void *a, const void *b)
{
	return pubkey_cmp(&((const struct audit_scan *)a)->feed,
			  &((const struct audit_scan *)b)->feed);
}

/* Without the last `less` entries of person `without`. */
static void audit_without(struct audited *x, const struct world *w,
			  size_t without, uint64_t less)
{
	memset(x, 0, sizeof(*x));
	for (size_t i = 0; i < w->n; i++) {
		struct audit_scan *s = &x->scan[x->n++];
		uint64_t end = w->who[i].seq - (i == without ? less : 0);

		scan_init(s, &w->who[i].feed, &w->network, false);
		for (uint64_t k = 0; k < end; k++)
			assert_int_equal(scan_entry(s, w->who[i].entries[k].p,
						    w->who[i].entries[k].n),
					 0);
		assert_int_equal(scan_end(s), 0);
	}
	qsort(x->scan, x->n, sizeof(x->scan[0]), by_feed);
	assert_int_equal(audit_open(&x->audit, &w->network, x->scan, x->n), 0);
}

static void audited_release(struct audited *x)
{
	audit_close(x->audit);
	for (size_t i = 0; i < x->n; i++)
		scan_release(&x->scan[i]);
}

/* The hub (0), a maker (1), a hospital (2), an auditor (3), and one honest
 * checkpoint that both have cosigned. */
static void make_honest(struct world *w)
{
	struct treehead h;

	world_found(w);
	world_member(w, ROLE_MAKER);
	world_member(w, ROLE_RECIPIENT);
	world_member(w, ROLE_AUDITOR);
	world_produce(w, 1, 60, "visor/v30");
	attest_up_to(w, 0, 0, w->who[0].seq);
	attest_up_to(w, 0, 1, 2);
	h = checkpoint_now(w, 0);
	cosign_now(w, 2, &h, 1586908800);
	cosign_now(w, 3, &h, 1586909900);
	world_produce(w, 1, 5, "visor/v30");
	attest_up_to(w, 0, 1, 3);
}

/* Signed by the hub, whatever it says. */
static void say_head(struct world *w, const struct treehead *h)
{
	struct sig sig;

	treehead_sign(&sig, h, w->who[0].node_key);
	say_checkpoint(w, 0, h, &sig);
}

static void another_root(struct world *w)
{
	struct treehead h = head_now(w, 0);

	h.root.b[7] ^= 1;
	say_head(w, &h);
}

static void another_size(struct world *w)
{
	struct treehead h = head_now(w, 0);

	h.size++;
	say_head(w, &h);
}

static void another_signature(struct world *w)
{
	struct treehead h = head_now(w, 0);
	struct sig sig;

	treehead_sign(&sig, &h, w->who[1].node_key);
	say_checkpoint(w, 0, &h, &sig);
}

static void two_roots(struct world *w)
{
	struct treehead h = checkpoint_now(w, 0);

	h.root.b[7] ^= 1;
	say_head(w, &h);
}

static void a_smaller_one(struct world *w)
{
	struct treehead h = head_now(w, 0);

	checkpoint_now(w, 0);
	h.size = 1;
	say_head(w, &h);
}

/* The hospital was shown what nobody else was. */
static void another_view(struct world *w)
{
	struct treehead h = checkpoint_now(w, 0);

	h.root.b[7] ^= 1;
	cosign_now(w, 2, &h, 1586910000);
}

/* The same, at a size that no checkpoint here has. */
static void another_view_between(struct world *w)
{
	struct treehead h = head_now(w, 0);

	h.size = 2;
	cosign_now(w, 2, &h, 1586910000);
}

/* Two witnesses of a tree of which nothing is here. */
static void two_views_of(struct world *w, struct treehead h)
{
	cosign_now(w, 2, &h, 1586910000);
	h.root.b[7] ^= 1;
	cosign_now(w, 3, &h, 1586910001);
}

/* At a size beyond all that the hub has said. */
static void two_views_beyond(struct world *w)
{
	struct treehead h = head_now(w, 0);

	h.size += 100;
	two_views_of(w, h);
}

static void one_view_beyond(struct world *w)
{
	struct treehead h = head_now(w, 0);

	h.size += 100;
	cosign_now(w, 2, &h, 1586910000);
	cosign_now(w, 3, &h, 1586910001);
	h.size++;
	h.root.b[7] ^= 1;
	cosign_now(w, 2, &h, 1586910002);
}

static void two_views_of_somebody_absent(struct world *w)
{
	struct treehead h = head_now(w, 0);

	memset(h.feed.b, 7, KEY_SIZE);
	two_views_of(w, h);
}

static void nothing(struct world *w)
{
	checkpoint_now(w, 0);
}

static void a_made_up_cosignature(struct world *w)
{
	struct cosigned c = { .time_s = 1586910000 };

	c.head = checkpoint_now(w, 0);
	c.head.root.b[7] ^= 1;
	say_cosign(w, 2, &c);
}

static void each_fault_is_one_finding(void **state)
{
	static const struct {
		void (*make)(struct world *w);
		int code; /* -1: none */
		size_t proofs;
		const char *why;
	} rows[] = {
		{ nothing, -1, 0, "an honest one more" },
		{ a_made_up_cosignature, -1, 0, "accuses nobody" },
		{ another_root, LOG_04, 1, "another root" },
		{ another_size, LOG_04, 1, "another size" },
		{ another_signature, LOG_04, 1, "another key's signature" },
		{ two_roots, LOG_11, 2, "two roots at one size" },
		{ another_view, LOG_11, 2, "a witness saw another root" },
		{ another_view_between, LOG_11, 1, "and no checkpoint" },
		{ two_views_beyond, LOG_11, 2, "two witnesses, two roots" },
		{ one_view_beyond, -1, 0, "two sizes, two roots" },
		{ a_smaller_one, LOG_12, 2, "a rollback" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct audited x;
		struct world w;

		make_honest(&w);
		rows[i].make(&w);
		audit_without(&x, &w, 0, 0);
		if (x.audit->findings.n != (rows[i].code < 0 ? 0 : 1))
			fail_msg("%s: %zu findings", rows[i].why,
				 x.audit->findings.n);
		if (rows[i].code >= 0) {
			const struct finding *f = &x.audit->findings.at[0];

			assert_int_equal(f->code, rows[i].code);
			assert_int_equal(f->proofs, rows[i].proofs);
			assert_string_equal(f->who, "hub");
		}
		audited_release(&x);
		world_release(&w);
	}
}

static void a_tree_that_is_not_here_at_all_is_spoken_of_in_two_ways(
	void **state)
{
	char subject[HEX_SIZE(KEY_SIZE)];
	struct audited x;
	struct world w;

	(void)state;
	make_honest(&w);
	two_views_of_somebody_absent(&w);
	audit_without(&x, &w, 0, 0);
	assert_int_equal(x.audit->findings.n, 1);
	assert_int_equal(x.audit->findings.at[0].code, LOG_11);
	assert_int_equal(x.audit->findings.at[0].proofs, 2);
	hex_encode(subject, (const uint8_t[KEY_SIZE]){ 0 }, KEY_SIZE);
	for (size_t i = 1; i < 2 * KEY_SIZE; i += 2)
		subject[i] = '7';
	assert_string_equal(x.audit->findings.at[0].subject, subject);
	audited_release(&x);
	world_release(&w);
}

static void what_is_not_here_is_counted_and_accuses_nobody(void **state)
{
	struct audited x;
	struct world w;

	(void)state;
	make_honest(&w);
	checkpoint_now(&w, 0);
	audit_without(&x, &w, 1, 1);
	assert_int_equal(x.audit->findings.n, 0);
	assert_int_equal(x.audit->attested.checkpoints, 2);
	assert_int_equal(x.audit->attested.unchecked, 1);
	assert_int_equal(x.audit->attested.cosignatures, 2);
	audited_release(&x);
	world_release(&w);
}

/* The world's quorum is 1: the newest word of anybody who may say so. */
static void the_time_is_what_a_quorum_said_last(void **state)
{
	struct treehead h;
	struct audited x;
	struct world w;

	(void)state;
	make_honest(&w);
	h = head_now(&w, 0);
	cosign_now(&w, 1, &h, 1599999999); /* a maker is no witness */
	cosign_now(&w, 2, &h, 4102444800); /* nor is a clock of 2100 */
	audit_without(&x, &w, 0, 0);
	assert_true(x.audit->attested.has_time);
	assert_int_equal(x.audit->attested.time_ms, 1586909900000);
	audited_release(&x);
	audit_without(&x, &w, 3, 1);
	assert_int_equal(x.audit->attested.time_ms, 1586908800000);
	audited_release(&x);
	world_release(&w);
}

static void each_member_has_one_vote(void **state)
{
	static const struct {
		unsigned quorum;
		bool has;
		uint64_t by, since;
		const char *why;
	} rows[] = {
		{ 0, true, 10, 40, "as a quorum of one" },
		{ 1, true, 10, 40, "the first; the newest" },
		{ 2, true, 20, 30, "two members" },
		{ 3, true, 25, 25, "all three" },
		{ 4, false, 0, 0, "more than there are" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct witnessed w[] = {
			{ { { 1 } }, 10 }, { { { 1 } }, 40 }, { { { 2 } }, 20 },
			{ { { 2 } }, 30 }, { { { 3 } }, 25 },
		};
		uint64_t t = 0;

		assert_int_equal(witnessed_by(&t, w, 5, rows[i].quorum),
				 rows[i].has);
		assert_int_equal(t, rows[i].by);
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct witnessed w[] = {
			{ { { 3 } }, 25 }, { { { 1 } }, 40 }, { { { 2 } }, 30 },
			{ { { 2 } }, 20 }, { { { 1 } }, 10 },
		};
		uint64_t t = 0;

		assert_int_equal(witnessed_since(&t, w, 5, rows[i].quorum),
				 rows[i].has);
		assert_int_equal(t, rows[i].since);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(each_fault_is_one_finding),
		UNIT(a_tree_that_is_not_here_at_all_is_spoken_of_in_two_ways),
		UNIT(what_is_not_here_is_counted_and_accuses_nobody),
		UNIT(the_time_is_what_a_quorum_said_last),
		UNIT(each_member_has_one_vote),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
