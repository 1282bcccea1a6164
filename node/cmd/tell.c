#include "node/cmd/tell.h"

#include "crypto/bytes.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/rd.h"

#include <stdlib.h>
#include <string.h>

/* What is being told, where to, and whose book it is about. */
struct teller {
	FILE *file;
	struct desk *desk;
	const struct pubkey *author;
};

static void put_hex(FILE *file, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%02x", (unsigned)p[i]);
}

static void put_goods(FILE *file, const struct value *v)
{
	struct line lines[LIMIT_LINES];
	size_t n = value_lines(v, lines);

	for (size_t i = 0; i < n; i++) {
		fprintf(file, "%s%llu ", i == 0 ? "" : ", ",
			(unsigned long long)lines[i].qty);
		put_safe(file, lines[i].item, lines[i].item_n);
	}
}

static void put_money(FILE *file, const struct value *v)
{
	char text[MONEY_SIZE];
	struct money m;

	if (!value_money(v, &m.minor, m.currency))
		return;
	money_text(text, &m);
	put_safe(file, text, strlen(text));
}

static void put_party(const struct teller *t, const struct value *v)
{
	char text[PARTY_TEXT];
	struct pubkey key;
	struct tag tag;

	if (v->n == KEY_SIZE) {
		memcpy(key.b, v->p, KEY_SIZE);
		rank_text(text, t->desk->store, &key);
	} else {
		memcpy(tag.b, v->p, TAG_SIZE);
		outsider_text(text, t->desk, t->author, &tag);
	}
	fputs(text, t->file);
}

static void put_positions(FILE *file, const struct value *v,
			  enum fact_type type)
{
	struct position *at = calloc(LIMIT_PINS, sizeof(*at));
	size_t n = at == NULL ? 0 : value_positions(v, type, at, LIMIT_PINS);

	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "" : ", ", file);
		put_hex(file, at[i].feed.b, 4);
		fprintf(file, "/%llu", (unsigned long long)at[i].seq);
	}
	free(at);
}

static void put_ids(FILE *file, const struct value *v)
{
	struct id *ids = calloc(LIMIT_PINS, sizeof(*ids));
	size_t n = ids == NULL ? 0 : value_ids(v, ids, LIMIT_PINS);

	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "" : ", ", file);
		put_hex(file, ids[i].b, 8);
	}
	free(ids);
}

static void put_addresses(FILE *file, const struct value *v)
{
	struct rd r;
	uint32_t n;

	rd_init(&r, v->p, v->n);
	n = rd_array(&r, LIMIT_ADDRESSES);
	for (uint32_t i = 0; i < n; i++) {
		size_t len;
		const char *p = rd_text(&r, LIMIT_ADDRESS, &len);

		fputs(i == 0 ? "" : ", ", file);
		put_safe(file, p == NULL ? "" : p, len);
	}
}

/* Facts within facts: those of a correction. */
static void put_facts(const struct teller *t, const struct value *v)
{
	struct sums sums = { 0, 0 };
	struct rd r;
	uint32_t n;

	rd_init(&r, v->p, v->n);
	n = rd_map(&r, LIMIT_FACTS);
	for (uint32_t i = 0; i < n && r.err == 0; i++) {
		unsigned key = (unsigned)rd_uint(&r, FACT_LIMIT - 1);
		const struct fact_rule *rule = fact_rule(key);
		struct value inner = { 0, NULL, 0 };

		/* A correction holds none within itself. */
		if (rule == NULL || rule->type == TYPE_FACTS)
			return;
		value_read(&inner, &r, rule, &sums);
		if (r.err != 0)
			return;
		fprintf(t->file, "%s%s ", i == 0 ? "" : ", ", rule->name);
		tell_fact(t->file, t->desk, t->author, (enum fact)key, &inner);
	}
}

/* A party where the fact names one, digits otherwise. */
static void put_bytes(const struct teller *t, const struct fact_rule *rule,
		      const struct value *v)
{
	bool is_party = rule->type == TYPE_PARTY || rule->key == FACT_FOR ||
			rule->key == FACT_OUTSIDER || rule->key == FACT_WHO ||
			rule->key == FACT_IDENTITY;

	if (is_party)
		put_party(t, v);
	else
		put_hex(t->file, v->p, v->n);
}

static void put(const struct teller *t, const struct fact_rule *rule,
		const struct value *v)
{
	char time[TIME_SIZE];

	switch (rule->type) {
	case TYPE_UINT:
		fprintf(t->file, "%llu", (unsigned long long)v->u);
		return;
	case TYPE_TIME:
		time_text(time, v->u);
		fputs(time, t->file);
		return;
	case TYPE_WORD:
		fputs(rule->word[v->u], t->file);
		return;
	case TYPE_TEXT:
	case TYPE_LABEL:
	case TYPE_ITEM:
	case TYPE_PLACE:
	case TYPE_PERIOD:
		put_safe(t->file, (const char *)v->p, v->n);
		return;
	case TYPE_TAG:
	case TYPE_PARTY:
	case TYPE_KEY:
	case TYPE_BYTES:
	case TYPE_ID:
	case TYPE_SHA:
	case TYPE_SIG:
		put_bytes(t, rule, v);
		return;
	case TYPE_LINES:
	case TYPE_LINES0:
		put_goods(t->file, v);
		return;
	case TYPE_MONEY:
	case TYPE_MONEY0:
		put_money(t->file, v);
		return;
	case TYPE_POSITION:
	case TYPE_POSITIONS:
		put_positions(t->file, v, rule->type);
		return;
	case TYPE_IDS:
	case TYPE_KEYS:
		put_ids(t->file, v);
		return;
	case TYPE_ADDRESSES:
		put_addresses(t->file, v);
		return;
	case TYPE_FACTS:
		put_facts(t, v);
		return;
	}
}

void tell_fact(FILE *file, struct desk *d, const struct pubkey *author,
	       enum fact fact, const struct value *v)
{
	const struct teller t = { file, d, author };

	put(&t, fact_rule(fact), v);
}

/* What a list has no room for. */
static bool is_machinery(enum fact_type type)
{
	return type == TYPE_BYTES || type == TYPE_SHA || type == TYPE_SIG;
}

void tell_line(FILE *file, struct desk *d, const struct pubkey *author,
	       const struct record *rec)
{
	const char *before = "";

	for (unsigned k = 0; k < FACT_LIMIT; k++) {
		const struct fact_rule *rule = fact_rule(k);
		const struct value *v = &rec->v[k];

		if (rule == NULL || !record_has(rec, k) ||
		    is_machinery(rule->type) || k == FACT_KEY)
			continue;
		fputs(before, file);
		before = "  ";
		/* Goods speak for themselves. */
		if (k != FACT_LINES && k != FACT_COUNTED)
			fprintf(file, "%s ", rule->name);
		if (rule->type == TYPE_ID)
			put_hex(file, v->p, 8);
		else
			tell_fact(file, d, author, k, v);
	}
}

void tell_all(FILE *file, struct desk *d, const struct pubkey *author,
	      const struct record *rec)
{
	for (unsigned k = 0; k < FACT_LIMIT; k++) {
		const struct fact_rule *rule = fact_rule(k);

		if (rule == NULL || !record_has(rec, k))
			continue;
		fprintf(file, "  %-12s ", rule->name);
		tell_fact(file, d, author, k, &rec->v[k]);
		fputc('\n', file);
	}
}
