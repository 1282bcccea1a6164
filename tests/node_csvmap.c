#include "node/import/csvmap.h"

#include "crypto/err.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DELIVER "[record]\nkind = deliver\n"
#define NEEDS   "[columns]\nto = t\nitem = i\nquantity = q\n"

static int take(struct csvmap *m, unsigned *line, struct reason *why,
		const char *text)
{
	*line = 999;
	why->text[0] = '\0';
	return csvmap_read(m, line, why, text, strlen(text));
}

/* A map that must be taken. */
static void good(struct csvmap *m, const char *text)
{
	struct reason why;
	unsigned line;

	if (take(m, &line, &why, text) != 0)
		fail_msg("line %u: %s", line, why.text);
}

static void every_setting_is_understood(void **state)
{
	struct csvmap m;

	(void)state;
	good(&m, "\xef\xbb\xbf; a comment\r\n"
		 "[record]\r\nkind = deliver\r\nparties = public\r\n"
		 "key = a + b\r\n"
		 "[csv]\ndelimiter = semicolon\ndecimal = ,\n"
		 "encoding = windows-1252\ndate = %d/%m/%Y\n"
		 "[when]\nonly = state = sent=yes\nonly=b=\n"
		 "only = who != a=b\nonly = c > d>0\nonly = e<0\n"
		 "[columns]\nitem = What it is\nquantity = q ; a comment\n"
		 "  to = c: to\n"
		 "[set]\nfinal = yes\n"
		 "[map item]\nVisi\xc3\xa8re : mod\xc3\xa8le 30 = visor/v30\n"
		 "Gants = Gloves\n = visor\n[map to]\nx =\n");
	assert_string_equal(m.kind->name, "deliver");
	assert_true(m.is_public);
	assert_string_equal(m.key_text, "a + b");
	assert_int_equal(m.delimiter, ';');
	assert_int_equal(m.decimal, ',');
	assert_int_equal(m.encoding, CODEPAGE_1252);
	assert_string_equal(m.date, "%d/%m/%Y");
	assert_int_equal(m.only_n, 5);
	assert_int_equal(m.only[0].test, ONLY_IS);
	assert_int_equal(m.only[2].test, ONLY_IS_NOT);
	assert_string_equal(m.only[2].column_name, "who");
	assert_string_equal(m.only[2].value, "a=b");
	assert_int_equal(m.only[3].test, ONLY_ABOVE);
	assert_string_equal(m.only[3].column_name, "c > d");
	assert_int_equal(m.only[4].test, ONLY_BELOW);
	assert_string_equal(m.only[4].column_name, "e");
	assert_string_equal(m.only[0].column_name, "state");
	assert_string_equal(m.only[0].value, "sent=yes");
	assert_string_equal(m.only[1].column_name, "b");
	assert_string_equal(m.only[1].value, "");
	assert_int_equal(m.fact_n, 4);
	assert_int_equal(m.fact[0].what, MAP_ITEM);
	assert_string_equal(m.fact[0].text, "What it is");
	assert_string_equal(m.fact[1].text, "q");
	assert_string_equal(m.fact[2].text, "c: to");
	assert_int_equal(m.fact[3].what, FACT_FINAL);
	assert_true(m.fact[3].is_constant);
	assert_string_equal(
		csvmap_translate(&m, MAP_ITEM,
				 "Visi\xc3\xa8re : mod\xc3\xa8le 30"),
		"visor/v30");
	assert_string_equal(csvmap_translate(&m, MAP_ITEM, "Gants"), "Gloves");
	assert_string_equal(csvmap_translate(&m, MAP_ITEM, ""), "visor");
	assert_string_equal(csvmap_translate(&m, FACT_TO, "x"), "");
	assert_null(csvmap_translate(&m, FACT_TO, "Gants"));
	assert_null(csvmap_translate(&m, MAP_ITEM, "gants"));
	csvmap_release(&m);
	csvmap_release(&m);
	csvmap_release(NULL);
}

static void what_is_not_said_has_a_default(void **state)
{
	struct csvmap m;

	(void)state;
	good(&m, DELIVER NEEDS);
	assert_false(m.is_public);
	assert_int_equal(m.delimiter, '\0');
	assert_int_equal(m.decimal, '.');
	assert_int_equal(m.encoding, CODEPAGE_UTF8);
	assert_string_equal(m.date, "");
	assert_string_equal(m.key_text, "");
	csvmap_release(&m);
}

static void options_may_stand_where_people_look_for_them(void **state)
{
	struct csvmap m;

	(void)state;
	good(&m, "[csv]\nparties = public\n" DELIVER "encoding = utf-8\n"
		 "[when]\ndate = %d/%m/%Y\n" NEEDS "key = t\n");
	assert_true(m.is_public);
	assert_string_equal(m.date, "%d/%m/%Y");
	assert_string_equal(m.key_text, "t");
	csvmap_release(&m);
}

static void words_of_the_command_line_serve_too(void **state)
{
	struct csvmap m;

	(void)state;
	good(&m, DELIVER NEEDS "note = n\n");
	assert_int_equal(m.fact[3].what, FACT_NUMBER);
	csvmap_release(&m);
	good(&m, "[record]\nkind = request\n[columns]\nitem = i\nqty = q\n"
		 "place = p\nclass = c\n[map class]\nx = carer\n");
	assert_int_equal(m.fact[1].what, MAP_QUANTITY);
	assert_int_equal(m.fact[3].what, FACT_CARE);
	assert_string_equal(csvmap_translate(&m, FACT_CARE, "x"), "carer");
	csvmap_release(&m);
}

static void kinds_need_what_they_need(void **state)
{
	static const struct {
		const char *map;
		bool want;
	} row[] = {
		{ "[record]\nkind=produce\n[set]\nitem=v\n[columns]\n"
		  "quantity=q\n",
		  true },
		{ "[record]\nkind=produce\n[columns]\nlines=l\n", true },
		{ "[record]\nkind=produce\n", false },
		{ "[record]\nkind=produce\n[columns]\nitem=i\n", false },
		{ "[record]\nkind=produce\n[columns]\nquantity=q\n", false },
		{ "[record]\nkind=produce\n[columns]\nquantity=q\nitem=i\n"
		  "lines=l\n",
		  false },
		{ "[record]\nkind=deliver\n[columns]\nquantity=q\nitem=i\n",
		  false },
		{ "[record]\nkind=pledge\n[columns]\nrequest=r\nquantity=q\n",
		  true },
		{ "[record]\nkind=pledge\n[columns]\nrequest=r\n", false },
		{ "[record]\nkind=item\n[columns]\nitem=i\nname=n\n", true },
		{ "[record]\nkind=item\n[columns]\nitem=i\nquantity=n\n",
		  false },
		{ "[record]\nkind=count\n[columns]\nitem=i\nquantity=n\n",
		  true },
		{ "[record]\nkind=donate\n[columns]\namount=a\n[set]\n"
		  "currency=EUR\n",
		  true },
		{ "[record]\nkind=donate\n[columns]\namount=a\nitem=i\n",
		  false },
		{ "[record]\nkind=donate\n[columns]\namount=a\n[set]\n"
		  "currency=eur\n",
		  false },
		{ "[record]\nkind=lose\n[columns]\nitem=i\nquantity=q\n",
		  false },
		{ "[record]\nkind=lose\n[columns]\nitem=i\nquantity=q\n[set]\n"
		  "reason=broken\n",
		  true },
		{ "[record]\nkind=open\n", false },
		{ "[record]\nkind=correct\n[columns]\ntarget=t\nwhy=w\n",
		  false },
		{ "[record]\nkind=checkpoint\n", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct csvmap m;
		struct reason why;
		unsigned line;
		int err = take(&m, &line, &why, row[i].map);

		if ((err == 0) != row[i].want)
			fail_msg("%s%s", row[i].map, why.text);
		csvmap_release(&m);
	}
}

static void what_is_not_known_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *map;
		unsigned line;
		const char *why;
	} row[] = {
		{ "kind = deliver\n", 1, "kind" },
		{ "\n\n[records]\n", 3, "[records]" },
		{ "[record]\nkind = deliver\n[map colour]\n", 3, "colour" },
		{ DELIVER "colour = red\n", 3, "colour" },
		{ DELIVER "kind = produce\n", 3, "twice" },
		{ "[record]\nkind = delivery\n", 2, "delivery" },
		{ DELIVER NEEDS "colour = c\n", 7, "colour" },
		{ DELIVER NEEDS "item = c\n", 7, "twice" },
		{ DELIVER NEEDS "[set]\nitem = c\n", 8, "twice" },
		{ DELIVER NEEDS "qty = c\n", 7, "twice" },
		{ DELIVER NEEDS "note = a\nnumber = c\n", 8, "twice" },
		{ DELIVER NEEDS "grams = g\n", 7, "grams" },
		{ DELIVER NEEDS "orphan = g\n", 7, "orphan" },
		{ DELIVER NEEDS "identity = g\n", 7, "identity" },
		{ DELIVER NEEDS "when =\n", 7, "no value" },
		{ DELIVER NEEDS "[map by]\nx = y\n", 8, "by" },
		{ DELIVER NEEDS "[map item]\nx = y y\n", 8, "y y" },
		{ DELIVER NEEDS "[map item]\nx = y\nz = y\nx = z\n", 10,
		  "twice" },
		{ DELIVER "parties = secret\n" NEEDS, 3, "secret" },
		{ DELIVER "[csv]\ndelimiter = |\n" NEEDS, 4, "|" },
		{ DELIVER "[csv]\ndecimal = ..\n" NEEDS, 4, ".." },
		{ DELIVER "[csv]\nencoding = utf-16\n" NEEDS, 4, "utf-16" },
		{ DELIVER "[csv]\ndate = %D\n" NEEDS, 4, "%D" },
		{ DELIVER "[when]\nonly = sent\n" NEEDS, 4, "COLUMN=VALUE" },
		{ DELIVER "[when]\nonly = =sent\n" NEEDS, 4, "value" },
		{ DELIVER "[when]\nonly = !=sent\n" NEEDS, 4, "value" },
		{ DELIVER "[when]\nonly = <0\n" NEEDS, 4, "COLUMN<0" },
		{ DELIVER "[when]\nonly = a<1\n" NEEDS, 4, "COLUMN<0" },
		{ DELIVER "[when]\nonly = a>00\n" NEEDS, 4, "COLUMN<0" },
		{ DELIVER "[when]\nnever = a=b\n" NEEDS, 4, "never" },
		{ DELIVER "[columns\n" NEEDS, 3, "NAME = VALUE" },
		{ DELIVER "nothing\n" NEEDS, 3, "NAME = VALUE" },
		{ DELIVER "a ; b = c\n" NEEDS, 3, "NAME = VALUE" },
		{ DELIVER "nothing\nkind = produce\n" NEEDS, 3,
		  "NAME = VALUE" },
		{ DELIVER NEEDS "\xff = x\n", 7, "UTF-8" },
		{ "", 0, "kind" },
		{ "[record]\n", 0, "kind" },
		{ DELIVER, 0, "item" },
		{ DELIVER "[set]\nitem = visor\nquantity = 1\n", 0, "to" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct csvmap m;
		struct reason why;
		unsigned line;

		assert_int_equal(take(&m, &line, &why, row[i].map), ERR_FORMAT);
		if (line != row[i].line || !strstr(why.text, row[i].why))
			fail_msg("%s-> %u: %s", row[i].map, line, why.text);
		csvmap_release(&m);
	}
}

static void a_nul_byte_is_no_text(void **state)
{
	static const char map[] = DELIVER "par\0ties = public\n" NEEDS;
	struct csvmap m;
	struct reason why;
	unsigned line = 0;

	(void)state;
	assert_int_equal(csvmap_read(&m, &line, &why, map, sizeof(map) - 1),
			 ERR_FORMAT);
	assert_int_equal(line, 3);
	csvmap_release(&m);
}

static void a_line_has_a_limit(void **state)
{
	char map[1024];

	(void)state;
	for (size_t n = CSVMAP_LINE - 1; n <= CSVMAP_LINE + 1; n++) {
		struct csvmap m;
		struct reason why;
		unsigned line;
		char name[CSVMAP_LINE + 2] = "";
		int err;

		memset(name, 'n', n - 5);
		name[n - 5] = '\0';
		snprintf(map, sizeof(map), DELIVER NEEDS "by = %s\n", name);
		err = take(&m, &line, &why, map);
		assert_int_equal(err, n <= CSVMAP_LINE ? 0 : ERR_FORMAT);
		if (err == 0)
			assert_string_equal(m.fact[3].text, name);
		else
			assert_int_equal(line, 7);
		csvmap_release(&m);
	}
}

/* A map with n lines of a form. */
static char *many(const char *head, const char *form, unsigned n)
{
	size_t max = strlen(head) + 64 * (size_t)n + 64;
	char *map = malloc(max);
	size_t at;

	assert_non_null(map);
	at = (size_t)snprintf(map, max, "%s", head);
	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(map + at, max - at, "%s%u = x\n", form,
				       i);
	return map;
}

static void lists_have_limits(void **state)
{
	static const struct {
		const char *head;
		const char *form;
		unsigned max;
	} row[] = {
		{ DELIVER NEEDS "[map item]\n", "cell", CSVMAP_PAIRS },
		{ DELIVER NEEDS "[when]\n", "only = column", CSVMAP_ONLY },
	};

	(void)state;
	for (size_t i = 0; i < 3 * ARRAY_LEN(row); i++) {
		unsigned n = row[i / 3].max - 1 + (unsigned)i % 3;
		char *map = many(row[i / 3].head, row[i / 3].form, n);
		struct csvmap m;
		struct reason why;
		unsigned line;
		int err = take(&m, &line, &why, map);

		assert_int_equal(err, n <= row[i / 3].max ? 0 : ERR_FORMAT);
		csvmap_release(&m);
		free(map);
	}
}

static void a_thousand_translations_are_found(void **state)
{
	char *map =
		many(DELIVER NEEDS "[map to]\na = =b\n[map item]\n", "c", 1000);
	struct csvmap m;
	char cell[16];

	(void)state;
	good(&m, map);
	for (int i = 0; i < 1000; i++) {
		snprintf(cell, sizeof(cell), "c%d", i);
		assert_string_equal(csvmap_translate(&m, MAP_ITEM, cell), "x");
		assert_null(csvmap_translate(&m, FACT_TO, cell));
	}
	assert_string_equal(csvmap_translate(&m, FACT_TO, "a"), "=b");
	csvmap_release(&m);
	free(map);
}

static int bind(struct csvmap *m, unsigned *line, const char *header)
{
	struct reason why = { "" };
	struct csv c;
	int err;

	assert_int_equal(
		csv_bytes(&c, header, strlen(header), ',', CODEPAGE_UTF8), 0);
	assert_int_equal(csv_next(&c), 0);
	*line = 0;
	err = csvmap_bind(m, line, &why, &c);
	assert_int_equal(err == 0, why.text[0] == '\0');
	csv_close(&c);
	return err;
}

static void columns_are_found_by_their_names(void **state)
{
	struct csvmap m;
	unsigned line;

	(void)state;
	good(&m, DELIVER "key = q+ t\n[when]\nonly = w=1\n" NEEDS
			 "[set]\nby = ~t\n");
	assert_int_equal(bind(&m, &line, "t,\" i \",q,w,x,x"), 0);
	assert_int_equal(m.fact[0].column, 0);
	assert_int_equal(m.fact[1].column, 1);
	assert_int_equal(m.fact[2].column, 2);
	assert_int_equal(m.only[0].column, 3);
	assert_int_equal(m.key_n, 2);
	assert_int_equal(m.key[0], 2);
	assert_int_equal(m.key[1], 0);
	assert_int_equal(m.columns, 6);

	assert_int_equal(bind(&m, &line, "t,q,w"), ERR_FORMAT);
	assert_int_equal(line, 8);
	assert_int_equal(bind(&m, &line, "t,i,q"), ERR_FORMAT);
	assert_int_equal(line, 5);
	assert_int_equal(bind(&m, &line, "t,i,q,w,i"), ERR_FORMAT);
	assert_int_equal(line, 8);
	assert_int_equal(bind(&m, &line, "T,i,q,w"), ERR_FORMAT);
	assert_int_equal(line, 7);
	csvmap_release(&m);
}

static void a_key_may_be_one_column_with_a_plus_in_its_name(void **state)
{
	struct csvmap m;
	unsigned line;

	(void)state;
	good(&m, DELIVER "key = q+t\n" NEEDS);
	assert_int_equal(bind(&m, &line, "t,i,q,q+t"), 0);
	assert_int_equal(m.key_n, 1);
	assert_int_equal(m.key[0], 3);
	assert_int_equal(bind(&m, &line, "t,i,q"), 0);
	assert_int_equal(m.key_n, 2);
	csvmap_release(&m);
	good(&m, DELIVER "key = q+u\n" NEEDS);
	assert_int_equal(bind(&m, &line, "t,i,q"), ERR_FORMAT);
	assert_int_equal(line, 3);
	csvmap_release(&m);
}

static void a_map_is_read_from_its_file(void **state)
{
	char path[] = "/tmp/maillon-map-XXXXXX";
	int fd = mkstemp(path);
	struct csvmap m;
	struct reason why = { "" };
	unsigned line = 0;
	char byte = ';';

	(void)state;
	assert_true(fd >= 0);
	assert_true(write(fd, DELIVER NEEDS, sizeof(DELIVER NEEDS) - 1) > 0);
	assert_int_equal(csvmap_load(&m, &line, &why, path), 0);
	assert_int_equal(m.fact_n, 3);
	csvmap_release(&m);
	assert_int_equal(ftruncate(fd, CSVMAP_FILE), 0);
	assert_int_equal(csvmap_load(&m, &line, &why, path), ERR_FORMAT);
	csvmap_release(&m);
	assert_int_equal(pwrite(fd, &byte, 1, CSVMAP_FILE), 1);
	assert_int_equal(csvmap_load(&m, &line, &why, path), ERR_LIMIT);
	csvmap_release(&m);
	close(fd);
	unlink(path);
	assert_int_equal(csvmap_load(&m, &line, &why, path), ERR_NOT_FOUND);
	csvmap_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_setting_is_understood),
		UNIT(what_is_not_said_has_a_default),
		UNIT(options_may_stand_where_people_look_for_them),
		UNIT(words_of_the_command_line_serve_too),
		UNIT(kinds_need_what_they_need),
		UNIT(what_is_not_known_is_refused_with_its_line),
		UNIT(a_nul_byte_is_no_text),
		UNIT(a_line_has_a_limit),
		UNIT(lists_have_limits),
		UNIT(a_thousand_translations_are_found),
		UNIT(columns_are_found_by_their_names),
		UNIT(a_key_may_be_one_column_with_a_plus_in_its_name),
		UNIT(a_map_is_read_from_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
