#include "proto/kind.h"

#include "proto/fact.h"
#include "proto/limit.h"

#include <string.h>

#define F(x) FACT_##x

/* Indexed by number, so a row can be neither lost nor doubled.  One kind a
 * paragraph, which clang-format would pull apart: what it needs, what it may
 * have. */
/* clang-format off */
static const struct kind_rule rules[KIND_RESOLVE + 1] = {
	[KIND_OPEN] = { KIND_OPEN, "open", true, false,
		{ F(IDENTITY), F(TRANSPORT), F(CERT) },
		{ F(AFTER), F(CHARTER) } },
	[KIND_ADDRESS] = { KIND_ADDRESS, "address", true, false,
		{ F(ADDRESSES) },
		{ 0 } },
	[KIND_ROTATE] = { KIND_ROTATE, "rotate", true, false,
		{ F(WHO), F(IDENTITY), F(SUCCESSOR) },
		{ F(PROOF), F(CERT), F(FEEDS), F(PINS), F(REASON) } },
	[KIND_END] = { KIND_END, "end", true, false,
		{ F(POSITION), F(PROOF) },
		{ 0 } },
	[KIND_CHARTER] = { KIND_CHARTER, "charter", true, false,
		{ F(CHARTER) },
		{ F(NUMBER) } },
	[KIND_ADMIT] = { KIND_ADMIT, "admit", true, false,
		{ F(WHO), F(ROLE), F(LABEL), F(PLACE) },
		{ F(NAME), F(MAY_ADMIT), F(REPLACES) } },
	[KIND_DISMISS] = { KIND_DISMISS, "dismiss", true, false,
		{ F(WHO), F(ADMITS) },
		{ F(PINS), F(REASON) } },
	[KIND_RELEASE] = { KIND_RELEASE, "release", true, false,
		{ F(WHO), F(POSITION) },
		{ F(NUMBER), F(REASON) } },
	[KIND_KEYS] = { KIND_KEYS, "keys", true, false,
		{ F(WHO), F(ENROLLED) },
		{ 0 } },
	[KIND_PARTY] = { KIND_PARTY, "party", true, false,
		{ F(OUTSIDER), F(NAME) },
		{ F(PLACE) } },
	[KIND_ITEM] = { KIND_ITEM, "item", false, true,
		{ F(ITEM) },
		{ F(NAME), F(UNIT), F(GRAMS), F(CLASS), F(BOM), F(SERIAL) } },
	[KIND_DESIGN] = { KIND_DESIGN, "design", false, true,
		{ F(ITEM), F(FILE) },
		{ F(LICENCE), F(LINK) } },
	[KIND_APPROVE] = { KIND_APPROVE, "approve", false, true,
		{ F(ITEM), F(VERDICT) },
		{ F(REASON), F(TARGET) } },
	[KIND_REQUEST] = { KIND_REQUEST, "request", false, true,
		{ F(LINES), F(PLACE) },
		{ F(CARE), F(UNTIL), F(VERIFIED_BY) } },
	[KIND_PLEDGE] = { KIND_PLEDGE, "pledge", false, true,
		{ F(REQUEST), F(QTY) },
		{ F(UNTIL) } },
	[KIND_PRODUCE] = { KIND_PRODUCE, "produce", false, true,
		{ F(LINES) },
		{ F(REJECTED), F(LOT), F(PRINTER), F(GRAMS), F(SECONDS),
		  F(USE), F(SOURCE), F(SERIAL) } },
	[KIND_DELIVER] = { KIND_DELIVER, "deliver", false, true,
		{ F(LINES), F(TO), F(FINAL) },
		{ F(BY), F(NUMBER), F(REQUEST), F(LOT), F(SERIAL),
		  F(SERVICE) } },
	[KIND_RECEIVE] = { KIND_RECEIVE, "receive", false, true,
		{ F(DELIVER) },
		{ F(FROM), F(FINAL), F(ACCEPTED), F(REFUSED), F(REASON),
		  F(NOTICE), F(PAPER), F(NUMBER), F(RECEIPT_KEY),
		  F(RECEIPT_SIG) } },
	[KIND_LOSE] = { KIND_LOSE, "lose", false, true,
		{ F(LINES), F(REASON) },
		{ F(DELIVER), F(LOT) } },
	[KIND_COUNT] = { KIND_COUNT, "count", false, true,
		{ F(COUNTED) },
		{ F(FOUND), F(MISSING), F(REASON) } },
	[KIND_SUPPLY] = { KIND_SUPPLY, "supply", false, true,
		{ F(LINES) },
		{ F(FROM), F(VALUE), F(LOT), F(NUMBER) } },
	[KIND_CAMPAIGN] = { KIND_CAMPAIGN, "campaign", false, true,
		{ F(CAMPAIGN) },
		{ F(NAME), F(GOAL), F(GOAL_LINES), F(PURPOSE), F(UNTIL) } },
	[KIND_DONATE] = { KIND_DONATE, "donate", false, true,
		{ F(AMOUNT) },
		{ F(SOURCE_REF), F(FUND), F(CAMPAIGN), F(DELIVER),
		  F(DONOR), F(IN_KIND), F(WAIVED), F(HOURS), F(KM),
		  F(PURPOSE) } },
	[KIND_SPEND] = { KIND_SPEND, "spend", false, true,
		{ F(AMOUNT), F(PURPOSE) },
		{ F(PAYEE), F(FUND), F(CATEGORY) } },
	[KIND_BANK] = { KIND_BANK, "bank", false, true,
		{ F(PERIOD), F(OPENING), F(CLOSING) },
		{ 0 } },
	[KIND_CORRECT] = { KIND_CORRECT, "correct", false, true,
		{ F(TARGET), F(WHY) },
		{ F(FACTS), F(REASON) } },
	[KIND_PERIOD] = { KIND_PERIOD, "period", false, true,
		{ F(PERIOD), F(BALANCES), F(RUNS) },
		{ 0 } },
	[KIND_ATTACH] = { KIND_ATTACH, "attach", false, true,
		{ F(TARGET), F(DOC) },
		{ 0 } },
	[KIND_ATTEST] = { KIND_ATTEST, "attest", false, false,
		{ F(RUNS) },
		{ 0 } },
	[KIND_CHECKPOINT] = { KIND_CHECKPOINT, "checkpoint", false, false,
		{ F(SIZE), F(ROOT), F(NOTE_SIG) },
		{ F(AFTER) } },
	[KIND_COSIGN] = { KIND_COSIGN, "cosign", false, false,
		{ F(ORIGIN), F(SIZE), F(ROOT), F(COSIGNED_MS), F(NOTE_SIG) },
		{ 0 } },
	[KIND_RESOLVE] = { KIND_RESOLVE, "resolve", true, false,
		{ F(POSITION), F(CAUSE) },
		{ F(PROOF) } },
};
/* clang-format on */

#undef F

enum { RULES = sizeof(rules) / sizeof(rules[0]) };

const struct kind_rule *kind_rule(uint32_t kind)
{
	if (kind >= RULES || rules[kind].name == NULL)
		return NULL;
	return &rules[kind];
}

const struct kind_rule *kind_named(const char *name, size_t n)
{
	for (size_t i = 0; i < RULES; i++)
		if (rules[i].name != NULL && strlen(rules[i].name) == n &&
		    memcmp(rules[i].name, name, n) == 0)
			return &rules[i];
	return NULL;
}

bool kind_needs(const struct kind_rule *rule, unsigned key)
{
	for (size_t i = 0; i < sizeof(rule->need) && rule->need[i] != 0; i++)
		if (rule->need[i] == key)
			return true;
	return false;
}

bool kind_takes(const struct kind_rule *rule, unsigned key)
{
	if (kind_needs(rule, key))
		return true;
	for (size_t i = 0; i < sizeof(rule->may) && rule->may[i] != 0; i++)
		if (rule->may[i] == key)
			return true;
	return rule->is_recorded && key >= FACT_FOR && key <= FACT_NOTE;
}

/* PROTOCOL: Of corrections of corrections the first 256 count, of a delivery
 * the first 16, one after the other */
unsigned kind_versions(uint32_t kind)
{
	return kind == KIND_DELIVER ? LIMIT_SENDINGS : LIMIT_VERSIONS;
}
