#include "node/import/rowform.h"

#include "crypto/err.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

static const struct secret member = { { 1, 2, 3 } };

/* A map, a table and the form between them. */
struct fixture {
	struct csvmap map;
	struct csv csv;
	struct rowform *form;
	struct reason why;
};

static void begin(struct fixture *f, const char *map, const char *table)
{
	unsigned line = 0;

	f->why.text[0] = '\0';
	if (csvmap_read(&f->map, &line, &f->why, map, strlen(map)) != 0)
		fail_msg("%u: %s", line, f->why.text);
	assert_int_equal(
		csv_bytes(&f->csv, table, strlen(table), 0, f->map.encoding),
		0);
	assert_int_equal(csv_next(&f->csv), 0);
	if (csvmap_bind(&f->map, &line, &f->why, &f->csv) != 0)
		fail_msg("%u: %s", line, f->why.text);
	assert_int_equal(rowform_open(&f->form, NULL, NULL, &member), 0);
}

static void end(struct fixture *f)
{
	rowform_close(f->form);
	csvmap_release(&f->map);
	csv_close(&f->csv);
}

/* The next row must give a record; its facts decoded. */
static void fill(struct fixture *f, struct record *rec)
{
	assert_int_equal(csv_next(&f->csv), 0);
	if (rowform_fill(f->form, &f->map, &f->csv, &f->why) != 0)
		fail_msg("%s", f->why.text);
	assert_int_equal(record_decode(rec, f->form->draft.kind,
				       f->form->draft.facts,
				       f->form->draft.facts_n),
			 0);
}

static void refused(struct fixture *f, const char *why)
{
	assert_int_equal(csv_next(&f->csv), 0);
	assert_true(rowform_fill(f->form, &f->map, &f->csv, &f->why) < 0);
	if (strstr(f->why.text, why) == NULL)
		fail_msg("%s, not %s", f->why.text, why);
}

#define DELIVER                                                             \
	"[record]\nkind=deliver\n[columns]\nto=to\nitem=item\nquantity=q\n" \
	"when=day\nfor=who\n"

static void one_line_is(const struct record *rec, enum fact fact,
			const char *item, uint64_t qty)
{
	struct line lines[LIMIT_LINES];

	assert_int_equal(record_lines(rec, fact, lines), 1);
	assert_int_equal(lines[0].item_n, strlen(item));
	assert_memory_equal(lines[0].item, item, lines[0].item_n);
	assert_int_equal(lines[0].qty, qty);
}

static void tag_is(const struct record *rec, enum fact fact, const char *name)
{
	struct tag want = party_handle(&member, name, strlen(name));
	struct tag got = record_tag(rec, fact);

	assert_memory_equal(got.b, want.b, TAG_SIZE);
}

static void a_row_becomes_a_delivery(void **state)
{
	struct fixture f;
	struct record rec;

	(void)state;
	begin(&f, DELIVER,
	      "day,who,to,item,q\n"
	      "2020-04-01, Jeanne ,CHU,Visor/V30,1 234\n");
	fill(&f, &rec);
	one_line_is(&rec, FACT_LINES, "visor/v30", 1234);
	assert_int_equal(record_uint(&rec, FACT_WHEN), 1585699200000);
	assert_int_equal(f.form->when_ms, 1585699200000);
	tag_is(&rec, FACT_FOR, "Jeanne");
	tag_is(&rec, FACT_TO, "CHU");
	assert_true(record_has(&rec, FACT_FINAL));
	assert_int_equal(record_uint(&rec, FACT_FINAL), 1);
	assert_true(record_has(&rec, FACT_KEY));
	assert_int_equal(f.form->name_n, 2);
	assert_string_equal(f.form->name[0].name, "CHU");
	assert_string_equal(f.form->name[1].name, "Jeanne");
	assert_false(f.form->name[0].is_public);
	end(&f);
}

static void cells_name_outsiders_whatever_they_begin_with(void **state)
{
	struct fixture f;
	struct record rec;

	(void)state;
	begin(&f, DELIVER "[map to]\nx = =CHU\ny = nobody\n",
	      "day,who,to,item,q\n"
	      "2020-04-01,=A,~B,visor,1\n2020-04-01,,x,visor,1\n"
	      "2020-04-01,,y,visor,1\n");
	fill(&f, &rec);
	tag_is(&rec, FACT_FOR, "=A");
	tag_is(&rec, FACT_TO, "~B");
	fill(&f, &rec);
	tag_is(&rec, FACT_TO, "CHU");
	assert_true(f.form->name[0].is_public);
	assert_false(record_has(&rec, FACT_FOR));
	refused(&f, "nobody");
	end(&f);
}

static void names_are_public_where_the_map_says_so(void **state)
{
	struct fixture f;
	struct record rec;
	char table[512];

	(void)state;
	snprintf(table, sizeof(table),
		 "day,who,to,item,q\n2020-04-01,,CHU,visor,1\n"
		 "2020-04-01,,%065d,visor,1\n",
		 1);
	begin(&f, "[csv]\nparties = public\n" DELIVER, table);
	fill(&f, &rec);
	tag_is(&rec, FACT_TO, "CHU");
	assert_true(f.form->name[0].is_public);
	refused(&f, "longer than 64");
	end(&f);
}

static void a_name_has_a_limit(void **state)
{
	(void)state;
	for (int n = PARTY_NAME - 1; n <= PARTY_NAME + 1; n++) {
		char table[512];
		struct fixture f;
		struct record rec;

		snprintf(table, sizeof(table),
			 "day,who,to,item,q\n2020-04-01,,%0*d,visor,1\n", n, 1);
		begin(&f, DELIVER, table);
		if (n <= PARTY_NAME)
			fill(&f, &rec);
		else
			refused(&f, "longer than 128");
		end(&f);
	}
}

static void rows_that_cannot_be_recorded_say_why(void **state)
{
	static const struct {
		const char *row;
		const char *why;
	} row[] = {
		{ "2020-04-01,a,b,visor,", "q: the quantity is empty" },
		{ "2020-04-01,a,b,visor,0", "q: the quantity is zero" },
		{ "2020-04-01,a,b,visor,-3", "q: -3 is a negative" },
		{ "2020-04-01,a,b,visor,1.5", "q: 1.5 is not a whole" },
		{ "2020-04-01,a,b,visor,68719476736",
		  "q: 68719476736 is above" },
		{ "2020-04-01,a,b,visor,many", "q: \"many\" is not a number" },
		{ ",a,b,visor,1", "day: the date is missing" },
		{ "2020-02-30,a,b,visor,1", "day: \"2020-02-30\"" },
		{ "2020-04-01,a,,visor,1", "to: it is empty" },
		{ "2020-04-01,a,b,,1", "item: it is empty" },
		{ "2020-04-01,a,b,face shield,1", "item: \"face shield\"" },
		{ "2020-04-01,a,b,visi\xc3\xa8re,1", "item: \"visi" },
		{ "2020-04-01,a,b,a/b/c,1", "item: \"a/b/c\"" },
		{ "2020-04-01,a,b,visor", "4 fields" },
		{ "2020-04-01,a,b,visor,1,", "6 fields" },
		{ "2020-04-01,a,\"b\x01\",visor,1", "to: '~b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		char table[256];
		struct fixture f;

		snprintf(table, sizeof(table), "day,who,to,item,q\n%s\n",
			 row[i].row);
		begin(&f, DELIVER, table);
		refused(&f, row[i].why);
		end(&f);
	}
}

/* The key of the second row of a table under a map. */
static struct tag key_of(const char *map, const char *table)
{
	struct fixture f;
	struct record rec;
	struct tag key;

	begin(&f, map, table);
	f.form->skip = strncmp(table, "rejected", 8) == 0 ? 2 : 0;
	fill(&f, &rec);
	key = f.form->key;
	assert_memory_equal(key.b, record_tag(&rec, FACT_KEY).b, TAG_SIZE);
	end(&f);
	return key;
}

#define PRODUCE "[record]\nkind=produce\n[columns]\nitem=item\nquantity=q\n"

static void the_key_is_the_row_and_its_kind(void **state)
{
	static const char table[] = "item,q,x\nvisor,5,\xc3\xa9\n";
	static const struct {
		const char *map;
		const char *table;
		bool is_same;
		const char *why;
	} row[] = {
		{ PRODUCE, "item,q,x\nvisor,5,\xc3\xa9\n", true, "again" },
		{ PRODUCE, "item;q;x\n\"visor\";5;\"\xc3\xa9\"\r\n", true,
		  "another delimiter, other quotes" },
		{ "[csv]\nencoding=windows-1252\n" PRODUCE,
		  "item,q,x\nvisor,5,\xe9\n", true, "another encoding" },
		{ PRODUCE "lot=x\n", "item,q,x\nvisor,5,\xc3\xa9\n", true,
		  "another meaning" },
		{ PRODUCE, "item,q,y\nvisor,5,\xc3\xa9\n", true,
		  "another name of a column" },
		{ PRODUCE,
		  "rejected_line,rejected_reason,item,q,x\n"
		  "2,because,visor,5,\xc3\xa9\n",
		  true, "the row in a file of rejects" },
		{ PRODUCE, "item,q,x\nvisor,5,e\n", false, "another text" },
		{ PRODUCE, "item,q,x\nvisor,5, \xc3\xa9\n", false,
		  "a blank more" },
		{ PRODUCE, "item,q,x,z\nvisor,5,\xc3\xa9,\n", false,
		  "a column more" },
		{ "[record]\nkind=lose\n[set]\nreason=r\n[columns]\nitem=item\n"
		  "quantity=q\n",
		  "item,q,x\nvisor,5,\xc3\xa9\n", false, "another kind" },
		{ PRODUCE "key=q\n", "item,q,x\nvisor,5,\xc3\xa9\n", false,
		  "a key of its own" },
	};
	struct tag want = key_of(PRODUCE, table);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct tag got = key_of(row[i].map, row[i].table);

		if ((memcmp(got.b, want.b, TAG_SIZE) == 0) != row[i].is_same)
			fail_msg("%s", row[i].why);
	}
}

static void fields_of_a_key_never_run_together(void **state)
{
	struct tag a =
		key_of(PRODUCE "key=x+y\n", "item,q,x,y\nvisor,5,ab,c\n");
	struct tag b =
		key_of(PRODUCE "key=x+y\n", "item,q,x,y\nvisor,5,a,bc\n");
	struct tag c = key_of(PRODUCE "key=x+y\n", "y,q,item,x\nc,9,clip,ab\n");

	(void)state;
	assert_memory_not_equal(a.b, b.b, TAG_SIZE);
	assert_memory_equal(a.b, c.b, TAG_SIZE);
}

static void only_rows_that_are_asked_for_are_wanted(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, PRODUCE "[when]\nonly = x=done\nonly = y=\n",
	      "item,q,x,y\nv,1,done,\nv,1, done , \nv,1,open,\nv,1,done,1\n");
	for (int i = 0; i < 4; i++) {
		assert_int_equal(csv_next(&f.csv), 0);
		assert_int_equal(rowform_wants(&f.map, &f.csv), i < 2);
	}
	end(&f);
}

static void a_sign_chooses_the_rows_and_is_not_recorded(void **state)
{
	static const char *const row[] = { "12,00",     "-12,00", "0,00",    "",
					   "-1 234,56", "- 0,01", "beaucoup" };
	struct fixture f;
	struct record rec;
	uint64_t minor, sum = 0;
	char currency[4];

	(void)state;
	begin(&f,
	      "[record]\nkind=spend\n[csv]\ndecimal=,\n[when]\n"
	      "only=x!=virement\nonly=montant<0\n[columns]\namount=montant\n"
	      "[set]\ncurrency=EUR\npurpose=achat\n",
	      "x;montant\na;12,00\na;-12,00\na;0,00\na;\na;-1 234,56\n"
	      "a;- 0,01\na;beaucoup\nvirement;-5,00\n");
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		bool wanted = row[i][0] == '-' || row[i][0] == 'b';

		assert_int_equal(csv_next(&f.csv), 0);
		assert_int_equal(rowform_wants(&f.map, &f.csv), wanted);
		if (row[i][0] != '-')
			continue;
		assert_int_equal(rowform_fill(f.form, &f.map, &f.csv, &f.why),
				 0);
		assert_int_equal(record_decode(&rec, KIND_SPEND,
					       f.form->draft.facts,
					       f.form->draft.facts_n),
				 0);
		assert_true(record_money(&rec, FACT_AMOUNT, &minor, currency));
		sum += minor;
	}
	assert_int_equal(sum, 1200 + 123456 + 1);
	/* What is no number is not passed over in silence. */
	assert_true(rowform_fill(f.form, &f.map, &f.csv, &f.why) < 0);
	assert_int_equal(csv_next(&f.csv), 0);
	assert_false(rowform_wants(&f.map, &f.csv));
	end(&f);
}

static void without_a_condition_a_sign_is_refused(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f,
	      "[record]\nkind=spend\n[csv]\ndecimal=,\n[columns]\n"
	      "amount=montant\n[set]\ncurrency=EUR\npurpose=achat\n",
	      "montant\n\"-12,00\"\n\"+12,00\"\n");
	refused(&f, "-12,00");
	refused(&f, "+12,00");
	end(&f);
}

static void of_people_only_a_commitment_is_recorded(void **state)
{
	struct fixture f;
	struct record rec;
	struct id first, again;

	(void)state;
	begin(&f,
	      "[record]\nkind=donate\n[columns]\namount=m\ndonor=who\n"
	      "note=why\n",
	      "m,who,why\n5 EUR,Odile Exemple,\"pour \nles soignants\"\n"
	      "5 EUR,Odile Exemple,\n5 EUR,\x1b[1mOdile,\n");
	fill(&f, &rec);
	assert_int_equal(f.form->secret_n, 2);
	first = record_id(&rec, FACT_DONOR);
	for (size_t i = 0; i < f.form->secret_n; i++) {
		const struct rowsecret *s = &f.form->secret[i];
		struct id made =
			private_commit(s->fact, s->row, s->row + RECEIPT_SALT,
				       s->n - RECEIPT_SALT);
		struct id said = record_id(&rec, s->fact);

		assert_true(id_eq(&made, &said));
		assert_memory_equal(s->row + RECEIPT_SALT,
				    s->fact == FACT_DONOR ? "Odile" : "pour ",
				    5);
	}
	/* The same name again is another commitment. */
	fill(&f, &rec);
	assert_int_equal(f.form->secret_n, 1);
	again = record_id(&rec, FACT_DONOR);
	assert_false(id_eq(&first, &again));
	refused(&f, "cannot be shown");
	end(&f);
}

static void money_and_words_and_numbers_are_read(void **state)
{
	struct fixture f;
	struct record rec;
	uint64_t minor;
	char currency[4];

	(void)state;
	begin(&f,
	      "[record]\nkind=donate\n[csv]\ndecimal=,\ndate=%d/%m/%Y\n"
	      "[columns]\namount=montant\ncurrency=devise\nwhen=le\n"
	      "fund=fonds\nhours=heures\nwaived=abandon\nitem=don\n"
	      "quantity=n\n[map waived]\noui = yes\nnon = no\n",
	      "montant;devise;le;fonds;heures;abandon;don;n\n"
	      "1 234,50;EUR;01/04/2020;masques;12;oui;;\n"
	      "10;CHF;1/4/2020;;;NO;Visor;3\n"
	      "10;;1/4/2020;;;;;\n"
	      "10 \xe2\x82\xac;;1/4/2020;;;;;3\n"
	      "0;EUR;1/4/2020;;;;;\n"
	      "10;EUR;1/4/2020;;1,5;;;\n"
	      "10;EUR;1/4/2020;;;maybe;;\n");
	fill(&f, &rec);
	assert_true(record_money(&rec, FACT_AMOUNT, &minor, currency));
	assert_int_equal(minor, 123450);
	assert_string_equal(currency, "EUR");
	assert_int_equal(record_uint(&rec, FACT_HOURS), 12);
	assert_int_equal(record_uint(&rec, FACT_WAIVED), 1);
	assert_false(record_has(&rec, FACT_IN_KIND));
	fill(&f, &rec);
	assert_true(record_money(&rec, FACT_AMOUNT, &minor, currency));
	assert_int_equal(minor, 1000);
	assert_string_equal(currency, "CHF");
	assert_false(record_has(&rec, FACT_HOURS));
	one_line_is(&rec, FACT_IN_KIND, "visor", 3);
	refused(&f, "montant: \"10\" has no currency");
	refused(&f, "belong together");
	refused(&f, "montant: ");
	refused(&f, "heures: 1,5 is not a whole number");
	refused(&f, "abandon: ");
	end(&f);
}

static void what_a_table_fills_with_0_is_not_said(void **state)
{
	struct fixture f;
	struct record rec;

	(void)state;
	begin(&f, "[record]\nkind=donate\n[columns]\namount=a\nhours=h\nkm=k\n",
	      "a,h,k\n50 EUR,0,0\n9 EUR,0,12\n");
	/* With hours or kilometres it would be no money. */
	fill(&f, &rec);
	assert_false(record_has(&rec, FACT_HOURS));
	assert_false(record_has(&rec, FACT_KM));
	fill(&f, &rec);
	assert_int_equal(record_uint(&rec, FACT_KM), 12);
	end(&f);
	begin(&f,
	      "[record]\nkind=produce\n[columns]\nitem=i\nquantity=q\n"
	      "rejected=r\ngrams=g\nseconds=s\n",
	      "i,q,r,g,s\nvisor,5,0,0,0\n");
	fill(&f, &rec);
	assert_true(record_has(&rec, FACT_REJECTED));
	assert_false(record_has(&rec, FACT_GRAMS));
	assert_false(record_has(&rec, FACT_SECONDS));
	end(&f);
}

static void until_a_day_is_until_it_ends(void **state)
{
	struct fixture f;
	struct record rec;

	(void)state;
	begin(&f,
	      "[record]\nkind=request\n[columns]\nitem=i\nquantity=q\n"
	      "place=p\nuntil=u\n",
	      "i,q,p,u\nvisor,5,FR,2020-05-01\n"
	      "visor,5,FR,2020-05-01T12:00\n");
	fill(&f, &rec);
	assert_int_equal(record_uint(&rec, FACT_UNTIL), 1588377599999);
	fill(&f, &rec);
	assert_int_equal(record_uint(&rec, FACT_UNTIL), 1588334400000);
	end(&f);
}

static void every_kind_puts_goods_where_they_belong(void **state)
{
	static const struct {
		const char *map;
		enum fact fact;
	} row[] = {
		{ "kind=produce\n", FACT_LINES },
		{ "kind=supply\n", FACT_LINES },
		{ "kind=lose\n[set]\nreason=r\n", FACT_LINES },
		{ "kind=request\n[set]\nplace=fr-88\n", FACT_LINES },
		{ "kind=count\n", FACT_COUNTED },
		{ "kind=campaign\n[set]\ncampaign=c\n", FACT_GOAL_LINES },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		char map[256];
		struct fixture f;
		struct record rec;

		snprintf(map, sizeof(map),
			 "[record]\n%s[columns]\nitem=i\nquantity=q\n",
			 row[i].map);
		begin(&f, map, "i,q\nclip,7\n");
		fill(&f, &rec);
		one_line_is(&rec, row[i].fact, "clip", 7);
		end(&f);
	}
}

static void lists_of_goods_may_stand_in_one_cell(void **state)
{
	struct fixture f;
	struct record rec;
	struct line lines[LIMIT_LINES];

	(void)state;
	begin(&f, "[record]\nkind=produce\n[columns]\nlines=l\n",
	      "l\n\"50 Visor, 2 clip\"\nvisor\n");
	fill(&f, &rec);
	assert_int_equal(record_lines(&rec, FACT_LINES, lines), 2);
	refused(&f, "l: ");
	end(&f);
}

static void a_pledge_and_an_item_have_no_lines(void **state)
{
	struct fixture f;
	struct record rec;
	char table[128];

	(void)state;
	snprintf(table, sizeof(table), "r,q\n%064d,12\n", 7);
	begin(&f, "[record]\nkind=pledge\n[columns]\nrequest=r\nquantity=q\n",
	      table);
	fill(&f, &rec);
	assert_int_equal(record_uint(&rec, FACT_QTY), 12);
	assert_int_equal(record_id(&rec, FACT_REQUEST).b[31], 7);
	end(&f);
	begin(&f, "[record]\nkind=item\n[columns]\nitem=i\nname=n\nclass=c\n",
	      "i,n,c\nVisor/V30,Visi\xc3\xa8re,Part\n");
	fill(&f, &rec);
	assert_int_equal(rec.v[FACT_ITEM].n, 9);
	assert_memory_equal(rec.v[FACT_ITEM].p, "visor/v30", 9);
	assert_int_equal(record_uint(&rec, FACT_CLASS), 1);
	end(&f);
}

static void constants_are_checked_before_any_row(void **state)
{
	static const struct {
		const char *set;
		unsigned line;
	} row[] = {
		{ "by=~Jeanne\n", 0 },       { "by=Jeanne\n", 12 },
		{ "final=perhaps\n", 12 },   { "final=no\n", 0 },
		{ "lot=A\nnote=BL 7\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		char map[256];
		struct fixture f;
		unsigned line = 0;
		int err;

		snprintf(map, sizeof(map),
			 DELIVER "[when]\nonly=q=1\n[set]\n%s", row[i].set);
		begin(&f, map, "day,who,to,item,q\n");
		err = rowform_check(f.form, &line, &f.why, &f.map);
		assert_int_equal(err == 0, row[i].line == 0);
		if (err != 0)
			assert_int_equal(line, row[i].line);
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_row_becomes_a_delivery),
		UNIT(cells_name_outsiders_whatever_they_begin_with),
		UNIT(names_are_public_where_the_map_says_so),
		UNIT(a_name_has_a_limit),
		UNIT(rows_that_cannot_be_recorded_say_why),
		UNIT(the_key_is_the_row_and_its_kind),
		UNIT(fields_of_a_key_never_run_together),
		UNIT(only_rows_that_are_asked_for_are_wanted),
		UNIT(a_sign_chooses_the_rows_and_is_not_recorded),
		UNIT(without_a_condition_a_sign_is_refused),
		UNIT(of_people_only_a_commitment_is_recorded),
		UNIT(money_and_words_and_numbers_are_read),
		UNIT(what_a_table_fills_with_0_is_not_said),
		UNIT(until_a_day_is_until_it_ends),
		UNIT(every_kind_puts_goods_where_they_belong),
		UNIT(lists_of_goods_may_stand_in_one_cell),
		UNIT(a_pledge_and_an_item_have_no_lines),
		UNIT(constants_are_checked_before_any_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
