#ifndef NODE_TEXT_JSON_H
#define NODE_TEXT_JSON_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/book/book.h"
#include "proto/entry.h"
#include "proto/roster/roster.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

/*
 * json -- the ledger's things as JSON, the way CONTRACT promises.
 *
 * Keys stand in a fixed order, ids and keys are lower-case hex, quantities and
 * times are integers, words are words, nothing is translated.  Functions
 * return a new reference, or NULL when memory is short.
 */

/* json_hex: n bytes.  json_id, json_key: 32 of them. */
json_t *json_hex(const void *p, size_t n);
json_t *json_id(const struct id *id);
json_t *json_key(const struct pubkey *key);

/* json_plain: text that is safe to show, made safe if it is not UTF-8. */
json_t *json_plain(const char *text, size_t n);

/* json_facts: a canonical map of facts by their names: goods as
 * [{"item","qty"}...], money {"minor","currency"}, positions {"feed","seq",
 * "id"}, words as words, bytes as hex, facts within facts alike.  A fact that
 * is not known here, or not of its form, is "fact-NUMBER" and hex. */
json_t *json_facts(const uint8_t *p, size_t n);

/* json_entry: one line of `log --json`.  roster NULL: label null.  A kind that
 * is not known here is its number. */
json_t *json_entry(const struct entry *e, const struct id *id,
		   const struct roster *roster);

/* json_position: {"feed","seq","id"}. */
json_t *json_position(const struct pubkey *feed, uint64_t seq,
		      const struct id *id);

/* json_item: the item object of totals and audit. */
json_t *json_item(const char *item, size_t item_n, const char *unit,
		  const int64_t col[static COL_COUNT]);

/* json_put: add a new reference (stolen) under key; a NULL value or object
 * makes *obj NULL, so that builders need to look only once. */
void json_put(json_t **obj, const char *key, json_t *value);

/* json_push: the same for an array. */
void json_push(json_t **array, json_t *value);

/* json_line: print compactly with a newline, and drop the reference.  NULL is
 * memory short.  EXIT_DONE, EXIT_IO. */
int json_line(FILE *file, json_t *value);

/* json_bytes: the same into a buffer of the caller's that json_dump made: free
 * with free(); NULL when memory is short.  For what is hashed. */
char *json_bytes(const json_t *value);

#endif
