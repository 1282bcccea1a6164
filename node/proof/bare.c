#include "node/proof/bare.h"

#include "crypto/bytes.h"
#include "node/text/say.h"

#include <inttypes.h>
#include <time.h>

static void put_lines(FILE *file, const struct record *rec, enum fact f)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(rec, f, lines);

	for (size_t i = 0; i < n; i++) {
		fprintf(file, "%s%" PRIu64 " ", i == 0 ? "" : ", ",
			lines[i].qty);
		put_safe(file, lines[i].item, lines[i].item_n);
	}
}

static void put_money(FILE *file, const struct record *rec, enum fact f)
{
	uint64_t minor = 0;
	char currency[4] = "";

	record_money(rec, f, &minor, currency);
	fprintf(file, "%" PRIu64 ".%02" PRIu64 " %s", minor / 100, minor % 100,
		currency);
}

static void put_time(FILE *file, uint64_t time_ms)
{
	char text[32] = "?";
	time_t t = (time_t)(time_ms / 1000);
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fputs(text, file);
}

/* The beginning of something that is only told from others by it. */
static void put_digits(FILE *file, const struct value *v)
{
	char hex[HEX_SIZE(8)];

	hex_encode(hex, v->p, v->n < 8 ? v->n : 8);
	fprintf(file, "%s%s", hex, v->n > 8 ? "..." : "");
}

static void put_value(FILE *file, const struct record *rec,
		      const struct fact_rule *rule)
{
	const struct value *v = &rec->v[rule->key];

	switch (rule->type) {
	case TYPE_UINT:
		fprintf(file, "%" PRIu64, v->u);
		break;
	case TYPE_TIME:
		put_time(file, v->u);
		break;
	case TYPE_WORD:
		fputs(rule->word[v->u], file);
		break;
	case TYPE_TEXT:
	case TYPE_LABEL:
	case TYPE_ITEM:
	case TYPE_PLACE:
	case TYPE_PERIOD:
		put_safe(file, (const char *)v->p, v->n);
		break;
	case TYPE_LINES:
	case TYPE_LINES0:
		put_lines(file, rec, (enum fact)rule->key);
		break;
	case TYPE_MONEY:
	case TYPE_MONEY0:
		put_money(file, rec, (enum fact)rule->key);
		break;
	case TYPE_BYTES:
	case TYPE_TAG:
	case TYPE_ID:
	case TYPE_KEY:
	case TYPE_SHA:
	case TYPE_SIG:
	case TYPE_PARTY:
	case TYPE_POSITION:
	case TYPE_POSITIONS:
	case TYPE_IDS:
	case TYPE_KEYS:
	case TYPE_ADDRESSES:
	case TYPE_FACTS:
		put_digits(file, v);
		break;
	}
}

/* What is committed to, and what makes a command repeatable, say nothing. */
static bool is_closed(enum fact f)
{
	return f == FACT_NOTE || f == FACT_DONOR || f == FACT_PAYEE ||
	       f == FACT_KEY;
}

void bare_facts(FILE *file, const struct record *rec)
{
	for (unsigned f = 0; f < FACT_LIMIT; f++) {
		const struct fact_rule *rule = fact_rule(f);

		if (rule == NULL || !record_has(rec, (enum fact)f) ||
		    is_closed((enum fact)f))
			continue;
		fprintf(file, "  %-10s ", rule->name);
		put_value(file, rec, rule);
		fputc('\n', file);
	}
}
