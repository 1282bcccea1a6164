#include "node/import/csv.h"
#include "node/import/csvmap.h"
#include "node/import/rowset.h"
#include "node/import/tagset.h"

#include "crypto/err.h"
#include "tests/nomem.h"
#include "tests/unit.h"

#include <string.h>

/* Try step with the k-th allocation failing, for every k, until it works. */
static void until_it_works(int (*step)(void))
{
	int err = ERR_NOMEM;

	for (int k = 0; k < 100 && err != 0; k++) {
		nomem_after = k;
		err = step();
		nomem_after = -1;
		assert_true(err == 0 || err == ERR_NOMEM);
		assert_true(k > 0 || err == ERR_NOMEM);
	}
	assert_int_equal(err, 0);
}

static int read_table(void)
{
	static const char text[] =
		"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,1,2,3,4,"
		"5,6,7,8,9\n\"\xc3\xa9\",2\n";
	struct csv c;
	int err = csv_bytes(&c, text, sizeof(text) - 1, 0, CODEPAGE_UTF8);

	for (int rows = 0; rows < 2 && err == 0; rows++)
		err = csv_next(&c);
	csv_close(&c);
	return err;
}

static int read_map(void)
{
	static const char text[] =
		"[record]\nkind=produce\n[columns]\nitem=a\nquantity=b\n"
		"[map item]\na=b\nc=d\n";
	struct reason why = { "" };
	struct csvmap m;
	unsigned line = 0;
	int err = csvmap_read(&m, &line, &why, text, sizeof(text) - 1);

	csvmap_release(&m);
	return err;
}

static int keep_rows(void)
{
	struct rowset s = { 0 };
	struct tagset t = { 0 };
	struct row row = { .facts = (const uint8_t *)"abc", .facts_n = 3 };
	int err = 0;

	for (unsigned i = 1; i < 300 && err == 0; i++) {
		struct tag tag = { { (uint8_t)i, (uint8_t)(i >> 8) } };

		err = rowset_add(&s, &row);
		if (err == 0)
			err = tagset_put(&t, &tag, i);
		if (err == 0 && rowset_text(&s, "text") == NULL)
			err = ERR_NOMEM;
	}
	rowset_release(&s);
	tagset_release(&t);
	return err;
}

static void a_table_can_run_out_of_memory(void **state)
{
	(void)state;
	until_it_works(read_table);
}

static void a_map_can_run_out_of_memory(void **state)
{
	(void)state;
	until_it_works(read_map);
}

static void the_rows_can_run_out_of_memory(void **state)
{
	(void)state;
	until_it_works(keep_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_table_can_run_out_of_memory),
		UNIT(a_map_can_run_out_of_memory),
		UNIT(the_rows_can_run_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
