#ifndef PROTO_FACT_H
#define PROTO_FACT_H

#include "proto/type.h"

#include <stddef.h>
#include <stdint.h>

/*
 * fact -- the dictionary of facts: a number, a name, a type and a maximum.
 *
 * The numbers are the same in every kind, so one row describes a fact wherever
 * it stands.  Names are those of JSON, of `maillon correct --set` and of the
 * table in PROTOCOL.md, which a test compares with this one.
 *
 * PROTOCOL.md, "Facts": odd numbers are critical.  A record with an unknown
 * odd fact is kept and never counted; an unknown even fact is ignored.
 */

/* Numbers of PROTOCOL.md, "Facts". */
enum fact {
	FACT_FOR = 1,
	FACT_WHEN = 2,
	FACT_KEY = 3,
	FACT_DOC = 4,
	FACT_ORPHAN = 5,
	FACT_NOTE = 6,
	FACT_IDENTITY = 7,
	FACT_TRANSPORT = 8,
	FACT_CERT = 9,
	FACT_AFTER = 10,
	FACT_CHARTER = 11,
	FACT_ADDRESSES = 12,
	FACT_WHO = 13,
	FACT_NAME = 14,
	FACT_ROLE = 15,
	FACT_LABEL = 16,
	FACT_LINES = 17,
	FACT_PLACE = 18,
	FACT_MAY_ADMIT = 19,
	FACT_UNIT = 20,
	FACT_ADMITS = 21,
	FACT_GRAMS = 22,
	FACT_PINS = 23,
	FACT_SERIAL = 24,
	FACT_REPLACES = 25,
	FACT_FILE = 26,
	FACT_SUCCESSOR = 27,
	FACT_LICENCE = 28,
	FACT_PROOF = 29,
	FACT_LINK = 30,
	FACT_POSITION = 31,
	FACT_REASON = 32,
	FACT_ENROLLED = 33,
	FACT_REJECTED = 34,
	FACT_ITEM = 35,
	FACT_LOT = 36,
	FACT_CLASS = 37,
	FACT_PRINTER = 38,
	FACT_BOM = 39,
	FACT_SECONDS = 40,
	FACT_VERDICT = 41,
	FACT_SOURCE = 42,
	FACT_USE = 43,
	FACT_NUMBER = 44,
	FACT_TO = 45,
	FACT_FROM = 46,
	FACT_BY = 47,
	FACT_VALUE = 48,
	FACT_FINAL = 49,
	FACT_NOTICE = 50,
	FACT_DELIVER = 51,
	FACT_CARE = 52,
	FACT_ACCEPTED = 53,
	FACT_UNTIL = 54,
	FACT_REFUSED = 55,
	FACT_VERIFIED_BY = 56,
	FACT_PAPER = 57,
	FACT_GOAL = 58,
	FACT_RECEIPT_KEY = 59,
	FACT_PURPOSE = 60,
	FACT_RECEIPT_SIG = 61,
	FACT_DONOR = 62,
	FACT_COUNTED = 63,
	FACT_PAYEE = 64,
	FACT_FOUND = 65,
	FACT_SOURCE_REF = 66,
	FACT_MISSING = 67,
	FACT_HOURS = 68,
	FACT_OUTSIDER = 69,
	FACT_KM = 70,
	FACT_REQUEST = 71,
	FACT_GOAL_LINES = 72,
	FACT_QTY = 73,
	FACT_PERIOD = 74,
	FACT_AMOUNT = 75,
	FACT_OPENING = 76,
	FACT_FUND = 77,
	FACT_CLOSING = 78,
	FACT_CAMPAIGN = 79,
	FACT_CAUSE = 80,
	FACT_IN_KIND = 81,
	FACT_BALANCES = 82,
	FACT_WAIVED = 83,
	FACT_CATEGORY = 85,
	FACT_TARGET = 87,
	FACT_WHY = 89,
	FACT_FACTS = 91,
	FACT_RUNS = 93,
	FACT_SIZE = 95,
	FACT_ROOT = 97,
	FACT_NOTE_SIG = 99,
	FACT_ORIGIN = 101,
	FACT_COSIGNED_MS = 103,
	FACT_FEEDS = 105,
	FACT_SERVICE = 107,
	FACT_LIMIT = 108 /* one above the last */
};

/* Roles of FACT_ROLE, in the order of its words. */
enum role {
	ROLE_MAKER,
	ROLE_COURIER,
	ROLE_RECIPIENT,
	ROLE_ASSOCIATION,
	ROLE_TREASURER,
	ROLE_AUDITOR
};

/* Words of FACT_WHY: why a record is corrected. */
enum why { WHY_DID_NOT_OCCUR, WHY_INCORRECT_DATA };

struct fact_rule {
	uint8_t key;
	const char *name; /* as in JSON; NULL for a number not in use */
	enum fact_type type;
	uint64_t max;            /* of a number, or bytes of a text */
	const char *const *word; /* TYPE_WORD: the words, NULL-terminated */
};

/* fact_rule: the row of a number, NULL when it is not in use. */
const struct fact_rule *fact_rule(unsigned key);

/* fact_named: the row of a name of n bytes, or NULL. */
const struct fact_rule *fact_named(const char *name, size_t n);

/* word_index: which word of a TYPE_WORD fact it is, or -1. */
int word_index(unsigned key, const char *word, size_t n);

#endif
