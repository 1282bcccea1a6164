#include "node/proof/opened.h"

#include "proto/record.h"
#include "store/private.h"

#include <string.h>

void opened_key(uint8_t out[static OPENED_KEY], const struct id *commitment)
{
	memcpy(out, "open:", 5);
	memcpy(out + 5, commitment->b, ID_SIZE);
}

/* What a row says of the fact, if it is about it. */
static bool read_row(struct opened *o, const struct id *commitment,
		     const uint8_t *row, size_t n)
{
	struct id again;

	if (n < RECEIPT_SALT) {
		o->is_forgotten = true;
		return true;
	}
	o->is_forgotten = false;
	memcpy(o->salt, row, RECEIPT_SALT);
	o->value = row + RECEIPT_SALT;
	o->value_n = n - RECEIPT_SALT;
	again = private_commit(o->fact, o->salt, o->value, o->value_n);
	return id_eq(&again, commitment);
}

size_t opened_find(struct opened out[static RECEIPT_OPENED],
		   struct opened_rows *rows, struct store *s,
		   const struct record *rec)
{
	size_t n = 0;

	for (unsigned f = 0; f < FACT_LIMIT && n < RECEIPT_OPENED; f++) {
		const struct fact_rule *rule = fact_rule(f);
		struct opened *o = &out[n];
		uint8_t key[OPENED_KEY], *row = rows->row[n];
		struct id commitment;
		size_t row_n;

		if (rule == NULL || rule->type != TYPE_SHA ||
		    !record_has(rec, (enum fact)f))
			continue;
		commitment = record_id(rec, (enum fact)f);
		opened_key(key, &commitment);
		o->fact = f;
		o->value = rec->v[f].p;
		o->value_n = rec->v[f].n;
		if (store_get(s, TABLE_PRIVATE, key, sizeof(key), row,
			      OPENED_ROW, &row_n) == 0)
			n += read_row(o, &commitment, row, row_n);
	}
	return n;
}
