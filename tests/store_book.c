#include "store/book.h"

#include "crypto/err.h"
#include "proto/wr.h"
#include "tests/ledger_totals.h"
#include "tests/unit.h"

/* A hub (0), a maker (1), a hospital (2) and a maker (3). */
enum { HUB, MAKER, HOSPITAL, OTHER };

#define VISOR "visor/v30"

struct fixture {
	struct world w;
	struct ledger l;
};

static int setup(void **state)
{
	static struct fixture f;

	world_found(&f.w);
	ledger_found(&f.l, &f.w);
	world_member(&f.w, ROLE_MAKER);
	world_member(&f.w, ROLE_RECIPIENT);
	world_member(&f.w, ROLE_MAKER);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ledger_check_totals(&f->l);
	ledger_release(&f->l);
	world_release(&f->w);
	return 0;
}

static void fill(struct fixture *f)
{
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
}

/* Append one feed as far as it goes, in a batch of its own. */
static void bring(struct fixture *f, size_t i)
{
	assert_int_equal(store_begin(f->l.s), 0);
	assert_int_equal(ledger_append_all(&f->l, &f->w, i), 0);
	assert_int_equal(store_commit(f->l.s), 0);
}

static int64_t figure(struct fixture *f, size_t i, enum column col)
{
	return ledger_figure(&f->l, &f->w, i, VISOR, col);
}

struct totals {
	size_t n;
	int64_t col[COL_COUNT];
};

static int note_total(void *arg, const char *item, size_t item_n,
		      const int64_t col[static COL_COUNT])
{
	struct totals *t = arg;

	(void)item, (void)item_n;
	t->n++;
	memcpy(t->col, col, sizeof(t->col));
	return 0;
}

static int64_t total(struct fixture *f, enum column col)
{
	struct totals t = { 0 };

	assert_int_equal(store_totals(f->l.s, note_total, &t), 0);
	assert_true(t.n <= 1);
	return t.col[col];
}

static void what_is_made_is_on_hand(void **state)
{
	struct fixture *f = *state;

	world_produce(&f->w, MAKER, 48, VISOR);
	world_produce(&f->w, OTHER, 2, VISOR);
	fill(f);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 48);
	assert_int_equal(figure(f, MAKER, COL_ON_HAND), 48);
	assert_int_equal(figure(f, OTHER, COL_ON_HAND), 2);
	assert_int_equal(total(f, COL_PRODUCED), 50);
}

static void a_receipt_may_come_before_its_delivery(void **state)
{
	struct fixture *f = *state;
	struct id d = world_deliver(&f->w, MAKER, HOSPITAL, 50, VISOR, true);

	world_receive(&f->w, HOSPITAL, &d, 48, VISOR);
	bring(f, HUB);
	bring(f, HOSPITAL);
	assert_int_equal(total(f, COL_ACK_A), 0);
	bring(f, MAKER);
	assert_int_equal(figure(f, MAKER, COL_DELIVERED), 50);
	assert_int_equal(figure(f, MAKER, COL_ACK_A), 48);
	assert_int_equal(figure(f, MAKER, COL_IN_TRANSIT), 2);
	assert_int_equal(figure(f, MAKER, COL_ON_HAND), -50);
}

static void goods_that_move_on_change_shelves(void **state)
{
	struct fixture *f = *state;
	struct id d = world_deliver(&f->w, MAKER, OTHER, 10, VISOR, false);

	fill(f);
	assert_int_equal(figure(f, OTHER, COL_ON_HAND), 0);
	world_receive(&f->w, OTHER, &d, 10, VISOR);
	bring(f, OTHER);
	assert_int_equal(figure(f, OTHER, COL_ON_HAND), 10);
	assert_int_equal(figure(f, MAKER, COL_HANDED), 10);
	assert_int_equal(total(f, COL_ON_HAND), 0);
	assert_int_equal(total(f, COL_DELIVERED), 0);
}

/* Sums and ranks without a roster, which comes when it is asked for. */
static void totals_need_no_roster(void **state)
{
	struct fixture *f = *state;
	struct rank_row row;
	struct totals t = { 0 };
	size_t twin = world_stranger(&f->w);

	world_admit(&f->w, HUB, twin, ROLE_MAKER, false);
	world_produce(&f->w, MAKER, 48, VISOR);
	fill(f);
	ledger_close(&f->l);
	assert_int_equal(ledger_open(&f->l, STORE_GLANCE), 0);
	assert_null(store_roster(f->l.s));
	assert_int_equal(total(f, COL_PRODUCED), 48);
	assert_int_equal(store_totals_of(f->l.s, TOTAL_UNDER,
					 &f->w.who[HUB].identity, note_total,
					 &t),
			 0);
	assert_int_equal(t.col[COL_PRODUCED], 48);
	assert_int_equal(store_rank_named(f->l.s, &row, "p1"), 0);
	assert_true(pubkey_eq(&row.identity, &f->w.who[MAKER].identity));
	assert_int_equal(row.role, ROLE_MAKER);
	assert_int_equal(store_rank_named(f->l.s, &row, "p"), ERR_NOT_FOUND);
	assert_int_equal(store_rank_named(f->l.s, &row, ""), ERR_NOT_FOUND);
	assert_int_equal(store_begin(f->l.s), ERR_STATE);
	assert_int_equal(store_refresh(f->l.s), 0);
	assert_non_null(
		roster_member(store_roster(f->l.s), &f->w.who[MAKER].identity));
}

/* The hub admits somebody whose label another has. */
static void a_label_of_two_names_nobody(void **state)
{
	struct fixture *f = *state;
	struct rank_row row;
	struct record rec;
	size_t twin;

	fill(f);
	twin = world_stranger(&f->w);
	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, f->w.who[twin].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, ROLE_MAKER);
	record_set_bytes(&rec, FACT_LABEL, "p1", 2);
	record_set_bytes(&rec, FACT_PLACE, "FR-88", 5);
	world_record(&f->w, HUB, &rec);
	assert_int_equal(store_rank_named(f->l.s, &row, "p1"), 0);
	bring(f, HUB);
	assert_int_equal(store_rank_named(f->l.s, &row, "p1"), ERR_EXISTS);
	assert_int_equal(store_rank(f->l.s, &row, &f->w.who[twin].identity), 0);
	assert_string_equal(row.label, "p1");
}

static struct id withdraw(struct fixture *f, size_t who, const struct id *what)
{
	struct record rec;

	record_init(&rec, KIND_CORRECT);
	record_set_bytes(&rec, FACT_TARGET, what->b, ID_SIZE);
	record_set_uint(&rec, FACT_WHY, WHY_DID_NOT_OCCUR);
	return world_record(&f->w, who, &rec);
}

static void a_correction_takes_back_and_leaves_no_row(void **state)
{
	struct fixture *f = *state;
	struct totals t = { 0 };
	struct id p = world_produce(&f->w, MAKER, 48, VISOR);

	fill(f);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 48);
	withdraw(f, MAKER, &p);
	bring(f, MAKER);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 0);
	assert_int_equal(store_totals(f->l.s, note_total, &t), 0);
	assert_int_equal(t.n, 0);
}

static struct id produce_for(struct fixture *f, size_t who, uint64_t qty,
			     uint8_t key, uint8_t outsider)
{
	uint8_t tag[TAG_SIZE] = { key }, handle[TAG_SIZE] = { outsider };
	struct record rec;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, qty, VISOR);
	if (key != 0)
		record_set_bytes(&rec, FACT_KEY, tag, TAG_SIZE);
	if (outsider != 0)
		record_set_bytes(&rec, FACT_FOR, handle, TAG_SIZE);
	return world_record(&f->w, who, &rec);
}

/* A second node of a member, opened. */
static size_t second_node(struct fixture *f, size_t of)
{
	size_t i = world_person(&f->w);
	struct who *who = &f->w.who[i];

	seckey_close(who->identity_key);
	who->identity_key = world_key(1, of);
	who->identity = f->w.who[of].identity;
	world_open_feed(&f->w, i, NULL);
	return i;
}

static void of_one_key_the_smallest_place_counts(void **state)
{
	struct fixture *f = *state;
	size_t node = second_node(f, MAKER), first = MAKER, last = node;
	struct tag key = { { 7 } };
	struct position at;

	if (pubkey_cmp(&f->w.who[node].feed, &f->w.who[MAKER].feed) < 0) {
		first = node;
		last = MAKER;
	}
	produce_for(f, first, 5, 7, 0);
	produce_for(f, first, 50, 7, 0);
	produce_for(f, last, 6, 7, 0);
	produce_for(f, last, 60, 7, 0);
	bring(f, HUB);
	bring(f, last);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 6);
	assert_int_equal(
		store_key_find(f->l.s, &f->w.who[MAKER].identity, &key, &at),
		0);
	assert_true(pubkey_eq(&at.feed, &f->w.who[last].feed));
	bring(f, first);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 5);
	assert_int_equal(
		store_key_find(f->l.s, &f->w.who[MAKER].identity, &key, &at),
		0);
	assert_true(pubkey_eq(&at.feed, &f->w.who[first].feed));
	assert_int_equal(at.seq, 2);
	assert_int_equal(
		store_key_find(f->l.s, &f->w.who[OTHER].identity, &key, &at),
		ERR_NOT_FOUND);
}

static void members_do_not_share_keys(void **state)
{
	struct fixture *f = *state;

	produce_for(f, MAKER, 5, 7, 0);
	produce_for(f, OTHER, 6, 7, 0);
	fill(f);
	assert_int_equal(total(f, COL_PRODUCED), 11);
}

static void a_key_is_found_before_its_author_counts(void **state)
{
	struct fixture *f = *state;
	size_t own = world_stranger(&f->w);
	struct tag key = { { 7 } };
	struct position at;

	produce_for(f, own, 5, 7, 0);
	assert_int_equal(store_begin(f->l.s), 0);
	assert_int_equal(store_set_own(f->l.s, &f->w.who[own].feed), 0);
	assert_int_equal(ledger_append_all(&f->l, &f->w, own), 0);
	assert_int_equal(
		store_key_find(f->l.s, &f->w.who[own].identity, &key, &at), 0);
	assert_int_equal(at.seq, 2);
	assert_true(id_eq(&at.id, &f->w.who[own].tip));
	assert_int_equal(store_commit(f->l.s), 0);
}

static void outsiders_have_rows_of_their_own(void **state)
{
	struct fixture *f = *state;
	struct holder h = { .member = f->w.who[MAKER].identity,
			    .outsider = { { 9 } } };
	int64_t col[COL_COUNT];

	produce_for(f, MAKER, 5, 0, 0);
	produce_for(f, MAKER, 6, 0, 9);
	fill(f);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 5);
	assert_int_equal(store_balance(f->l.s, &h, VISOR, 9, col), 0);
	assert_int_equal(col[COL_PRODUCED], 6);
	assert_int_equal(store_balance(f->l.s, &h, "visor", 5, col), 0);
	assert_int_equal(col[COL_PRODUCED], 0);
	assert_int_equal(store_balance(f->l.s, &h, "", 0, col), ERR_LIMIT);
	assert_int_equal(total(f, COL_PRODUCED), 11);
}

static int count_rows(void *arg, const struct holder *holder, const char *item,
		      size_t item_n, const int64_t col[static COL_COUNT])
{
	(void)holder, (void)item, (void)item_n, (void)col;
	return ++*(int *)arg == 2 ? 5 : 0;
}

static void balances_are_listed_by_member(void **state)
{
	struct fixture *f = *state;
	int n = 0;

	produce_for(f, MAKER, 5, 0, 0);
	produce_for(f, OTHER, 5, 0, 0);
	produce_for(f, MAKER, 6, 0, 9);
	fill(f);
	assert_int_equal(store_balances_of(f->l.s, &f->w.who[OTHER].identity,
					   count_rows, &n),
			 0);
	assert_int_equal(n, 1);
	n = 0;
	assert_int_equal(store_balances_of(f->l.s, &f->w.who[HUB].identity,
					   count_rows, &n),
			 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_balances(f->l.s, count_rows, &n), 5);
	assert_int_equal(n, 2);
}

static struct id id_at(const struct who *who, uint64_t seq)
{
	const struct bytes *b = &who->entries[seq - 1];

	return hash_id(b->p, b->n);
}

static void put_pin(struct record *rec, const struct who *who, uint64_t seq,
		    struct id id, enum fact f)
{
	static uint8_t buf[128];
	struct wr w;
	size_t n;

	wr_init(&w, buf, sizeof(buf));
	if (f == FACT_PINS)
		wr_array(&w, 1);
	wr_array(&w, 3);
	wr_bin(&w, who->feed.b, KEY_SIZE);
	wr_uint(&w, seq);
	wr_bin(&w, id.b, ID_SIZE);
	assert_int_equal(wr_end(&w, &n), 0);
	record_set_bytes(rec, f, buf, n);
}

/* The hub dismisses the maker, whom it admitted with `admit`. */
static void dismiss(struct fixture *f, const struct id *admit, uint64_t pin,
		    struct id pin_id)
{
	uint8_t ids[64];
	struct record rec;
	struct wr w;
	size_t n;

	wr_init(&w, ids, sizeof(ids));
	wr_array(&w, 1);
	wr_bin(&w, admit->b, ID_SIZE);
	assert_int_equal(wr_end(&w, &n), 0);
	record_init(&rec, KIND_DISMISS);
	record_set_bytes(&rec, FACT_WHO, f->w.who[MAKER].identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_ADMITS, ids, n);
	if (pin != 0)
		put_pin(&rec, &f->w.who[MAKER], pin, pin_id, FACT_PINS);
	world_record(&f->w, HUB, &rec);
}

static void a_dismissal_counts_up_to_its_pin(void **state)
{
	struct fixture *f = *state;
	struct id admit = id_at(&f->w.who[HUB], 2);
	struct head head;
	struct record rec;

	world_produce(&f->w, MAKER, 1, VISOR);
	world_produce(&f->w, MAKER, 10, VISOR);
	world_produce(&f->w, MAKER, 100, VISOR);
	fill(f);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 111);
	dismiss(f, &admit, 2, id_at(&f->w.who[MAKER], 2));
	fill(f);
	assert_int_equal(store_head(f->l.s, &f->w.who[MAKER].feed, &head), 0);
	assert_int_equal(head.seq, 4);
	assert_int_equal(head.counted, 2);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 1);
	record_init(&rec, KIND_RELEASE);
	record_set_bytes(&rec, FACT_WHO, f->w.who[MAKER].identity.b, KEY_SIZE);
	put_pin(&rec, &f->w.who[MAKER], 3, id_at(&f->w.who[MAKER], 3),
		FACT_POSITION);
	world_record(&f->w, HUB, &rec);
	fill(f);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 11);
	assert_int_equal(total(f, COL_PRODUCED), 11);
}

static void a_pin_on_another_chain_counts_nothing(void **state)
{
	struct fixture *f = *state;
	struct id admit = id_at(&f->w.who[HUB], 2);
	struct id other = { { 1 } };
	struct head head;

	world_produce(&f->w, MAKER, 1, VISOR);
	dismiss(f, &admit, 3, other);
	fill(f);
	/* What is held does not reach the pin yet, and may lead to it. */
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 1);
	world_produce(&f->w, MAKER, 10, VISOR);
	bring(f, MAKER);
	assert_int_equal(figure(f, MAKER, COL_PRODUCED), 0);
	world_produce(&f->w, MAKER, 100, VISOR);
	bring(f, MAKER);
	assert_int_equal(store_head(f->l.s, &f->w.who[MAKER].feed, &head), 0);
	assert_int_equal(head.counted, 0);
	assert_int_equal(total(f, COL_PRODUCED), 0);
}

static void admission_counts_from_the_first_entry(void **state)
{
	struct fixture *f = *state;
	size_t late = world_stranger(&f->w);

	world_produce(&f->w, late, 5, VISOR);
	assert_int_equal(store_begin(f->l.s), 0);
	assert_int_equal(store_set_own(f->l.s, &f->w.who[late].feed), 0);
	assert_int_equal(store_commit(f->l.s), 0);
	fill(f);
	assert_int_equal(total(f, COL_PRODUCED), 0);
	world_admit(&f->w, HUB, late, ROLE_MAKER, false);
	bring(f, HUB);
	assert_int_equal(total(f, COL_PRODUCED), 5);
}

/* Person 4 is an association and admits the hospital 5, so what it delivers
 * there is its own word, until the hub vouches for the hospital too. */
static void an_admission_regrades_what_was_received(void **state)
{
	struct fixture *f = *state;
	size_t maker = world_stranger(&f->w), clinic;
	struct id d;

	world_admit(&f->w, HUB, maker, ROLE_ASSOCIATION, true);
	clinic = world_stranger(&f->w);
	world_admit(&f->w, maker, clinic, ROLE_RECIPIENT, false);
	d = world_deliver(&f->w, maker, clinic, 50, VISOR, true);
	world_receive(&f->w, clinic, &d, 48, VISOR);
	fill(f);
	assert_int_equal(figure(f, maker, COL_ACK_A), 0);
	assert_int_equal(figure(f, maker, COL_CLAIMED), 48);
	world_admit(&f->w, HUB, clinic, ROLE_RECIPIENT, false);
	bring(f, HUB);
	assert_int_equal(figure(f, maker, COL_ACK_A), 48);
	assert_int_equal(figure(f, maker, COL_CLAIMED), 0);
}

static int note_record(void *arg, const struct book_record *rec)
{
	struct book_record *out = arg;

	*out = *rec;
	return 0;
}

static void a_view_shows_what_counts(void **state)
{
	struct fixture *f = *state;
	struct id d = world_deliver(&f->w, MAKER, HOSPITAL, 50, VISOR, true);
	struct id none = { { 1 } };
	struct delivery how;
	struct book_record rec;
	struct book_view view;

	world_receive(&f->w, HOSPITAL, &d, 48, VISOR);
	fill(f);
	assert_int_equal(store_view_open(f->l.s, &view), 0);
	assert_int_equal(book_delivery(&view, &how, &d), 0);
	assert_int_equal(how.n, 1);
	assert_int_equal(how.accepted[0], 48);
	assert_int_equal(view.get(view.cookie, &rec, &d), 0);
	assert_int_equal(rec.seq, 2);
	assert_true(pubkey_eq(&rec.author, &f->w.who[MAKER].identity));
	assert_int_equal(view.get(view.cookie, &rec, &none), ERR_NOT_FOUND);
	/* An entry that records nothing is no record. */
	assert_int_equal(view.get(view.cookie, &rec, &f->w.who[HUB].tip),
			 ERR_NOT_FOUND);
	assert_int_equal(
		store_record(f->l.s, &f->w.who[HOSPITAL].feed, 2, &rec), 0);
	assert_int_equal(rec.rec.kind, KIND_RECEIVE);
	assert_int_equal(
		store_record(f->l.s, &f->w.who[HOSPITAL].feed, 1, &rec),
		ERR_NOT_FOUND);
	assert_int_equal(
		store_record(f->l.s, &f->w.who[HOSPITAL].feed, 3, &rec),
		ERR_NOT_FOUND);
	memset(&rec, 0, sizeof(rec));
	assert_int_equal(
		view.refs(view.cookie, &d, REF_DELIVER, note_record, &rec), 0);
	assert_int_equal(rec.rec.kind, KIND_RECEIVE);
	store_view_close(f->l.s);
}

static int spell(void *arg, const struct book_record *rec)
{
	const struct value *v = &rec->rec.v[FACT_ITEM];
	char *out = arg;

	snprintf(out + strlen(out), 100 - strlen(out), "%.*s ", (int)v->n,
		 (const char *)v->p);
	return 0;
}

static void items_are_listed_in_order(void **state)
{
	static const char *const items[] = { "visor/v30", "arm", "visor",
					     "visor/v3", "a.b" };
	struct fixture *f = *state;
	char out[100] = "";

	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		struct record rec;

		record_init(&rec, KIND_ITEM);
		record_set_bytes(&rec, FACT_ITEM, items[i], strlen(items[i]));
		world_record(&f->w, i % 2 == 0 ? HUB : MAKER, &rec);
	}
	fill(f);
	assert_int_equal(store_items(f->l.s, spell, out), 0);
	assert_string_equal(out, "a.b arm visor visor/v3 visor/v30 ");
}

static int count_records(void *arg, const struct book_record *rec)
{
	(void)rec;
	++*(int *)arg;
	return 0;
}

static void deliveries_are_found_by_addressee(void **state)
{
	struct fixture *f = *state;
	int n = 0;

	world_deliver(&f->w, MAKER, HOSPITAL, 50, VISOR, true);
	world_deliver(&f->w, MAKER, OTHER, 50, VISOR, false);
	world_deliver(&f->w, OTHER, HOSPITAL, 5, VISOR, true);
	world_produce(&f->w, HOSPITAL, 5, VISOR);
	fill(f);
	assert_int_equal(store_addressed(f->l.s, &f->w.who[HOSPITAL].identity,
					 count_records, &n),
			 0);
	assert_int_equal(n, 2);
	n = 0;
	assert_int_equal(store_addressed(f->l.s, &f->w.who[HUB].identity,
					 count_records, &n),
			 0);
	assert_int_equal(n, 0);
}

static void a_rebuild_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct id d = world_deliver(&f->w, MAKER, HOSPITAL, 50, VISOR, true);
	struct id before, after;

	world_receive(&f->w, HOSPITAL, &d, 48, VISOR);
	produce_for(f, MAKER, 5, 7, 0);
	produce_for(f, MAKER, 6, 7, 3);
	fill(f);
	before = ledger_books(&f->l);
	assert_int_equal(store_book_rebuild(f->l.s), ERR_STATE);
	assert_int_equal(store_begin(f->l.s), 0);
	assert_int_equal(store_book_rebuild(f->l.s), 0);
	assert_int_equal(store_commit(f->l.s), 0);
	after = ledger_books(&f->l);
	assert_true(id_eq(&before, &after));
}

static void balances_inside_a_batch_are_as_of_the_last_settle(void **state)
{
	struct fixture *f = *state;

	world_produce(&f->w, HUB, 5, VISOR);
	assert_int_equal(store_begin(f->l.s), 0);
	assert_int_equal(ledger_append_all(&f->l, &f->w, HUB), 0);
	assert_int_equal(figure(f, HUB, COL_PRODUCED), 0);
	assert_int_equal(store_settle(f->l.s), 0);
	assert_int_equal(figure(f, HUB, COL_PRODUCED), 5);
	store_abort(f->l.s);
	assert_int_equal(figure(f, HUB, COL_PRODUCED), 0);
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(what_is_made_is_on_hand),
		FRESH(totals_need_no_roster),
		FRESH(a_label_of_two_names_nobody),
		FRESH(a_receipt_may_come_before_its_delivery),
		FRESH(goods_that_move_on_change_shelves),
		FRESH(a_correction_takes_back_and_leaves_no_row),
		FRESH(of_one_key_the_smallest_place_counts),
		FRESH(members_do_not_share_keys),
		FRESH(a_key_is_found_before_its_author_counts),
		FRESH(outsiders_have_rows_of_their_own),
		FRESH(balances_are_listed_by_member),
		FRESH(a_dismissal_counts_up_to_its_pin),
		FRESH(a_pin_on_another_chain_counts_nothing),
		FRESH(admission_counts_from_the_first_entry),
		FRESH(an_admission_regrades_what_was_received),
		FRESH(a_view_shows_what_counts),
		FRESH(items_are_listed_in_order),
		FRESH(deliveries_are_found_by_addressee),
		FRESH(a_rebuild_changes_nothing),
		FRESH(balances_inside_a_batch_are_as_of_the_last_settle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
