#include "node/proof/opened.h"

#include "crypto/bytes.h"
#include "proto/record.h"
#include "store/private.h"

#include <string.h>

void opened_key(uint8_t out[static OPENED_KEY], const struct id *commitment)
{
	memcpy(out, "open:", 5);
	memcpy(out + 5, commitment->b, ID_SIZE);
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
		struct id commitment, again;
		size_t row_n;

		if (rule == NULL || rule->type != TYPE_SHA ||
		    !record_has(rec, (enum fact)f))
			continue;
		memcpy(commitment.b, rec->v[f].p, ID_SIZE);
		opened_key(key, &commitment);
		if (store_get(s, TABLE_PRIVATE, key, sizeof(key), row,
			      OPENED_ROW, &row_n) != 0 ||
		    row_n < RECEIPT_SALT)
			continue;
		o->fact = f;
		memcpy(o->salt, row, RECEIPT_SALT);
		o->value = row + RECEIPT_SALT;
		o->value_n = row_n - RECEIPT_SALT;
		again = private_commit(f, o->salt, o->value, o->value_n);
		n += id_eq(&again, &commitment);
	}
	return n;
}

size_t opened_forgotten(struct store *s, const struct record *rec)
{
	size_t n = 0;

	for (unsigned f = 0; f < FACT_LIMIT; f++) {
		const struct fact_rule *rule = fact_rule(f);
		uint8_t key[OPENED_KEY], row[OPENED_ROW];
		struct id commitment;
		size_t row_n;

		if (rule == NULL || rule->type != TYPE_SHA ||
		    !record_has(rec, (enum fact)f))
			continue;
		commitment = record_id(rec, (enum fact)f);
		opened_key(key, &commitment);
		if (store_get(s, TABLE_PRIVATE, key, sizeof(key), row,
			      sizeof(row), &row_n) == 0)
			n += row_n < RECEIPT_SALT;
		bytes_wipe(row, sizeof(row));
	}
	return n;
}
