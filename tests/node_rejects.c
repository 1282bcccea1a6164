#include "node/import/rejects.h"

#include "crypto/err.h"
#include "node/text/say.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[] = "/tmp/maillon-rejects-XXXXXX";
static char path[64];

static int make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/x.csv", dir);
	return 0;
}

static int drop_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void file_is(const char *want)
{
	char text[4096] = "";
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, want);
}

/* Reject every row of a table, then look at the file. */
static void reject_all(const char *table, size_t n, enum codepage encoding,
		       const char *reason, const char *want)
{
	struct rejects r;
	struct csv c;
	int err;

	unlink(path);
	assert_int_equal(csv_bytes(&c, table, n, 0, encoding), 0);
	assert_int_equal(csv_next(&c), 0);
	assert_int_equal(rejects_init(&r, &c, path), 0);
	while ((err = csv_next(&c)) != ERR_NOT_FOUND)
		assert_int_equal(rejects_add(&r, &c, reason), EXIT_DONE);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(rejects_close(&r, EXIT_DONE), EXIT_DONE);
	assert_int_equal(rejects_close(&r, EXIT_DONE), EXIT_DONE);
	file_is(want);
	csv_close(&c);
}

static void fields_stay_byte_for_byte(void **state)
{
	static const char table[] = "a;b\r\n\"x;\"\"\";  y \r\n;\n";

	(void)state;
	reject_all(table, sizeof(table) - 1, CODEPAGE_UTF8, "it; is \"bad\"",
		   "rejected_line;rejected_reason;a;b\n"
		   "2;\"it; is \"\"bad\"\"\";\"x;\"\"\";  y \n"
		   "3;\"it; is \"\"bad\"\"\";;\n");
}

static void formulas_stand_in_quotes(void **state)
{
	static const char table[] =
		"=a,b,c,d,e\n=1+1,+1,-1,@x,1-1\n\"=2\",\t,,-,a\n";

	(void)state;
	reject_all(table, sizeof(table) - 1, CODEPAGE_UTF8, "no",
		   "rejected_line,rejected_reason,\"=a\",b,c,d,e\n"
		   "2,no,\"=1+1\",\"+1\",\"-1\",\"@x\",1-1\n"
		   "3,no,\"=2\",\"\t\",,\"-\",a\n");
}

static void a_broken_row_is_one_field(void **state)
{
	static const char table[] = "a,b\n1,x\"y\n\"z\n";

	(void)state;
	reject_all(table, sizeof(table) - 1, CODEPAGE_UTF8, "broken",
		   "rejected_line,rejected_reason,a,b\n"
		   "2,broken,\"1,x\"\"y\"\n"
		   "3,broken,\"\"\"z\"\n");
}

static void the_reason_comes_in_the_encoding_of_the_table(void **state)
{
	static const char table[] = "a\n\xe8\n";

	(void)state;
	reject_all(table, sizeof(table) - 1, CODEPAGE_1252,
		   "quantit\xc3\xa9 n\xc3\xa9gative",
		   "rejected_line,rejected_reason,a\n"
		   "2,quantit\xe9 n\xe9gative,\xe8\n");
}

static void columns_of_ours_are_replaced(void **state)
{
	static const char table[] = "rejected_line,rejected_reason,a\n"
				    "77,old reason,x\n";

	(void)state;
	reject_all(table, sizeof(table) - 1, CODEPAGE_UTF8, "new reason",
		   "rejected_line,rejected_reason,a\n2,new reason,x\n");
}

static void without_rows_there_is_no_file(void **state)
{
	struct rejects r;
	struct csv c;

	(void)state;
	unlink(path);
	assert_int_equal(csv_bytes(&c, "a\n1\n", 4, 0, CODEPAGE_UTF8), 0);
	assert_int_equal(csv_next(&c), 0);
	assert_int_equal(rejects_init(&r, &c, path), 0);
	assert_int_equal(rejects_close(&r, EXIT_DONE), EXIT_DONE);
	assert_int_equal(access(path, F_OK), -1);

	assert_int_equal(rejects_init(&r, &c, path), 0);
	assert_int_equal(rejects_add(&r, &c, "x"), EXIT_DONE);
	assert_int_equal(rejects_close(&r, EXIT_IO), EXIT_IO);
	assert_int_equal(access(path, F_OK), -1);
	csv_close(&c);
}

static void a_place_that_is_not_there_is_said(void **state)
{
	char long_path[OUTFILE_PATH + 1];
	struct rejects r;
	struct csv c;

	(void)state;
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[OUTFILE_PATH] = '\0';
	assert_int_equal(csv_bytes(&c, "a\n1\n", 4, 0, CODEPAGE_UTF8), 0);
	assert_int_equal(csv_next(&c), 0);
	assert_int_equal(rejects_init(&r, &c, long_path), ERR_LIMIT);
	assert_int_equal(rejects_close(&r, EXIT_DONE), EXIT_DONE);
	assert_int_equal(rejects_init(&r, &c, "/nowhere/at/all.csv"), 0);
	assert_int_equal(rejects_add(&r, &c, "x"), EXIT_CREATE);
	assert_int_equal(rejects_close(&r, EXIT_CREATE), EXIT_CREATE);
	csv_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(fields_stay_byte_for_byte),
		UNIT(formulas_stand_in_quotes),
		UNIT(a_broken_row_is_one_field),
		UNIT(the_reason_comes_in_the_encoding_of_the_table),
		UNIT(columns_of_ours_are_replaced),
		UNIT(without_rows_there_is_no_file),
		UNIT(a_place_that_is_not_there_is_said),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
