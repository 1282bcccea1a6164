#include "proto/record.h"

#include "crypto/err.h"
#include "proto/rd.h"
#include "proto/wr.h"

#include <string.h>

static void mark(struct record *rec, unsigned key)
{
	rec->has[key / 64] |= 1ULL << (key % 64);
}

bool record_has(const struct record *rec, enum fact f)
{
	return (rec->has[f / 64] >> (f % 64) & 1) != 0;
}

/* Rules between the facts of one record. */
static int check_together(const struct record *rec)
{
	bool key = record_has(rec, FACT_RECEIPT_KEY);
	bool sig = record_has(rec, FACT_RECEIPT_SIG);

	if (rec->kind == KIND_RECEIVE) {
		if (!record_has(rec, FACT_ACCEPTED) &&
		    !record_has(rec, FACT_REFUSED))
			return ERR_FORMAT;
		if (record_has(rec, FACT_REFUSED) &&
		    !record_has(rec, FACT_REASON))
			return ERR_FORMAT;
		if (key != sig || (key && record_has(rec, FACT_PAPER)))
			return ERR_FORMAT;
	}
	if (rec->kind == KIND_CORRECT &&
	    record_has(rec, FACT_FACTS) !=
		    (record_uint(rec, FACT_WHY) == WHY_INCORRECT_DATA))
		return ERR_FORMAT;
	return 0;
}

static int check_needs(const struct record *rec, const struct kind_rule *rule)
{
	for (size_t i = 0; i < sizeof(rule->need) && rule->need[i] != 0; i++)
		if (!record_has(rec, rule->need[i]))
			return ERR_FORMAT;
	return check_together(rec);
}

void record_init(struct record *rec, uint32_t kind)
{
	rec->kind = kind;
	rec->has[0] = 0;
	rec->has[1] = 0;
}

void record_copy(struct record *to, const struct record *from)
{
	record_init(to, from->kind);
	for (unsigned word = 0; word < 2; word++) {
		uint64_t left = to->has[word] = from->has[word];

		for (; left != 0; left &= left - 1) {
			unsigned k =
				64 * word + (unsigned)__builtin_ctzll(left);

			to->v[k] = from->v[k];
		}
	}
}

int record_read(struct record *rec, uint32_t kind, struct rd *r)
{
	const struct kind_rule *row = kind_rule(kind);
	struct sums sums = { 0, 0 };
	uint64_t before = 0;
	uint32_t count;

	record_init(rec, kind);
	if (row == NULL)
		return ERR_VERSION;
	count = rd_map(r, LIMIT_FACTS);
	for (uint32_t i = 0; i < count && r->err == 0; i++) {
		uint64_t key = rd_uint(r, UINT64_MAX);
		const struct fact_rule *rule = NULL;

		if (key < FACT_LIMIT)
			rule = fact_rule((unsigned)key);

		if (key <= before && i > 0)
			rd_fail(r, ERR_FORMAT);
		before = key;
		if (rule != NULL && kind_takes(row, rule->key)) {
			value_read(&rec->v[key], r, rule, &sums);
			mark(rec, rule->key);
		} else if (key % 2 == 1) {
			rd_fail(r, ERR_VERSION);
		} else {
			rd_skip(r, LIMIT_DEPTH - 2);
		}
	}
	if (r->err != 0) {
		record_init(rec, kind);
		return r->err;
	}
	return check_needs(rec, row);
}

int record_decode(struct record *rec, uint32_t kind, const void *p, size_t n)
{
	struct rd r;
	int err;

	rd_init(&r, p, n);
	err = record_read(rec, kind, &r);
	if (err == 0 && rd_end(&r) != 0) {
		record_init(rec, kind);
		err = rd_end(&r);
	}
	return err;
}

static bool is_number(enum fact_type type)
{
	return type == TYPE_UINT || type == TYPE_TIME || type == TYPE_WORD;
}

static bool is_raw(enum fact_type type)
{
	return type >= TYPE_LINES;
}

/* What value_read made of the next value, which it found good. */
static void value_again(struct value *v, struct rd *r, enum fact_type type)
{
	const uint8_t *start = r->p;

	v->u = is_number(type) ? rd_uint(r, UINT64_MAX) : 0;
	if (!is_number(type))
		v->p = rd_again(r, &v->n);
	if (is_number(type) || is_raw(type)) {
		v->p = start;
		v->n = (size_t)(r->p - start);
	}
}

int record_again(struct record *rec, uint32_t kind, const void *p, size_t n)
{
	const struct kind_rule *row = kind_rule(kind);
	struct rd r;
	uint32_t count;
	size_t len;

	record_init(rec, kind);
	if (row == NULL)
		return ERR_VERSION;
	rd_init(&r, p, n);
	count = rd_map(&r, LIMIT_FACTS);
	for (uint32_t i = 0; i < count && r.err == 0; i++) {
		uint64_t key = rd_uint(&r, UINT64_MAX);

		if (key < FACT_LIMIT && kind_takes(row, (unsigned)key)) {
			value_again(&rec->v[key], &r,
				    fact_rule((unsigned)key)->type);
			mark(rec, (unsigned)key);
		} else {
			rd_again(&r, &len);
		}
	}
	return r.err;
}

static bool is_text(enum fact_type type)
{
	return type == TYPE_TEXT || type == TYPE_LABEL || type == TYPE_ITEM ||
	       type == TYPE_PLACE || type == TYPE_PERIOD;
}

int record_encode(const struct record *rec, void *out, size_t max, size_t *n)
{
	struct record again;
	uint32_t count = 0;
	struct wr w;
	size_t len;
	int err;

	for (unsigned k = 0; k < FACT_LIMIT; k++)
		count += record_has(rec, k);
	wr_init(&w, out, max);
	wr_map(&w, count);
	for (unsigned k = 0; k < FACT_LIMIT; k++) {
		const struct fact_rule *rule = fact_rule(k);
		const struct value *v = &rec->v[k];

		if (rule == NULL || !record_has(rec, k))
			continue;
		wr_uint(&w, k);
		if (is_number(rule->type))
			wr_uint(&w, v->u);
		else if (is_text(rule->type))
			wr_text(&w, (const char *)v->p, v->n);
		else if (is_raw(rule->type))
			wr_raw(&w, v->p, v->n);
		else
			wr_bin(&w, v->p, v->n);
	}
	err = wr_end(&w, &len);
	if (err == 0)
		err = record_decode(&again, rec->kind, out, len);
	/* A reader would ignore an even fact that the kind does not take. */
	if (err == 0 &&
	    (again.has[0] != rec->has[0] || again.has[1] != rec->has[1]))
		err = ERR_FORMAT;
	if (err == 0)
		*n = len;
	return err;
}

uint64_t record_uint(const struct record *rec, enum fact f)
{
	return record_has(rec, f) ? rec->v[f].u : 0;
}

static void copy_fixed(const struct record *rec, enum fact f, uint8_t *out,
		       size_t n)
{
	if (record_has(rec, f) && rec->v[f].n == n)
		memcpy(out, rec->v[f].p, n);
	else
		memset(out, 0, n);
}

struct id record_id(const struct record *rec, enum fact f)
{
	struct id id;

	copy_fixed(rec, f, id.b, sizeof(id.b));
	return id;
}

struct pubkey record_key(const struct record *rec, enum fact f)
{
	struct pubkey key;

	copy_fixed(rec, f, key.b, sizeof(key.b));
	return key;
}

struct tag record_tag(const struct record *rec, enum fact f)
{
	struct tag tag;

	copy_fixed(rec, f, tag.b, sizeof(tag.b));
	return tag;
}

void record_set_uint(struct record *rec, enum fact f, uint64_t u)
{
	rec->v[f] = (struct value){ u, NULL, 0 };
	mark(rec, f);
}

void record_set_bytes(struct record *rec, enum fact f, const void *p, size_t n)
{
	rec->v[f] = (struct value){ 0, p, n };
	mark(rec, f);
}

void record_unset(struct record *rec, enum fact f)
{
	rec->has[f / 64] &= ~(1ULL << (f % 64));
}

size_t record_lines(const struct record *rec, enum fact f,
		    struct line out[static LIMIT_LINES])
{
	return record_has(rec, f) ? value_lines(&rec->v[f], out) : 0;
}

size_t record_positions(const struct record *rec, enum fact f,
			struct position *out, size_t max)
{
	const struct fact_rule *rule = fact_rule(f);

	if (!record_has(rec, f) || rule == NULL)
		return 0;
	return value_positions(&rec->v[f], rule->type, out, max);
}

size_t record_ids(const struct record *rec, enum fact f, struct id *out,
		  size_t max)
{
	return record_has(rec, f) ? value_ids(&rec->v[f], out, max) : 0;
}

bool record_money(const struct record *rec, enum fact f, uint64_t *minor,
		  char currency[static 4])
{
	return record_has(rec, f) && value_money(&rec->v[f], minor, currency);
}
