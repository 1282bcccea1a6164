#include "node/text/json.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/text/say.h"
#include "proto/fact.h"
#include "proto/kind.h"
#include "proto/limit.h"
#include "proto/value.h"

#include <stdlib.h>
#include <string.h>

enum { FLAGS = JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY };

void json_put(json_t **obj, const char *key, json_t *value)
{
	if (*obj == NULL) {
		json_decref(value);
		return;
	}
	if (value == NULL || json_object_set_new(*obj, key, value) != 0) {
		json_decref(*obj);
		*obj = NULL;
	}
}

void json_push(json_t **array, json_t *value)
{
	if (*array == NULL) {
		json_decref(value);
		return;
	}
	if (value == NULL || json_array_append_new(*array, value) != 0) {
		json_decref(*array);
		*array = NULL;
	}
}

json_t *json_hex(const void *p, size_t n)
{
	char *text = malloc(HEX_SIZE(n));
	json_t *out;

	if (text == NULL)
		return NULL;
	hex_encode(text, p, n);
	out = json_stringn(text, 2 * n);
	free(text);
	return out;
}

json_t *json_id(const struct id *id)
{
	return json_hex(id->b, ID_SIZE);
}

json_t *json_key(const struct pubkey *key)
{
	return json_hex(key->b, KEY_SIZE);
}

json_t *json_plain(const char *text, size_t n)
{
	json_t *out = json_stringn(text, n);
	char *safe;

	if (out != NULL)
		return out;
	safe = malloc(TEXT_SAFE_SIZE(n));
	if (safe == NULL)
		return NULL;
	out = json_string(text_safe(safe, TEXT_SAFE_SIZE(n), text, n));
	free(safe);
	return out;
}

static json_t *json_whole(uint64_t v)
{
	return json_integer((json_int_t)v);
}

json_t *json_position(const struct pubkey *feed, uint64_t seq,
		      const struct id *id)
{
	json_t *out = json_object();

	json_put(&out, "feed", json_key(feed));
	json_put(&out, "seq", json_whole(seq));
	json_put(&out, "id", json_id(id));
	return out;
}

static json_t *of_lines(const struct value *v)
{
	struct line lines[LIMIT_LINES];
	size_t n = value_lines(v, lines);
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *line = json_object();

		json_put(&line, "item",
			 json_plain(lines[i].item, lines[i].item_n));
		json_put(&line, "qty", json_whole(lines[i].qty));
		json_push(&out, line);
	}
	return out;
}

static json_t *of_money(const struct value *v)
{
	json_t *out = json_object();
	char currency[4] = "";
	uint64_t minor = 0;

	value_money(v, &minor, currency);
	json_put(&out, "minor", json_whole(minor));
	json_put(&out, "currency", json_string(currency));
	return out;
}

static json_t *of_positions(const struct value *v, enum fact_type type)
{
	struct position *at = calloc(LIMIT_PINS, sizeof(*at));
	json_t *out = json_array();
	size_t n = 0;

	if (at != NULL)
		n = value_positions(v, type, at, LIMIT_PINS);
	for (size_t i = 0; i < n; i++)
		json_push(&out,
			  json_position(&at[i].feed, at[i].seq, &at[i].id));
	if (at == NULL) {
		json_decref(out);
		out = NULL;
	}
	free(at);
	return out;
}

static json_t *of_ids(const struct value *v)
{
	struct id *ids = calloc(LIMIT_PINS, sizeof(*ids));
	json_t *out = json_array();
	size_t n = ids == NULL ? 0 : value_ids(v, ids, LIMIT_PINS);

	for (size_t i = 0; i < n; i++)
		json_push(&out, json_id(&ids[i]));
	if (ids == NULL) {
		json_decref(out);
		out = NULL;
	}
	free(ids);
	return out;
}

static json_t *of_addresses(const struct value *v)
{
	json_t *out = json_array();
	struct rd r;
	uint32_t n;

	rd_init(&r, v->p, v->n);
	n = rd_array(&r, LIMIT_ADDRESSES);
	for (uint32_t i = 0; i < n; i++) {
		size_t len;
		const char *p = rd_text(&r, LIMIT_ADDRESS, &len);

		json_push(&out, json_plain(p == NULL ? "" : p, len));
	}
	return out;
}

/* One position alone, not as a list. */
static json_t *of_position(const struct value *v)
{
	struct position at;

	if (value_positions(v, TYPE_POSITION, &at, 1) != 1)
		return NULL;
	return json_position(&at.feed, at.seq, &at.id);
}

static json_t *of_value(const struct value *v, const struct fact_rule *rule)
{
	switch (rule->type) {
	case TYPE_UINT:
	case TYPE_TIME:
		return json_whole(v->u);
	case TYPE_WORD:
		return json_string(rule->word[v->u]);
	case TYPE_TEXT:
	case TYPE_LABEL:
	case TYPE_ITEM:
	case TYPE_PLACE:
	case TYPE_PERIOD:
		return json_plain((const char *)v->p, v->n);
	case TYPE_BYTES:
	case TYPE_TAG:
	case TYPE_ID:
	case TYPE_KEY:
	case TYPE_SHA:
	case TYPE_SIG:
	case TYPE_PARTY:
		return json_hex(v->p, v->n);
	case TYPE_LINES:
	case TYPE_LINES0:
		return of_lines(v);
	case TYPE_MONEY:
	case TYPE_MONEY0:
		return of_money(v);
	case TYPE_POSITION:
		return of_position(v);
	case TYPE_POSITIONS:
		return of_positions(v, rule->type);
	case TYPE_IDS:
	case TYPE_KEYS:
		return of_ids(v);
	case TYPE_ADDRESSES:
		return of_addresses(v);
	case TYPE_FACTS:
		return json_facts(v->p, v->n);
	}
	return NULL;
}

/* Read and add one fact; one that is not as it should be goes in as it is. */
static void put_fact(json_t **out, struct rd *r)
{
	uint64_t key = rd_uint(r, UINT32_MAX);
	const struct fact_rule *rule =
		key < FACT_LIMIT ? fact_rule((unsigned)key) : NULL;
	struct value v = { 0, NULL, 0 };
	struct sums sums = { 0, 0 };
	const uint8_t *start = r->p;
	struct rd probe = *r;
	char name[16 + DEC_SIZE] = "fact-";

	if (rule != NULL) {
		value_read(&v, &probe, rule, &sums);
		if (probe.err == 0) {
			*r = probe;
			json_put(out, rule->name, of_value(&v, rule));
			return;
		}
	}
	rd_skip(r, LIMIT_DEPTH);
	if (r->err == 0) {
		dec_encode(name + strlen(name), key);
		json_put(out, name, json_hex(start, (size_t)(r->p - start)));
	}
}

json_t *json_facts(const uint8_t *p, size_t n)
{
	json_t *out = json_object();
	struct rd r;
	uint32_t count;

	rd_init(&r, p, n);
	count = rd_map(&r, UINT32_MAX);
	for (uint32_t i = 0; i < count && r.err == 0; i++)
		put_fact(&out, &r);
	return out;
}

static json_t *of_author(const struct roster *roster, const struct pubkey *feed)
{
	const struct roster_feed *f =
		roster == NULL ? NULL : roster_feed(roster, feed);
	const struct member *m =
		f == NULL ? NULL : roster_member(roster, &f->identity);
	json_t *out = json_object();

	json_put(&out, "identity",
		 f == NULL ? json_null() : json_key(&f->identity));
	json_put(&out, "label",
		 m == NULL ? json_null() : json_string(m->label));
	return out;
}

json_t *json_entry(const struct entry *e, const struct id *id,
		   const struct roster *roster)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	json_t *out = json_object();

	json_put(&out, "feed", json_key(&e->feed));
	json_put(&out, "seq", json_whole(e->seq));
	json_put(&out, "id", json_id(id));
	json_put(&out, "prev", json_id(&e->prev));
	json_put(&out, "time_ms", json_whole(e->time_ms));
	json_put(&out, "kind",
		 rule == NULL ? json_whole(e->kind) : json_string(rule->name));
	json_put(&out, "facts", json_facts(e->facts, e->facts_n));
	json_put(&out, "seen", e->has_seen ? json_id(&e->seen) : json_null());
	json_put(&out, "author", of_author(roster, &e->feed));
	json_put(&out, "sig", json_hex(e->sig.b, SIG_SIZE));
	return out;
}

json_t *json_item(const char *item, size_t item_n, const char *unit,
		  const int64_t col[static COL_COUNT])
{
	json_t *out = json_object();
	json_t *ack = json_object();

	json_put(&out, "item", json_plain(item, item_n));
	json_put(&out, "unit", json_plain(unit, strlen(unit)));
	for (int c = 0; c < COL_COUNT; c++) {
		json_t **into = &out;

		/* How goods moved between holders is seen in `moved`. */
		if (c == COL_RECEIVED || c == COL_HANDED)
			continue;
		if (c == COL_ACK_A || c == COL_ACK_B || c == COL_ACK_C)
			into = &ack;
		json_put(into, column_name((enum column)c),
			 json_integer(col[c]));
		if (c == COL_ACK_C)
			json_put(&out, "acknowledged", ack);
	}
	return out;
}

char *json_bytes(const json_t *value)
{
	return value == NULL ? NULL : json_dumps(value, FLAGS);
}

int json_line(FILE *file, json_t *value)
{
	/* In one piece: jansson writes to a file word by word. */
	char *text = json_bytes(value);
	bool done = false;

	json_decref(value);
	if (text == NULL)
		say_error("%s", err_reason(ERR_NOMEM));
	else
		done = fputs(text, file) != EOF && fputc('\n', file) != EOF;
	free(text);
	return done ? EXIT_DONE : EXIT_IO;
}
