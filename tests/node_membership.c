#include "node/join/membership.h"

#include "crypto/err.h"
#include "node/join/ticket.h"
#include "node/join/waiting.h"
#include "node/net/contact.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"
#include "tests/homeworld.h"
#include "tests/unit.h"

/* A hub, and newcomers made one after the other. */
static struct home hub_home;
static struct keeper *hub;
static struct id network;
static int made;

static int begin(void **state)
{
	(void)state;
	homes_begin();
	home_found(&hub_home, &network, "hub");
	return keeper_open(&hub, &hub_home);
}

static int end(void **state)
{
	(void)state;
	keeper_close(hub);
	homes_end();
	return 0;
}

/* Who asks: a home, and what its JOIN says. */
struct asker {
	struct home home;
	struct keeper *k;
	struct session_peer peer;
	struct msg_join join;
	uint8_t entries[JOIN_ENTRIES];
};

static struct asker *asker_new(const struct invite *inv, const char *label)
{
	struct asker *a = calloc(1, sizeof(*a));
	char name[32];

	assert_non_null(a);
	snprintf(name, sizeof(name), "n%d", made++);
	home_newcomer(&a->home, &network, name);
	assert_int_equal(keeper_open(&a->k, &a->home), 0);
	a->peer.feed = a->k->feed;
	a->peer.identity = a->k->identity;
	a->peer.transport = a->k->transport.pub;
	assert_int_equal(membership_join(a->k, &a->join, a->entries, inv), 0);
	snprintf(a->join.label, sizeof(a->join.label), "%s", label);
	return a;
}

static void asker_close(struct asker *a)
{
	keeper_close(a->k);
	free(a);
}

static struct invite_wish wish_of(bool is_auto, uint32_t uses)
{
	struct invite_wish w = { .role = ROLE_COURIER,
				 .uses = uses,
				 .days = 7,
				 .is_auto = is_auto,
				 .addresses_n = 1 };

	snprintf(w.addresses[0], sizeof(w.addresses[0]), "tcp://hub:4787");
	return w;
}

static void invite(struct invite *inv, bool is_auto, uint32_t uses)
{
	struct invite_wish w = wish_of(is_auto, uses);
	char link[INVITE_SIZE];

	assert_int_equal(membership_invite(hub, link, &w, HOME_NOW_MS), 0);
	assert_int_equal(invite_decode(inv, link, strlen(link)), 0);
}

static enum joined ask(const struct asker *a, uint64_t now_ms)
{
	enum joined status = JOINED_STRANGER;

	assert_int_equal(
		membership_ask(hub, &status, &a->join, &a->peer, now_ms), 0);
	return status;
}

static const struct member *member_of(const struct asker *a)
{
	return roster_member(store_roster(hub->store), &a->peer.identity);
}

static void the_founder_stands_in_its_own_roster(void **state)
{
	const struct member *m =
		roster_member(store_roster(hub->store), &hub->identity);

	(void)state;
	assert_non_null(m);
	assert_int_equal(m->depth, 0);
	assert_int_equal(m->role, ROLE_ASSOCIATION);
	assert_true(m->may_admit);
}

static void a_ledger_begins_once_and_in_one_network(void **state)
{
	struct membership_start again = { .network = network,
					  .now_ms = HOME_NOW_MS + 5 };
	struct asker *a;
	struct invite inv;
	struct head head;

	(void)state;
	invite(&inv, true, 1);
	a = asker_new(&inv, "lea");
	keeper_close(a->k);
	assert_int_equal(membership_begin(&a->home, &again), 0);
	again.network.b[0] ^= 1;
	assert_int_equal(membership_begin(&a->home, &again), ERR_EXISTS);
	assert_int_equal(keeper_open(&a->k, &a->home), 0);
	assert_int_equal(store_head(a->k->store, &a->k->feed, &head), 0);
	assert_int_equal(head.seq, 1);
	asker_close(a);
}

static void an_invite_says_what_was_wished(void **state)
{
	struct invite inv;

	(void)state;
	invite(&inv, true, 3);
	assert_true(id_eq(&inv.network, &network));
	assert_memory_equal(&inv.transport, &hub->transport.pub,
			    sizeof(inv.transport));
	assert_int_equal(inv.role, ROLE_COURIER);
	assert_true(inv.is_auto);
	assert_int_equal(inv.expires_s, HOME_NOW + 7 * 24 * 3600);
	assert_string_equal(inv.label, "hub");
	assert_int_equal(inv.addresses_n, 1);
	assert_string_equal(inv.addresses[0], "tcp://hub:4787");
}

static void an_invite_has_its_limits(void **state)
{
	static const struct {
		uint32_t uses, days;
		size_t addresses;
		int err;
		const char *why;
	} rows[] = {
		{ 0, 7, 1, ERR_LIMIT, "no use" },
		{ 1, 7, 1, 0, "one use" },
		{ TICKET_USES - 1, 7, 1, 0, "many uses" },
		{ TICKET_USES, 7, 1, 0, "as many as go" },
		{ TICKET_USES + 1, 7, 1, ERR_LIMIT, "one too many" },
		{ 1, 0, 1, ERR_LIMIT, "no day" },
		{ 1, TICKET_DAYS - 1, 1, 0, "long" },
		{ 1, TICKET_DAYS, 1, 0, "as long as goes" },
		{ 1, TICKET_DAYS + 1, 1, ERR_LIMIT, "too long" },
		{ 1, 7, 0, ERR_NOT_FOUND, "no address known" },
		{ 1, 7, LIMIT_ADDRESSES, 0, "all addresses" },
		{ 1, 7, LIMIT_ADDRESSES + 1, ERR_LIMIT, "too many" },
	};
	char link[INVITE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct invite_wish w = wish_of(false, rows[i].uses);

		for (size_t j = 0; j < LIMIT_ADDRESSES; j++)
			snprintf(w.addresses[j], sizeof(w.addresses[j]),
				 "tcp://hub:%zu", j + 1);
		w.days = rows[i].days;
		w.addresses_n = rows[i].addresses;
		if (membership_invite(hub, link, &w, HOME_NOW_MS) !=
		    rows[i].err)
			fail_msg("%s", rows[i].why);
	}
}

static void who_may_not_admit_may_not_invite(void **state)
{
	struct invite_wish w = wish_of(false, 1);
	struct admit_wish who = { .has_role = false };
	char link[INVITE_SIZE];
	struct admitted out;
	struct invite inv;
	struct asker *a;

	(void)state;
	invite(&inv, false, 1);
	a = asker_new(&inv, "noone");
	assert_int_equal(membership_invite(a->k, link, &w, HOME_NOW_MS),
			 ERR_DENIED);
	who.who = hub->identity;
	assert_int_equal(membership_accept(a->k, &out, &who, HOME_NOW_MS),
			 ERR_DENIED);
	asker_close(a);
}

static void auto_admits_with_role_label_and_entries(void **state)
{
	const struct member *m;
	struct invite inv;
	struct asker *a;
	struct head head;

	(void)state;
	invite(&inv, true, 1);
	a = asker_new(&inv, "auto");
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_ADMITTED);
	m = member_of(a);
	assert_non_null(m);
	assert_int_equal(m->role, ROLE_COURIER);
	assert_string_equal(m->label, "auto");
	assert_string_equal(m->place, "FR-88");
	assert_false(m->may_admit);
	assert_int_equal(store_head(hub->store, &a->peer.feed, &head), 0);
	assert_int_equal(head.seq, 1);
	/* Asked again, it is in; no second admission is written. */
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_ADMITTED);
	asker_close(a);
}

static void auto_admits_nobody_by_personal_data(void **state)
{
	static const char *const names[] = { "auto@exemple.fr",
					     "Auto 06 12 34 56 78",
					     "FR1420041010050500013M02606" };
	struct invite inv;
	struct asker *a;

	(void)state;
	invite(&inv, true, 1);
	a = asker_new(&inv, "06.12.34.56.78");
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_PERSONAL);
	snprintf(a->join.label, sizeof(a->join.label), "impersonal");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(a->join.name, sizeof(a->join.name), "%s", names[i]);
		assert_int_equal(ask(a, HOME_NOW_MS), JOINED_PERSONAL);
		assert_null(member_of(a));
	}
	/* The invite is as good as before. */
	snprintf(a->join.name, sizeof(a->join.name), "Auto, 3 rue 12");
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_ADMITTED);
	asker_close(a);
}

static void every_answer_has_its_cause(void **state)
{
	uint64_t late_ms = HOME_NOW_MS + 7 * 86400000ULL;
	struct invite inv, once;
	struct asker *a, *b, *c;

	(void)state;
	invite(&once, true, 1);
	a = asker_new(&once, "first");
	b = asker_new(&once, "second");
	assert_int_equal(ask(a, late_ms + 1000), JOINED_EXPIRED);
	a->join.proof.b[3] ^= 1;
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_UNKNOWN);
	a->join.proof.b[3] ^= 1;
	a->join.invite[0] ^= 1;
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_UNKNOWN);
	a->join.invite[0] ^= 1;
	/* A proof that was overheard is of no use to another. */
	b->join.proof = a->join.proof;
	assert_int_equal(ask(b, HOME_NOW_MS), JOINED_UNKNOWN);
	/* To the very second. */
	assert_int_equal(ask(a, late_ms), JOINED_ADMITTED);
	b->join.proof = invite_proof(once.secret, &network, &b->peer.feed,
				     &b->peer.identity, &b->peer.transport);
	assert_int_equal(ask(b, HOME_NOW_MS), JOINED_USED);
	invite(&inv, false, 1);
	c = asker_new(&inv, "third");
	assert_int_equal(ask(c, HOME_NOW_MS), JOINED_WAITING);
	/* Who has asked in time may ask again, late as it is. */
	assert_int_equal(ask(c, late_ms + 1000), JOINED_WAITING);
	assert_null(member_of(b));
	assert_null(member_of(c));
	asker_close(a);
	asker_close(b);
	asker_close(c);
}

static int count_row(void *arg, const struct waiting *w)
{
	size_t *n = arg;

	(void)w;
	(*n)++;
	return 0;
}

static void who_waits_is_found_and_comes_in_with_its_entries(void **state)
{
	struct admit_wish wish = { .has_role = true,
				   .role = ROLE_TREASURER,
				   .may_admit = true };
	char print[FINGERPRINT_SIZE];
	char hex[HEX_SIZE(KEY_SIZE)];
	struct admitted out;
	struct pubkey found;
	struct invite inv;
	struct asker *a;
	struct head head;
	size_t before = 0, after = 0;

	(void)state;
	invite(&inv, false, 1);
	assert_int_equal(waiting_each(hub->store, count_row, &before), 0);
	a = asker_new(&inv, "patient");
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_WAITING);
	assert_int_equal(waiting_each(hub->store, count_row, &after), 0);
	assert_int_equal(after, before + 1);
	assert_int_equal(store_head(hub->store, &a->peer.feed, &head),
			 ERR_NOT_FOUND);
	fingerprint(print, &a->peer.identity);
	hex_encode(hex, a->peer.identity.b, KEY_SIZE);
	assert_int_equal(waiting_find(&found, hub->store, "patient"), 0);
	assert_int_equal(waiting_find(&found, hub->store, print), 0);
	assert_int_equal(waiting_find(&found, hub->store, hex), 0);
	hex[8] = '\0';
	assert_int_equal(waiting_find(&found, hub->store, hex), 0);
	assert_true(pubkey_eq(&found, &a->peer.identity));
	hex[7] = '\0';
	assert_int_equal(waiting_find(&found, hub->store, hex), ERR_NOT_FOUND);
	assert_int_equal(waiting_find(&found, hub->store, ""), ERR_NOT_FOUND);
	wish.who = found;
	assert_int_equal(membership_accept(hub, &out, &wish, HOME_NOW_MS), 0);
	assert_false(out.is_renamed);
	assert_int_equal(member_of(a)->role, ROLE_TREASURER);
	assert_true(member_of(a)->may_admit);
	assert_int_equal(store_head(hub->store, &a->peer.feed, &head), 0);
	assert_int_equal(waiting_find(&found, hub->store, print),
			 ERR_NOT_FOUND);
	/* Again, and nothing would change. */
	assert_int_equal(membership_accept(hub, &out, &wish, HOME_NOW_MS),
			 ERR_EXISTS);
	wish.may_admit = false;
	wish.role = ROLE_MAKER;
	assert_int_equal(membership_accept(hub, &out, &wish, HOME_NOW_MS), 0);
	assert_int_equal(member_of(a)->role, ROLE_MAKER);
	assert_false(member_of(a)->may_admit);
	wish.who.b[0] ^= 1;
	assert_int_equal(membership_accept(hub, &out, &wish, HOME_NOW_MS),
			 ERR_NOT_FOUND);
	asker_close(a);
}

static void a_label_that_is_taken_gets_a_suffix(void **state)
{
	static const struct {
		const char *wanted, *given;
	} rows[] = {
		{ "twin", "twin" },
		{ "twin", "twin-2" },
		{ "TWIN", "TWIN-3" },
		{ "twin-2", "twin-2-2" },
		{ "abcdefghijklmnopqrstuvwxyz012345",
		  "abcdefghijklmnopqrstuvwxyz012345" },
		{ "abcdefghijklmnopqrstuvwxyz012345",
		  "abcdefghijklmnopqrstuvwxyz0123-2" },
	};
	struct invite inv;

	(void)state;
	invite(&inv, true, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct asker *a = asker_new(&inv, rows[i].wanted);

		assert_int_equal(ask(a, HOME_NOW_MS), JOINED_ADMITTED);
		assert_string_equal(member_of(a)->label, rows[i].given);
		asker_close(a);
	}
}

/* The first entries are its own feed's; what is not is left out. */
static void entries_that_are_no_chain_are_left_out(void **state)
{
	struct invite inv;
	struct asker *a;
	struct head head;
	uint8_t *last;

	(void)state;
	invite(&inv, true, 2);
	a = asker_new(&inv, "broken");
	last = a->entries + a->join.entries.rd.n - 1;
	*last ^= 1; /* the signature of its only entry */
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_ADMITTED);
	assert_int_equal(store_head(hub->store, &a->peer.feed, &head),
			 ERR_NOT_FOUND);
	*last ^= 1;
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_ADMITTED);
	assert_int_equal(store_head(hub->store, &a->peer.feed, &head), 0);
	asker_close(a);
}

static void at_most_sixteen_entries_are_shown(void **state)
{
	struct record rec;
	uint8_t facts[64], line[32];
	struct recorded out;
	struct draft draft = { .kind = KIND_PRODUCE,
			       .time_ms = HOME_NOW_MS,
			       .facts = facts };
	struct line visor = { "visor", 5, 3 };
	struct invite inv;
	struct asker *a;
	size_t n;

	(void)state;
	invite(&inv, true, 1);
	a = asker_new(&inv, "busy");
	assert_int_equal(lines_encode(line, sizeof(line), &n, &visor, 1), 0);
	record_init(&rec, KIND_PRODUCE);
	record_set_bytes(&rec, FACT_LINES, line, n);
	assert_int_equal(
		record_encode(&rec, facts, sizeof(facts), &draft.facts_n), 0);
	for (uint32_t i = 2; i < LIMIT_PENDING + 4; i++) {
		assert_int_equal(keeper_record(a->k, &out, &draft, 1, NULL), 0);
		assert_int_equal(
			membership_join(a->k, &a->join, a->entries, &inv), 0);
		assert_int_equal(a->join.entries.count,
				 i < LIMIT_PENDING ? i : LIMIT_PENDING);
	}
	asker_close(a);
}

static void a_ticket_keeps_who_used_it(void **state)
{
	struct ticket t = { .role = ROLE_MAKER, .uses = 2, .expires_s = 5 };
	struct ticket back;
	uint8_t id[INVITE_ID];
	struct pubkey who[3];

	(void)state;
	memset(who, 0, sizeof(who));
	who[0].b[0] = 1;
	who[1].b[0] = 2;
	bytes_random(t.secret, sizeof(t.secret));
	invite_id(id, t.secret);
	assert_int_equal(ticket_get(&back, hub->store, id), ERR_NOT_FOUND);
	assert_int_equal(ticket_use(&t, &who[0]), 0);
	assert_int_equal(ticket_use(&t, &who[0]), 0);
	assert_int_equal(ticket_use(&t, &who[1]), 0);
	assert_int_equal(ticket_use(&t, &who[2]), ERR_LIMIT);
	assert_int_equal(ticket_use(&t, &who[1]), 0);
	assert_int_equal(ticket_put(&t, hub->store), 0);
	assert_int_equal(ticket_get(&back, hub->store, id), 0);
	assert_int_equal(back.used, 2);
	assert_int_equal(back.expires_s, 5);
	assert_true(ticket_was_used_by(&back, &who[0]));
	assert_true(ticket_was_used_by(&back, &who[1]));
	assert_false(ticket_was_used_by(&back, &who[2]));
}

static void a_ticket_of_a_damaged_row_is_refused(void **state)
{
	struct ticket t = { .uses = 1 };
	struct ticket back;
	uint8_t id[INVITE_ID], row[512];
	size_t n;

	(void)state;
	bytes_random(t.secret, sizeof(t.secret));
	invite_id(id, t.secret);
	assert_int_equal(ticket_put(&t, hub->store), 0);
	assert_int_equal(store_get(hub->store, TABLE_INVITES, id, sizeof(id),
				   row, sizeof(row), &n),
			 0);
	for (size_t cut = 0; cut < n; cut++) {
		assert_int_equal(store_put(hub->store, TABLE_INVITES, id,
					   sizeof(id), row, cut),
				 0);
		assert_int_equal(ticket_get(&back, hub->store, id), ERR_FORMAT);
	}
	row[1] = 2;
	assert_int_equal(
		store_put(hub->store, TABLE_INVITES, id, sizeof(id), row, n),
		0);
	assert_int_equal(ticket_get(&back, hub->store, id), ERR_VERSION);
}

static void a_damaged_row_of_who_waits_is_passed_over(void **state)
{
	static uint8_t row[65536];
	struct waiting w;
	struct invite inv;
	struct asker *a;
	void *room;
	size_t n, rows;

	(void)state;
	invite(&inv, false, 1);
	a = asker_new(&inv, "scratched");
	assert_int_equal(ask(a, HOME_NOW_MS), JOINED_WAITING);
	assert_int_equal(store_get(hub->store, TABLE_PENDING,
				   a->peer.identity.b, KEY_SIZE, row,
				   sizeof(row), &n),
			 0);
	for (size_t cut = 0; cut < n; cut += 7) {
		assert_int_equal(store_put(hub->store, TABLE_PENDING,
					   a->peer.identity.b, KEY_SIZE, row,
					   cut),
				 0);
		assert_int_equal(
			waiting_load(&w, &room, &a->peer.identity, hub->store),
			ERR_FORMAT);
		rows = 0;
		assert_int_equal(waiting_each(hub->store, count_row, &rows), 0);
	}
	assert_int_equal(waiting_del(&a->peer.identity, hub->store), 0);
	assert_int_equal(waiting_del(&a->peer.identity, hub->store), 0);
	assert_int_equal(waiting_load(&w, &room, &a->peer.identity, hub->store),
			 ERR_NOT_FOUND);
	asker_close(a);
}

static void an_unused_ledger_makes_way_and_comes_back(void **state)
{
	struct id other = network;
	struct membership_start start = { .network = network,
					  .now_ms = HOME_NOW_MS };
	struct head before, after;
	struct keeper *k;
	struct home h;

	(void)state;
	other.b[0] ^= 1;
	home_newcomer(&h, &network, "mover");
	assert_int_equal(keeper_open(&k, &h), 0);
	assert_int_equal(store_head(k->store, &k->feed, &before), 0);
	keeper_close(k);
	assert_int_equal(membership_switch(&h, &network), 0);
	assert_int_equal(membership_switch(&h, &other), 0);
	start.network = other;
	assert_int_equal(membership_begin(&h, &start), 0);
	assert_int_equal(membership_switch(&h, &network), 0);
	start.network = network;
	start.now_ms += 1000;
	assert_int_equal(membership_begin(&h, &start), 0);
	/* The same `open` as before, or the feed would fork at its root. */
	assert_int_equal(keeper_open(&k, &h), 0);
	assert_int_equal(store_head(k->store, &k->feed, &after), 0);
	assert_true(id_eq(&before.id, &after.id));
	keeper_close(k);
}

static void a_ledger_with_records_stays(void **state)
{
	struct id other = network;

	(void)state;
	other.b[0] ^= 1;
	assert_int_equal(membership_switch(&hub_home, &other), ERR_BUSY);
	keeper_close(hub);
	assert_int_equal(membership_switch(&hub_home, &other), ERR_EXISTS);
	assert_int_equal(membership_switch(&hub_home, &network), 0);
	assert_int_equal(keeper_open(&hub, &hub_home), 0);
}

static void a_link_is_kept_until_it_is_dropped(void **state)
{
	struct invite_wish w = wish_of(false, 1);
	char link[INVITE_SIZE];
	struct invite back;

	(void)state;
	assert_int_equal(membership_link(hub, &back), ERR_NOT_FOUND);
	assert_int_equal(membership_invite(hub, link, &w, HOME_NOW_MS), 0);
	assert_int_equal(membership_keep_link(hub, link), 0);
	assert_int_equal(membership_link(hub, &back), 0);
	assert_string_equal(back.addresses[0], "tcp://hub:4787");
	assert_int_equal(membership_drop_link(hub), 0);
	assert_int_equal(membership_drop_link(hub), 0);
	assert_int_equal(membership_link(hub, &back), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_founder_stands_in_its_own_roster),
		UNIT(a_ledger_begins_once_and_in_one_network),
		UNIT(an_invite_says_what_was_wished),
		UNIT(an_invite_has_its_limits),
		UNIT(who_may_not_admit_may_not_invite),
		UNIT(auto_admits_with_role_label_and_entries),
		UNIT(auto_admits_nobody_by_personal_data),
		UNIT(every_answer_has_its_cause),
		UNIT(who_waits_is_found_and_comes_in_with_its_entries),
		UNIT(a_label_that_is_taken_gets_a_suffix),
		UNIT(entries_that_are_no_chain_are_left_out),
		UNIT(at_most_sixteen_entries_are_shown),
		UNIT(a_ticket_keeps_who_used_it),
		UNIT(a_ticket_of_a_damaged_row_is_refused),
		UNIT(a_damaged_row_of_who_waits_is_passed_over),
		UNIT(an_unused_ledger_makes_way_and_comes_back),
		UNIT(a_ledger_with_records_stays),
		UNIT(a_link_is_kept_until_it_is_dropped),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
