#include "node/import/import.h"

#include "crypto/err.h"
#include "crypto/sign.h"
#include "node/join/membership.h"
#include "node/text/say.h"
#include "proto/charter.h"
#include "proto/entry.h"
#include "store/book.h"
#include "store/log.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOW_MS = 1600000000 };

/* A folder with a home that has founded a network, and some files. */
struct fixture {
	char dir[64];
	struct ctx ctx;
	struct desk desk;
	struct import im;
	char map[4][96];
	char csv[4][96];
};

static void found(struct home *home)
{
	struct charter c = { .name = "Test", .currency = "EUR" };
	uint8_t bytes[LIMIT_CHARTER];
	struct membership_start m = { .charter = bytes, .now_ms = NOW_MS };

	c.founders_n = 1;
	snprintf(c.founders[0].label, sizeof(c.founders[0].label), "asso");
	snprintf(c.founders[0].place, sizeof(c.founders[0].place), "FR-88");
	assert_int_equal(home_identity(home, &c.founders[0].identity), 0);
	assert_int_equal(charter_encode(bytes, &m.charter_n, &c), 0);
	m.network = hash_id(bytes, m.charter_n);
	assert_int_equal(membership_begin(home, &m), 0);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char dir[] = "/tmp/maillon-import-XXXXXX";
	char home[80];

	assert_non_null(f);
	assert_non_null(mkdtemp(dir));
	memcpy(f->dir, dir, sizeof(dir));
	snprintf(home, sizeof(home), "%s/home", dir);
	f->ctx.now_ms = NOW_MS;
	assert_int_equal(home_init(&f->ctx.home, home), 0);
	assert_int_equal(home_create(&f->ctx.home), 0);
	assert_int_equal(home_new_keys(&f->ctx.home, NULL), 0);
	found(&f->ctx.home);
	for (int i = 0; i < 4; i++) {
		snprintf(f->map[i], sizeof(f->map[i]), "%s/%d.map", dir, i);
		snprintf(f->csv[i], sizeof(f->csv[i]), "%s/%d.csv", dir, i);
	}
	assert_int_equal(desk_open(&f->desk, &f->ctx), EXIT_DONE);
	*state = f;
	return 0;
}

static int take_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	desk_close(&f->desk);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* What a file holds, "" when it is not there. */
static const char *get(const char *path)
{
	static char text[8192];
	FILE *file = fopen(path, "rb");
	size_t n = 0;

	if (file != NULL) {
		n = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[n] = '\0';
	return text;
}

static const char *rejects(const struct fixture *f, int i)
{
	char path[128];

	snprintf(path, sizeof(path), "%s.rejects.csv", f->csv[i]);
	return get(path);
}

/* Import the first n files; f->im stays open for its counts. */
static int run(struct fixture *f, int n, bool is_dry)
{
	int code;

	import_close(&f->im);
	code = import_open(&f->im, &f->desk, is_dry);
	for (int i = 0; i < n && code == EXIT_DONE; i++)
		code = import_add(&f->im, f->map[i], f->csv[i], NULL);
	if (code == EXIT_DONE)
		code = import_read(&f->im);
	if (code == EXIT_DONE && !is_dry)
		code = import_record(&f->im);
	return code;
}

static void counts_are(const struct fixture *f, int i, uint64_t recorded,
		       uint64_t there, uint64_t unusable, uint64_t repeats)
{
	const struct import_file *file = &f->im.file[i];

	assert_int_equal(file->recorded, recorded);
	assert_int_equal(file->there, there);
	assert_int_equal(file->unusable, unusable);
	assert_int_equal(file->repeats, repeats);
	assert_int_equal(file->rows, file->skipped + file->fresh + unusable +
					     repeats + there);
}

static uint64_t entries(struct fixture *f)
{
	uint64_t n;

	assert_int_equal(store_entry_count(f->desk.store, &n), 0);
	return n;
}

/* The record at a place of our own feed. */
static void at(struct fixture *f, uint64_t seq, struct record *rec)
{
	static uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	size_t n;

	assert_int_equal(
		store_entry(f->desk.store, &f->desk.feed, seq, raw, &n), 0);
	assert_int_equal(entry_decode(&e, raw, n), 0);
	assert_int_equal(record_decode(rec, e.kind, e.facts, e.facts_n), 0);
}

static uint64_t qty_at(struct fixture *f, uint64_t seq, enum kind kind)
{
	struct line lines[LIMIT_LINES];
	struct record rec;

	at(f, seq, &rec);
	assert_int_equal(rec.kind, kind);
	assert_int_equal(record_lines(&rec, FACT_LINES, lines), 1);
	return lines[0].qty;
}

static int64_t on_hand(struct fixture *f, const char *item)
{
	struct holder holder = { .member = f->desk.identity };
	int64_t col[COL_COUNT];

	assert_int_equal(
		store_balance(f->desk.store, &holder, item, strlen(item), col),
		0);
	return col[COL_ON_HAND];
}

#define PRODUCE \
	"[record]\nkind=produce\n[columns]\nwhen=day\nitem=item\nquantity=q\n"
#define DELIVER                                                                \
	"[record]\nkind=deliver\n[columns]\nwhen=day\nitem=item\nquantity=q\n" \
	"to=to\n"

static void rows_are_recorded_in_order_of_time(void **state)
{
	struct fixture *f = *state;

	put(f->map[0], DELIVER);
	put(f->csv[0], "day,item,q,to\n2020-04-03,visor,1,a\n"
		       "2020-04-01,visor,2,b\n2020-04-02,visor,3,a\n");
	put(f->map[1], PRODUCE);
	put(f->csv[1], "day,item,q\n2020-04-02,visor,4\n2020-04-02,visor,5\n"
		       "2020-03-31,visor,6\n");
	assert_int_equal(run(f, 2, false), EXIT_DONE);
	counts_are(f, 0, 3, 0, 0, 0);
	counts_are(f, 1, 3, 0, 0, 0);
	/* The feed's `open` is 1. */
	assert_int_equal(qty_at(f, 2, KIND_PRODUCE), 6);
	assert_int_equal(qty_at(f, 3, KIND_DELIVER), 2);
	assert_int_equal(qty_at(f, 4, KIND_PRODUCE), 4);
	assert_int_equal(qty_at(f, 5, KIND_PRODUCE), 5);
	assert_int_equal(qty_at(f, 6, KIND_DELIVER), 3);
	assert_int_equal(qty_at(f, 7, KIND_DELIVER), 1);
	assert_int_equal(on_hand(f, "visor"), 9);
	assert_string_equal(rejects(f, 0), "");
	import_close(&f->im);
}

static void the_same_rows_again_record_nothing(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	put(f->map[0], PRODUCE);
	put(f->csv[0], "day,item,q\n2020-04-02,visor,4\n2020-04-02,visor,4\n"
		       "2020-04-03,visor,4\n2020-04-03,visor,0\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	counts_are(f, 0, 2, 0, 1, 1);
	before = entries(f);
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	counts_are(f, 0, 0, 2, 1, 1);
	/* A row more, from another file and in another order. */
	put(f->csv[0], "day;item;q\r\n2020-04-03;visor;4\r\n"
		       "2020-04-05;visor;9\r\n\"2020-04-02\";visor;4\r\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	counts_are(f, 0, 1, 2, 0, 0);
	assert_int_equal(entries(f), before + 1);
	import_close(&f->im);
}

static void what_is_rejected_is_in_a_file(void **state)
{
	struct fixture *f = *state;

	put(f->map[0], PRODUCE "[when]\nonly=item=visor\n");
	put(f->csv[0], "day,item,q\n2020-04-02,visor,-4\n2020-04-02,clip,x\n"
		       "2020-04-02,visor,5\n2020-04-02,visor,5\n"
		       "2020-04-02,visor\n2020-04-02,vi\"sor,5\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	counts_are(f, 0, 1, 0, 3, 1);
	assert_int_equal(f->im.file[0].skipped, 1);
	assert_string_equal(
		rejects(f, 0),
		"rejected_line,rejected_reason,day,item,q\n"
		"2,q: -4 is a negative quantity,2020-04-02,visor,\"-4\"\n"
		"5,an exact repeat of line 4,2020-04-02,visor,5\n"
		"6,\"it has 2 fields, and the header has 3\",2020-04-02,visor\n"
		"7,a quote inside a field that does not begin with one,"
		"\"2020-04-02,vi\"\"sor,5\"\n");
	import_close(&f->im);
}

static void a_dry_run_changes_nothing(void **state)
{
	struct fixture *f = *state;
	uint64_t before = entries(f);

	put(f->map[0], "[record]\nparties=public\n" DELIVER);
	put(f->csv[0], "day,item,q,to\n2020-04-02,visor,4,CHU\n"
		       "2020-04-02,visor,0,CHU\n2020-04-02,visor,4,CHU\n");
	assert_int_equal(run(f, 1, true), EXIT_DONE);
	counts_are(f, 0, 0, 0, 1, 1);
	assert_int_equal(f->im.file[0].fresh, 1);
	assert_int_equal(entries(f), before);
	assert_string_equal(rejects(f, 0), "");
	import_close(&f->im);
}

static void repeats_are_found_across_files(void **state)
{
	struct fixture *f = *state;

	put(f->map[0], PRODUCE);
	put(f->csv[0], "day,item,q\n2020-04-02,visor,4\n");
	put(f->map[1], PRODUCE);
	put(f->csv[1], "item;q;day\n2020-04-02;visor;4\n2020-04-02;visor;5\n");
	assert_int_equal(run(f, 2, false), EXIT_DONE);
	counts_are(f, 0, 1, 0, 0, 0);
	/* Under its header the second file's rows have no items. */
	counts_are(f, 1, 0, 0, 2, 0);
	put(f->csv[1], "day;item;q\n2020-04-02;visor;4\n2020-04-02;visor;5\n");
	assert_int_equal(run(f, 2, false), EXIT_DONE);
	counts_are(f, 0, 0, 1, 0, 0);
	counts_are(f, 1, 1, 0, 0, 1);
	assert_non_null(strstr(rejects(f, 1), "line 2 of "));
	import_close(&f->im);
}

static void a_row_that_cannot_be_used_takes_no_key(void **state)
{
	struct fixture *f = *state;

	put(f->map[0], "[record]\nkey=id\n" PRODUCE);
	put(f->csv[0], "id,day,item,q\n1,2020-04-02,visor,\n"
		       "1,2020-04-02,visor,4\n1,2020-04-02,visor,5\n"
		       "2,2020-04-02,visor,4\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	counts_are(f, 0, 2, 0, 1, 1);
	assert_non_null(strstr(rejects(f, 0), "same key as line 3"));
	import_close(&f->im);
}

static void other_facts_under_a_key_are_rejected(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	put(f->map[0], "[record]\nkey=id\n" PRODUCE);
	put(f->csv[0], "id,day,item,q\n1,2020-04-02,visor,4\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	before = entries(f);
	put(f->csv[0], "id,day,item,q\n1,2020-04-02,visor,5\n"
		       "2,2020-04-02,visor,6\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	counts_are(f, 0, 1, 0, 1, 0);
	assert_non_null(strstr(rejects(f, 0), "recorded before with other "
					      "facts, as asso/2"));
	assert_int_equal(entries(f), before + 1);
	import_close(&f->im);
}

/* Between reading and recording another process may be quicker. */
static void what_was_recorded_meanwhile_stays(void **state)
{
	struct fixture *f = *state;
	struct import slow;

	put(f->map[0], "[record]\nkey=id\n" PRODUCE);
	put(f->csv[0], "id,day,item,q\n1,2020-04-01,visor,1\n"
		       "2,2020-04-02,visor,2\n3,2020-04-03,visor,3\n"
		       "4,2020-04-04,visor,4\n");
	assert_int_equal(import_open(&slow, &f->desk, false), EXIT_DONE);
	assert_int_equal(import_add(&slow, f->map[0], f->csv[0], NULL),
			 EXIT_DONE);
	assert_int_equal(import_read(&slow), EXIT_DONE);
	put(f->csv[0], "id,day,item,q\n3,2020-04-03,visor,30\n"
		       "2,2020-04-02,visor,2\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	assert_int_equal(import_record(&slow), EXIT_DONE);
	import_close(&f->im);
	f->im = slow;
	counts_are(f, 0, 2, 1, 1, 0);
	assert_int_equal(on_hand(f, "visor"), 37);
	import_close(&f->im);
}

static void more_rows_than_a_batch_and_their_names(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->csv[0], "w");
	struct party p;
	char text[PARTY_TEXT];

	assert_non_null(file);
	fputs("day,item,q,to\n", file);
	for (int i = 0; i < 700; i++)
		fprintf(file, "2020-04-02,visor,1,place %d\n", i % 600);
	fclose(file);
	put(f->map[0], DELIVER "[set]\nlot=L\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	counts_are(f, 0, 600, 0, 0, 100);
	assert_int_equal(f->im.name_n, 600);
	for (int i = 0; i < 600; i += 59) {
		snprintf(text, sizeof(text), "~place %d", i);
		assert_int_equal(
			party_resolve(&p, NULL, &f->desk.member, text, NULL),
			0);
		outsider_text(text, &f->desk, &f->desk.identity, &p.outsider);
		assert_string_equal(text + 1, p.name);
		assert_int_equal(text[0], '~');
	}
	assert_int_equal(entries(f), 601);
	import_close(&f->im);
}

static void public_names_are_recorded_once(void **state)
{
	struct fixture *f = *state;
	struct record rec;

	put(f->map[0], "[record]\nparties=public\n" DELIVER);
	put(f->csv[0], "day,item,q,to\n2020-04-02,visor,4,CHU\n"
		       "2020-04-02,visor,5,CHU\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	assert_int_equal(entries(f), 4);
	at(f, 2, &rec);
	assert_int_equal(rec.kind, KIND_PARTY);
	put(f->csv[0], "day,item,q,to\n2020-04-02,visor,6,CHU\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	assert_int_equal(entries(f), 5);
	import_close(&f->im);
}

static void a_stock_take_counts_what_came_before(void **state)
{
	struct fixture *f = *state;

	put(f->map[0], "[record]\nkind=count\n[columns]\nwhen=day\nitem=item\n"
		       "quantity=q\n");
	put(f->csv[0], "day,item,q\n2020-04-02,visor,8\n2020-04-04,visor,15\n"
		       "2020-04-05,visor,15\n2020-04-06,visor,0\n");
	put(f->map[1], PRODUCE);
	put(f->csv[1], "day,item,q\n2020-04-01,visor,10\n2020-04-03,visor,5\n"
		       "2020-04-07,visor,3\n");
	assert_int_equal(run(f, 2, false), EXIT_DONE);
	counts_are(f, 0, 4, 0, 0, 0);
	assert_int_equal(on_hand(f, "visor"), 3);
	assert_int_equal(run(f, 2, false), EXIT_DONE);
	counts_are(f, 0, 0, 4, 0, 0);
	assert_int_equal(on_hand(f, "visor"), 3);
	import_close(&f->im);
}

static void what_is_wrong_has_its_exit_code(void **state)
{
	static const struct {
		const char *map;
		const char *csv;
		int code;
	} row[] = {
		{ PRODUCE, "day,item,q\n", EXIT_DONE },
		{ PRODUCE "colour=red\n", "day,item,q\n", EXIT_CONFIG },
		{ PRODUCE, "day,item,quantity\n", EXIT_CONFIG },
		{ PRODUCE, "day,item,q,q\n", EXIT_CONFIG },
		{ PRODUCE "by=~x\n", "day,item,q\n", EXIT_CONFIG },
		{ DELIVER "[set]\nby=nobody\n", "day,item,q,to\n",
		  EXIT_CONFIG },
		{ PRODUCE, "", EXIT_DATA },
		{ PRODUCE, "day,it\"em,q\n", EXIT_DATA },
		{ NULL, "day,item,q\n", EXIT_INPUT },
		{ PRODUCE, NULL, EXIT_INPUT },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		unlink(f->map[0]);
		unlink(f->csv[0]);
		if (row[i].map != NULL)
			put(f->map[0], row[i].map);
		if (row[i].csv != NULL)
			put(f->csv[0], row[i].csv);
		assert_int_equal(run(f, 1, false), row[i].code);
	}
	assert_int_equal(entries(f), 1);
	import_close(&f->im);
}

static void a_wrong_map_stops_before_any_row_of_any_file(void **state)
{
	struct fixture *f = *state;

	put(f->map[0], PRODUCE);
	put(f->csv[0], "day,item,q\n2020-04-02,visor,4\n2020-04-02,visor,0\n");
	put(f->map[1], PRODUCE);
	put(f->csv[1], "day,item\n2020-04-02,visor\n");
	assert_int_equal(run(f, 2, false), EXIT_CONFIG);
	assert_int_equal(entries(f), 1);
	assert_string_equal(rejects(f, 0), "");
	import_close(&f->im);
}

static void rejects_of_one_file_under_two_maps_stay_apart(void **state)
{
	struct fixture *f = *state;
	char path[160];

	put(f->map[0], PRODUCE);
	put(f->map[1], DELIVER);
	put(f->csv[0], "day,item,q,to\n2020-04-02,visor,4,\n2020-04-02,,1,a\n");
	memcpy(f->csv[1], f->csv[0], sizeof(f->csv[1]));
	assert_int_equal(run(f, 2, false), EXIT_DONE);
	counts_are(f, 0, 1, 0, 1, 0);
	counts_are(f, 1, 0, 0, 2, 0);
	assert_non_null(strstr(rejects(f, 0), "3,item: "));
	snprintf(path, sizeof(path), "%s.2.rejects.csv", f->csv[0]);
	assert_non_null(strstr(get(path), "2,to: "));
	import_close(&f->im);
}

static void mended_rejects_are_imported_with_the_same_map(void **state)
{
	struct fixture *f = *state;
	char mended[1024];

	put(f->map[0], PRODUCE);
	put(f->csv[0], "day,item,q\n2020-04-02,visor,x\n2020-04-03,visor,4\n"
		       "2020-04-03,visor,4\n");
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	snprintf(mended, sizeof(mended), "%s", rejects(f, 0));
	*(strstr(mended, "visor,x") + 6) = '7';
	put(f->csv[0], mended);
	assert_int_equal(run(f, 1, false), EXIT_DONE);
	counts_are(f, 0, 1, 1, 0, 0);
	assert_int_equal(on_hand(f, "visor"), 11);
	import_close(&f->im);
}

static void too_many_files_are_refused(void **state)
{
	struct fixture *f = *state;

	put(f->map[0], PRODUCE);
	put(f->csv[0], "day,item,q\n");
	assert_int_equal(import_open(&f->im, &f->desk, false), EXIT_DONE);
	for (int i = 0; i < IMPORT_FILES; i++)
		assert_int_equal(import_add(&f->im, f->map[0], f->csv[0], NULL),
				 EXIT_DONE);
	assert_int_equal(import_add(&f->im, f->map[0], f->csv[0], NULL),
			 EXIT_USAGE);
	assert_int_equal(import_read(&f->im), EXIT_DONE);
	import_close(&f->im);
	import_close(&f->im);
	import_close(NULL);
}

#define WITH_HOME(f) cmocka_unit_test_setup_teardown(f, set_up, take_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HOME(rows_are_recorded_in_order_of_time),
		WITH_HOME(the_same_rows_again_record_nothing),
		WITH_HOME(what_is_rejected_is_in_a_file),
		WITH_HOME(a_dry_run_changes_nothing),
		WITH_HOME(repeats_are_found_across_files),
		WITH_HOME(a_row_that_cannot_be_used_takes_no_key),
		WITH_HOME(other_facts_under_a_key_are_rejected),
		WITH_HOME(what_was_recorded_meanwhile_stays),
		WITH_HOME(more_rows_than_a_batch_and_their_names),
		WITH_HOME(public_names_are_recorded_once),
		WITH_HOME(a_stock_take_counts_what_came_before),
		WITH_HOME(what_is_wrong_has_its_exit_code),
		WITH_HOME(a_wrong_map_stops_before_any_row_of_any_file),
		WITH_HOME(rejects_of_one_file_under_two_maps_stay_apart),
		WITH_HOME(mended_rejects_are_imported_with_the_same_map),
		WITH_HOME(too_many_files_are_refused),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
