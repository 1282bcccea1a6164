#include "node/text/party.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/recording.h"
#include "node/ctl/desk.h"
#include "node/text/form.h"
#include "node/text/labels.h"
#include "store/private.h"
#include "tests/home_world.h"
#include "tests/unit.h"

/* Person 0 is "hub" and runs the home; 1 and 2 are "p1" and "p2"; 3 has the
 * label of 1, which nobody can forbid; 4 has two nodes. */
static struct world world;
static struct home home;
static struct ctx ctx;
static struct desk desk;
static struct reason why;

static void admit_as(size_t who, const char *label)
{
	struct record rec;

	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, world.who[who].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, ROLE_MAKER);
	record_set_bytes(&rec, FACT_LABEL, label, strlen(label));
	record_set_bytes(&rec, FACT_PLACE, "FR-54", 5);
	world_record(&world, 0, &rec);
}

static int open_desk(void **state)
{
	struct keeper *k;
	size_t i;

	(void)state;
	world_found(&world);
	world_member(&world, ROLE_MAKER);
	world_member(&world, ROLE_RECIPIENT);
	i = world_stranger(&world);
	admit_as(i, "p1");
	i = world_stranger(&world);
	admit_as(i, "sophie");
	/* The second node of person 4, as a fifth of the same identity. */
	i = world_person(&world);
	seckey_close(world.who[i].identity_key);
	world.who[i].identity_key = world_key(1, i - 1);
	world.who[i].identity = world.who[i - 1].identity;
	world_open_feed(&world, i, NULL);
	world_produce(&world, 1, 5, "visor");
	home_world_make(&home, &world, 0);
	if (keeper_create(&k, &home) != 0)
		return -1;
	home_world_fill(k, &world, 0);
	keeper_close(k);
	ctx.home = home;
	ctx.now_ms = 1585699400000;
	return desk_open(&desk, &ctx);
}

static int close_desk(void **state)
{
	(void)state;
	desk_close(&desk);
	home_world_remove(&home);
	world_release(&world);
	return 0;
}

static int resolve(struct party *p, const char *text)
{
	why.text[0] = '\0';
	return party_resolve(p, desk_roster(&desk), &desk.member, text, &why);
}

static void a_label_or_the_start_of_a_key_is_a_member(void **state)
{
	char hex[HEX_SIZE(KEY_SIZE)];
	struct party p;

	(void)state;
	assert_int_equal(resolve(&p, "p2"), 0);
	assert_true(p.is_member);
	assert_true(pubkey_eq(&p.member, &world.who[2].identity));
	hex_encode(hex, world.who[3].identity.b, KEY_SIZE);
	assert_int_equal(resolve(&p, hex), 0);
	assert_true(pubkey_eq(&p.member, &world.who[3].identity));
	hex[8] = '\0';
	assert_int_equal(resolve(&p, hex), 0);
	for (size_t i = 0; i < 8; i++)
		if (hex[i] >= 'a')
			hex[i] = (char)(hex[i] - 'a' + 'A');
	assert_int_equal(resolve(&p, hex), 0);
	assert_true(pubkey_eq(&p.member, &world.who[3].identity));
	hex[7] = '\0';
	assert_int_equal(resolve(&p, hex), ERR_NOT_FOUND);
}

static void a_label_of_two_names_both(void **state)
{
	char hex[HEX_SIZE(6)];
	struct party p = { .is_public = true };

	(void)state;
	assert_int_equal(resolve(&p, "p1"), ERR_EXISTS);
	assert_true(p.is_public);
	hex_encode(hex, world.who[1].identity.b, 6);
	assert_non_null(strstr(why.text, hex));
	hex_encode(hex, world.who[3].identity.b, 6);
	assert_non_null(strstr(why.text, hex));
}

static void a_bare_name_gets_the_nearest_labels(void **state)
{
	struct party p;

	(void)state;
	assert_int_equal(resolve(&p, "sofie"), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "sophie"));
	assert_int_equal(resolve(&p, "Sophie"), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "sophie"));
	assert_int_equal(resolve(&p, "CHU Nancy"), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "=NAME"));
	assert_int_equal(resolve(&p, ""), ERR_NOT_FOUND);
}

static void outsiders_have_a_handle_of_the_trimmed_name(void **state)
{
	struct tag want =
		hash_tag(&desk.member, "maillon/1 handle", "CHU Nancy", 9);
	struct secret other = { { 1 } };
	struct party a, b, c;
	struct tag tag;

	(void)state;
	assert_int_equal(resolve(&a, "=CHU Nancy"), 0);
	assert_int_equal(resolve(&b, "~ \tCHU Nancy "), 0);
	assert_false(a.is_member);
	assert_true(a.is_public);
	assert_false(b.is_public);
	assert_memory_equal(a.outsider.b, want.b, TAG_SIZE);
	assert_memory_equal(b.outsider.b, want.b, TAG_SIZE);
	assert_string_equal(b.name, "CHU Nancy");
	tag = party_handle(&other, "CHU Nancy", 9);
	assert_memory_not_equal(tag.b, want.b, TAG_SIZE);
	assert_int_equal(resolve(&c, "~CHU nancy"), 0);
	assert_memory_not_equal(c.outsider.b, want.b, TAG_SIZE);
}

static void names_have_limits(void **state)
{
	char name[PARTY_NAME + 3];
	struct party p;

	(void)state;
	memset(name, 'x', sizeof(name));
	name[0] = '~';
	name[1 + PARTY_NAME] = '\0';
	assert_int_equal(resolve(&p, name), 0);
	name[1 + PARTY_NAME] = 'x';
	name[2 + PARTY_NAME] = '\0';
	assert_int_equal(resolve(&p, name), ERR_LIMIT);
	name[0] = '=';
	name[1 + LIMIT_NAME] = '\0';
	assert_int_equal(resolve(&p, name), 0);
	name[1 + LIMIT_NAME] = 'x';
	name[2 + LIMIT_NAME] = '\0';
	assert_int_equal(resolve(&p, name), ERR_LIMIT);
	assert_int_equal(resolve(&p, "="), ERR_FORMAT);
	assert_int_equal(resolve(&p, "~  "), ERR_FORMAT);
	assert_int_equal(resolve(&p, "=a\nb"), ERR_FORMAT);
	assert_int_equal(resolve(&p, "=a\xff"), ERR_FORMAT);
	assert_int_equal(resolve(&p, "=a\xe2\x80\xae"
				     "b"),
			 ERR_FORMAT);
}

static uint64_t own_seq(void)
{
	struct head head;

	assert_int_equal(store_head(desk.store, &desk.feed, &head), 0);
	return head.seq;
}

/* A production, so that what is kept is written. */
static void record_something(void)
{
	struct form *f;
	struct goods g = { "visor", 1 };
	struct draft d;

	assert_int_equal(form_open(&f, KIND_PRODUCE), 0);
	assert_int_equal(form_lines(f, FACT_LINES, &g, 1), 0);
	assert_int_equal(form_end(f, &d, ctx.now_ms, &why), 0);
	assert_int_equal(desk_one(&desk, NULL, &d), EXIT_DONE);
	form_close(f);
}

static void a_public_name_travels_once_and_a_private_one_never(void **state)
{
	char text[PARTY_TEXT];
	uint64_t before = own_seq();
	struct party org, person;

	(void)state;
	assert_int_equal(party_of(&org, &desk, "=Mairie", &why), 0);
	assert_int_equal(party_of(&person, &desk, "~Mme Dupont", &why), 0);
	assert_int_equal(own_seq(), before);
	record_something();
	/* One `party` entry, one production. */
	assert_int_equal(own_seq(), before + 2);
	outsider_text(text, &desk, &desk.identity, &org.outsider);
	assert_string_equal(text, "=Mairie");
	outsider_text(text, &desk, &desk.identity, &person.outsider);
	assert_string_equal(text, "~Mme Dupont");
	/* In somebody else's book the same handle is nobody we know. */
	outsider_text(text, &desk, &world.who[1].identity, &person.outsider);
	assert_int_equal(strlen(text), 9);
	assert_int_equal(text[0], '~');

	assert_int_equal(party_of(&org, &desk, "=Mairie", &why), 0);
	assert_int_equal(party_of(&person, &desk, "~Mme Dupont", &why), 0);
	record_something();
	assert_int_equal(own_seq(), before + 3);
}

static int find(struct ref_found *out, const char *text)
{
	why.text[0] = '\0';
	return ref_resolve(out, &desk, text, &why);
}

static void a_ref_is_a_place_or_an_id(void **state)
{
	char text[REF_TEXT], hex[HEX_SIZE(ID_SIZE)];
	struct ref_found at;
	struct id id =
		hash_id(world.who[2].entries[0].p, world.who[2].entries[0].n);

	(void)state;
	ref_text(text, desk_roster(&desk), &world.who[2].feed, 1);
	assert_string_equal(text, "p2/1");
	assert_int_equal(find(&at, "p2/1"), 0);
	assert_true(id_eq(&at.id, &id));
	assert_false(at.is_reissue);
	hex_encode(hex, id.b, ID_SIZE);
	assert_int_equal(find(&at, hex), 0);
	assert_true(pubkey_eq(&at.feed, &world.who[2].feed));
	hex[9] = '\0'; /* an odd number of digits */
	assert_int_equal(find(&at, hex), 0);
	assert_true(id_eq(&at.id, &id));
	hex[7] = '\0';
	assert_int_equal(find(&at, hex), ERR_FORMAT);
}

static void a_ref_that_two_labels_share_is_by_feed(void **state)
{
	char text[REF_TEXT], hex[HEX_SIZE(4)];
	struct ref_found at;

	(void)state;
	assert_int_equal(find(&at, "p1/1"), ERR_EXISTS);
	hex_encode(hex, world.who[3].feed.b, 4);
	assert_non_null(strstr(why.text, hex));
	/* Only one of the two has come that far. */
	assert_int_equal(find(&at, "p1/2"), 0);
	assert_true(pubkey_eq(&at.feed, &world.who[1].feed));
	ref_text(text, desk_roster(&desk), &world.who[3].feed, 1);
	assert_memory_equal(text, hex, 8);
	assert_string_equal(text + 8, "/1");
	assert_int_equal(find(&at, text), 0);
	assert_true(pubkey_eq(&at.feed, &world.who[3].feed));
}

static void a_member_with_two_nodes_is_told_by_feed(void **state)
{
	char text[REF_TEXT], hex[HEX_SIZE(4)];
	struct ref_found at;

	(void)state;
	ref_text(text, desk_roster(&desk), &world.who[5].feed, 1);
	hex_encode(hex, world.who[5].feed.b, 4);
	assert_memory_equal(text, hex, 8);
	assert_int_equal(find(&at, text), 0);
	assert_int_equal(find(&at, "sophie/1"), ERR_EXISTS);
}

static void looked_up_labels_are_those_that_are_searched_for(void **state)
{
	const struct roster *r = desk_roster(&desk);
	struct labels labels;
	char want[PARTY_TEXT], got[PARTY_TEXT];

	(void)state;
	assert_int_equal(labels_open(&labels, r), 0);
	for (size_t i = 0; i < world.n; i++) {
		member_text(want, r, &world.who[i].identity);
		labels_member(&labels, got, &world.who[i].identity);
		assert_string_equal(got, want);
		ref_text(want, r, &world.who[i].feed, 7);
		labels_ref(&labels, got, &world.who[i].feed, 7);
		assert_string_equal(got, want);
	}
	labels_close(&labels);
}

static void what_is_not_a_ref_or_not_here_is_said(void **state)
{
	static const char *const not_refs[] = { "",       "/",     "p2/",
						"/1",     "p2/0",  "p2/x",
						"p2/-1",  "p2/01", "hello",
						"1234567" };
	struct ref_found at;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(not_refs); i++)
		if (find(&at, not_refs[i]) != ERR_FORMAT)
			fail_msg("'%s'", not_refs[i]);
	assert_int_equal(find(&at, "p2/2"), ERR_NOT_FOUND);
	assert_int_equal(find(&at, "nobody/1"), ERR_NOT_FOUND);
	assert_int_equal(find(&at, "0123456789abcdef"), ERR_NOT_FOUND);
	assert_int_equal(find(&at, "0123456789abcdef/1"), ERR_NOT_FOUND);
	assert_int_equal(find(&at, "p2/9007199254740991"), ERR_NOT_FOUND);
	assert_int_equal(find(&at, "p2/9007199254740992"), ERR_FORMAT);
}

static void a_lost_record_is_found_by_its_old_id(void **state)
{
	struct id old = { { 0xab, 0xcd } };
	char hex[HEX_SIZE(ID_SIZE)];
	struct goods g = { "visor", 2 };
	struct recorded row;
	struct ref_found at;
	struct form *f;
	struct draft d;

	(void)state;
	assert_int_equal(form_open(&f, KIND_PRODUCE), 0);
	assert_int_equal(form_lines(f, FACT_LINES, &g, 1), 0);
	assert_int_equal(form_bytes(f, FACT_ORPHAN, old.b, ID_SIZE), 0);
	assert_int_equal(form_end(f, &d, ctx.now_ms, &why), 0);
	assert_int_equal(desk_one(&desk, &row, &d), EXIT_DONE);
	form_close(f);
	hex_encode(hex, old.b, ID_SIZE);
	assert_int_equal(find(&at, hex), 0);
	assert_true(at.is_reissue);
	assert_true(id_eq(&at.original, &old));
	assert_true(id_eq(&at.id, &row.id));
}

static const struct {
	enum fact fact;
	const char *text;
	int err;
} texts[] = {
	{ FACT_REJECTED, "0", 0 },
	{ FACT_REJECTED, "-1", ERR_LIMIT },
	{ FACT_REJECTED, "x", ERR_FORMAT },
	{ FACT_QTY, "0", ERR_LIMIT },
	{ FACT_WHEN, "2020-04-01", 0 },
	{ FACT_WHEN, "soon", ERR_FORMAT },
	{ FACT_SOURCE, "measured", 0 },
	{ FACT_SOURCE, "guessed", ERR_FORMAT },
	{ FACT_LOT, "L1", 0 },
	{ FACT_LOT, "", ERR_FORMAT },
	{ FACT_LOT, "a\tb", ERR_FORMAT },
	{ FACT_LOT, "123456789012345678901234567890123", ERR_LIMIT },
	{ FACT_FUND, "masks", 0 },
	{ FACT_FUND, "my fund", ERR_FORMAT },
	{ FACT_ITEM, "visor/v30", 0 },
	{ FACT_ITEM, "Visor", ERR_FORMAT },
	{ FACT_PLACE, "fr-88", 0 },
	{ FACT_PLACE, "Vittel", ERR_FORMAT },
	{ FACT_PERIOD, "2020-Q2", 0 },
	{ FACT_PERIOD, "spring", ERR_FORMAT },
	{ FACT_LINES, "50 visor, 2 clip", 0 },
	{ FACT_LINES, "50 visor,2 visor", 0 },
	{ FACT_LINES, "0 visor", ERR_LIMIT },
	{ FACT_LINES, "50 visor, ", ERR_FORMAT },
	{ FACT_COUNTED, "0 visor", 0 },
	{ FACT_AMOUNT, "12,50 EUR", 0 },
	{ FACT_AMOUNT, "0 EUR", ERR_LIMIT },
	{ FACT_OPENING, "0 EUR", 0 },
	{ FACT_TO, "p2", 0 },
	{ FACT_TO, "=CHU", 0 },
	{ FACT_TO, "nobody", ERR_NOT_FOUND },
	{ FACT_FOR, "~Paul", 0 },
	{ FACT_FOR, "p2", ERR_FORMAT },
	{ FACT_REQUEST, "p2/1", 0 },
	{ FACT_REQUEST, "p2/99", ERR_NOT_FOUND },
	{ FACT_DOC, "00", ERR_FORMAT },
	{ FACT_PINS, "p2/1", ERR_FORMAT },
};

static void facts_are_read_by_their_type(void **state)
{
	struct form *f;

	(void)state;
	assert_int_equal(form_open(&f, KIND_PRODUCE), 0);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int err;

		form_init(f, KIND_PRODUCE);
		why.text[0] = '\0';
		err = form_set(f, &desk, texts[i].fact, texts[i].text, &why);
		if (err != texts[i].err)
			fail_msg("%s '%s': %d", fact_rule(texts[i].fact)->name,
				 texts[i].text, err);
		assert_int_equal(record_has(&f->rec, texts[i].fact), err == 0);
		assert_int_equal(why.text[0] != '\0', err != 0);
	}
	form_close(f);
}

static void delivered_is_final_where_nothing_is_passed_on(void **state)
{
	static const struct {
		const char *text;
		bool is_final;
	} rows[] = { { "hub", false },
		     { "sophie", false },
		     { "p2", true },
		     { "=CHU", true },
		     { "~Paul", true } };
	struct party p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(resolve(&p, rows[i].text), 0);
		assert_int_equal(party_is_final(desk_roster(&desk), &p),
				 rows[i].is_final);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_label_or_the_start_of_a_key_is_a_member),
		UNIT(a_label_of_two_names_both),
		UNIT(a_bare_name_gets_the_nearest_labels),
		UNIT(outsiders_have_a_handle_of_the_trimmed_name),
		UNIT(names_have_limits),
		UNIT(a_public_name_travels_once_and_a_private_one_never),
		UNIT(a_ref_is_a_place_or_an_id),
		UNIT(a_ref_that_two_labels_share_is_by_feed),
		UNIT(a_member_with_two_nodes_is_told_by_feed),
		UNIT(looked_up_labels_are_those_that_are_searched_for),
		UNIT(what_is_not_a_ref_or_not_here_is_said),
		UNIT(a_lost_record_is_found_by_its_old_id),
		UNIT(facts_are_read_by_their_type),
		UNIT(delivered_is_final_where_nothing_is_passed_on),
	};

	return cmocka_run_group_tests(tests, open_desk, close_desk);
}
