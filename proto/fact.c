#include "proto/fact.h"

#include "proto/limit.h"

#include <string.h>

static const char *const roles[] = { "maker",       "courier",   "recipient",
				     "association", "treasurer", "auditor",
				     NULL };
static const char *const classes[] = { "product", "part", "material", "service",
				       NULL };
static const char *const verdicts[] = { "approved", "rejected", "withdrawn",
					NULL };
static const char *const sources[] = { "declared", "inferred", "reported",
				       "measured", NULL };
static const char *const cares[] = { "carer", "other", NULL };
static const char *const causes[] = { "copied-machine", "dishonesty", NULL };
static const char *const categories[] = { "mission", "fundraising", "running",
					  NULL };
static const char *const whys[] = { "did-not-occur", "incorrect-data", NULL };
static const char *const yesno[] = { "no", "yes", NULL };

/* Indexed by number, so a row can be neither lost nor doubled. */
static const struct fact_rule rules[FACT_LIMIT] = {
	[FACT_FOR] = { FACT_FOR, "for", TYPE_TAG, 0, NULL },
	[FACT_WHEN] = { FACT_WHEN, "when", TYPE_TIME, 0, NULL },
	[FACT_KEY] = { FACT_KEY, "key", TYPE_TAG, 0, NULL },
	[FACT_DOC] = { FACT_DOC, "doc", TYPE_SHA, 0, NULL },
	[FACT_ORPHAN] = { FACT_ORPHAN, "orphan", TYPE_ID, 0, NULL },
	[FACT_NOTE] = { FACT_NOTE, "note", TYPE_SHA, 0, NULL },
	[FACT_IDENTITY] = { FACT_IDENTITY, "identity", TYPE_KEY, 0, NULL },
	[FACT_TRANSPORT] = { FACT_TRANSPORT, "transport", TYPE_KEY, 0, NULL },
	[FACT_CERT] = { FACT_CERT, "cert", TYPE_SIG, 0, NULL },
	[FACT_AFTER] = { FACT_AFTER, "after", TYPE_POSITION, 0, NULL },
	[FACT_CHARTER] = { FACT_CHARTER, "charter", TYPE_BYTES, LIMIT_CHARTER,
			   NULL },
	[FACT_ADDRESSES] = { FACT_ADDRESSES, "addresses", TYPE_ADDRESSES,
			     LIMIT_ADDRESS, NULL },
	[FACT_WHO] = { FACT_WHO, "who", TYPE_KEY, 0, NULL },
	[FACT_NAME] = { FACT_NAME, "name", TYPE_TEXT, LIMIT_NAME, NULL },
	[FACT_ROLE] = { FACT_ROLE, "role", TYPE_WORD, 0, roles },
	[FACT_LABEL] = { FACT_LABEL, "label", TYPE_LABEL, 0, NULL },
	[FACT_LINES] = { FACT_LINES, "lines", TYPE_LINES, 0, NULL },
	[FACT_PLACE] = { FACT_PLACE, "place", TYPE_PLACE, 0, NULL },
	[FACT_MAY_ADMIT] = { FACT_MAY_ADMIT, "may_admit", TYPE_WORD, 0, yesno },
	[FACT_UNIT] = { FACT_UNIT, "unit", TYPE_TEXT, 16, NULL },
	[FACT_ADMITS] = { FACT_ADMITS, "admits", TYPE_IDS, 0, NULL },
	[FACT_GRAMS] = { FACT_GRAMS, "grams", TYPE_UINT, LIMIT_QTY, NULL },
	[FACT_PINS] = { FACT_PINS, "pins", TYPE_POSITIONS, 0, NULL },
	[FACT_SERIAL] = { FACT_SERIAL, "serial", TYPE_TEXT, 32, NULL },
	[FACT_REPLACES] = { FACT_REPLACES, "replaces", TYPE_ID, 0, NULL },
	[FACT_FILE] = { FACT_FILE, "file", TYPE_SHA, 0, NULL },
	[FACT_SUCCESSOR] = { FACT_SUCCESSOR, "successor", TYPE_KEY, 0, NULL },
	[FACT_LICENCE] = { FACT_LICENCE, "licence", TYPE_TEXT, 64, NULL },
	[FACT_PROOF] = { FACT_PROOF, "proof", TYPE_SIG, 0, NULL },
	[FACT_LINK] = { FACT_LINK, "link", TYPE_TEXT, 256, NULL },
	[FACT_POSITION] = { FACT_POSITION, "position", TYPE_POSITION, 0, NULL },
	[FACT_REASON] = { FACT_REASON, "reason", TYPE_TEXT, LIMIT_REASON,
			  NULL },
	[FACT_ENROLLED] = { FACT_ENROLLED, "enrolled", TYPE_KEYS, 0, NULL },
	[FACT_REJECTED] = { FACT_REJECTED, "rejected", TYPE_UINT, LIMIT_QTY,
			    NULL },
	[FACT_ITEM] = { FACT_ITEM, "item", TYPE_ITEM, 0, NULL },
	[FACT_LOT] = { FACT_LOT, "lot", TYPE_TEXT, 32, NULL },
	[FACT_CLASS] = { FACT_CLASS, "class", TYPE_WORD, 0, classes },
	[FACT_PRINTER] = { FACT_PRINTER, "printer", TYPE_TEXT, 32, NULL },
	[FACT_BOM] = { FACT_BOM, "bom", TYPE_LINES, 0, NULL },
	[FACT_SECONDS] = { FACT_SECONDS, "seconds", TYPE_UINT, LIMIT_QTY,
			   NULL },
	[FACT_VERDICT] = { FACT_VERDICT, "verdict", TYPE_WORD, 0, verdicts },
	[FACT_SOURCE] = { FACT_SOURCE, "source", TYPE_WORD, 0, sources },
	[FACT_USE] = { FACT_USE, "use", TYPE_LINES, 0, NULL },
	[FACT_NUMBER] = { FACT_NUMBER, "number", TYPE_TEXT, 32, NULL },
	[FACT_TO] = { FACT_TO, "to", TYPE_PARTY, 0, NULL },
	[FACT_FROM] = { FACT_FROM, "from", TYPE_PARTY, 0, NULL },
	[FACT_BY] = { FACT_BY, "by", TYPE_PARTY, 0, NULL },
	[FACT_VALUE] = { FACT_VALUE, "value", TYPE_MONEY, 0, NULL },
	[FACT_FINAL] = { FACT_FINAL, "final", TYPE_WORD, 0, yesno },
	[FACT_NOTICE] = { FACT_NOTICE, "notice", TYPE_SHA, 0, NULL },
	[FACT_DELIVER] = { FACT_DELIVER, "deliver", TYPE_ID, 0, NULL },
	[FACT_CARE] = { FACT_CARE, "care", TYPE_WORD, 0, cares },
	[FACT_ACCEPTED] = { FACT_ACCEPTED, "accepted", TYPE_LINES, 0, NULL },
	[FACT_UNTIL] = { FACT_UNTIL, "until", TYPE_TIME, 0, NULL },
	[FACT_REFUSED] = { FACT_REFUSED, "refused", TYPE_LINES, 0, NULL },
	[FACT_VERIFIED_BY] = { FACT_VERIFIED_BY, "verified_by", TYPE_PARTY, 0,
			       NULL },
	[FACT_PAPER] = { FACT_PAPER, "paper", TYPE_SHA, 0, NULL },
	[FACT_GOAL] = { FACT_GOAL, "goal", TYPE_MONEY, 0, NULL },
	[FACT_RECEIPT_KEY] = { FACT_RECEIPT_KEY, "receipt_key", TYPE_KEY, 0,
			       NULL },
	[FACT_PURPOSE] = { FACT_PURPOSE, "purpose", TYPE_TEXT, 64, NULL },
	[FACT_RECEIPT_SIG] = { FACT_RECEIPT_SIG, "receipt_sig", TYPE_SIG, 0,
			       NULL },
	[FACT_DONOR] = { FACT_DONOR, "donor", TYPE_SHA, 0, NULL },
	[FACT_COUNTED] = { FACT_COUNTED, "counted", TYPE_LINES0, 0, NULL },
	[FACT_PAYEE] = { FACT_PAYEE, "payee", TYPE_SHA, 0, NULL },
	[FACT_FOUND] = { FACT_FOUND, "found", TYPE_LINES, 0, NULL },
	[FACT_SOURCE_REF] = { FACT_SOURCE_REF, "source_ref", TYPE_TEXT, 64,
			      NULL },
	[FACT_MISSING] = { FACT_MISSING, "missing", TYPE_LINES, 0, NULL },
	[FACT_HOURS] = { FACT_HOURS, "hours", TYPE_UINT, LIMIT_QTY, NULL },
	[FACT_OUTSIDER] = { FACT_OUTSIDER, "outsider", TYPE_TAG, 0, NULL },
	[FACT_KM] = { FACT_KM, "km", TYPE_UINT, LIMIT_QTY, NULL },
	[FACT_REQUEST] = { FACT_REQUEST, "request", TYPE_ID, 0, NULL },
	[FACT_GOAL_LINES] = { FACT_GOAL_LINES, "goal_lines", TYPE_LINES, 0,
			      NULL },
	[FACT_QTY] = { FACT_QTY, "qty", TYPE_UINT, LIMIT_QTY, NULL },
	[FACT_PERIOD] = { FACT_PERIOD, "period", TYPE_PERIOD, 0, NULL },
	[FACT_AMOUNT] = { FACT_AMOUNT, "amount", TYPE_MONEY, 0, NULL },
	[FACT_OPENING] = { FACT_OPENING, "opening", TYPE_MONEY0, 0, NULL },
	[FACT_FUND] = { FACT_FUND, "fund", TYPE_LABEL, 0, NULL },
	[FACT_CLOSING] = { FACT_CLOSING, "closing", TYPE_MONEY0, 0, NULL },
	[FACT_CAMPAIGN] = { FACT_CAMPAIGN, "campaign", TYPE_LABEL, 0, NULL },
	[FACT_CAUSE] = { FACT_CAUSE, "cause", TYPE_WORD, 0, causes },
	[FACT_IN_KIND] = { FACT_IN_KIND, "in_kind", TYPE_LINES, 0, NULL },
	[FACT_BALANCES] = { FACT_BALANCES, "balances", TYPE_SHA, 0, NULL },
	[FACT_WAIVED] = { FACT_WAIVED, "waived", TYPE_WORD, 0, yesno },
	[FACT_CATEGORY] = { FACT_CATEGORY, "category", TYPE_WORD, 0,
			    categories },
	[FACT_TARGET] = { FACT_TARGET, "target", TYPE_ID, 0, NULL },
	[FACT_WHY] = { FACT_WHY, "why", TYPE_WORD, 0, whys },
	[FACT_FACTS] = { FACT_FACTS, "facts", TYPE_FACTS, 0, NULL },
	[FACT_RUNS] = { FACT_RUNS, "runs", TYPE_POSITIONS, 0, NULL },
	[FACT_SIZE] = { FACT_SIZE, "size", TYPE_UINT, LIMIT_SEQ, NULL },
	[FACT_ROOT] = { FACT_ROOT, "root", TYPE_SHA, 0, NULL },
	[FACT_NOTE_SIG] = { FACT_NOTE_SIG, "note_sig", TYPE_SIG, 0, NULL },
	[FACT_ORIGIN] = { FACT_ORIGIN, "origin", TYPE_TEXT, 160, NULL },
	[FACT_COSIGNED_MS] = { FACT_COSIGNED_MS, "cosigned", TYPE_TIME, 0,
			       NULL },
	[FACT_FEEDS] = { FACT_FEEDS, "feeds", TYPE_KEYS, 0, NULL },
	[FACT_SERVICE] = { FACT_SERVICE, "service", TYPE_WORD, 0, yesno },
};

const struct fact_rule *fact_rule(unsigned key)
{
	if (key >= FACT_LIMIT || rules[key].name == NULL)
		return NULL;
	return &rules[key];
}

static int same(const char *word, const char *p, size_t n)
{
	return strlen(word) == n && memcmp(word, p, n) == 0;
}

const struct fact_rule *fact_named(const char *name, size_t n)
{
	for (unsigned i = 0; i < FACT_LIMIT; i++)
		if (rules[i].name != NULL && same(rules[i].name, name, n))
			return &rules[i];
	return NULL;
}

int word_index(unsigned key, const char *word, size_t n)
{
	const struct fact_rule *rule = fact_rule(key);

	if (rule == NULL || rule->word == NULL)
		return -1;
	for (int i = 0; rule->word[i] != NULL; i++)
		if (same(rule->word[i], word, n))
			return i;
	return -1;
}
